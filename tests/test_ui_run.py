"""The page of one run, as a person sees it: live, judged, failed, interrupted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core import events
from core.errors import RunError
from core.events import EventLog
from core.orders import Kept
from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.making import lock_held, started
from ui.pages.run import number, one_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

OUT_OF_MEMORY = events.Failed(
    title="The machine ran out of memory.",
    advice="Halve the batch size.",
    cause="RuntimeError: <can't allocate>",
    remedy={"training.per_device_train_batch_size": 128, "training.learning_rate": 0.000004000000000000001},
)


def test_only_what_the_page_offers_is_asked_of_a_run() -> None:
    assert one_of(Kept, "last") == "last" and number("1,5") == 1.5
    with pytest.raises(RunError):
        one_of(Kept, "everything")
    with pytest.raises(RunError):
        number("many")


def serious(page: Page) -> list[str]:
    """What axe-core finds to be a serious or critical hindrance."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']}" for one in found if one["impact"] in ("serious", "critical")]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def points(page: Page) -> int:
    return int(page.evaluate("document.querySelector('.js-plotly-plot').data[0].x.length"))


def shown_range(page: Page) -> list[float]:
    found = page.evaluate("document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range")
    return [round(end, 3) for end in found]


@pytest.mark.browser
def test_a_running_run_draws_what_comes_keeps_the_zoom_and_stops(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "live one", *shelf.training(100))
    with lock_held(run.lock_path):
        page.goto(f"/run?id={run.id}")
        expect(page.get_by_role("heading", name="live one")).to_be_visible()
        expect(page.get_by_text("100 / 300")).to_be_visible()
        expect(page.get_by_text("about 3 min 20 s left")).to_be_visible()
        expect(page.locator("dl")).to_contain_text("84 examples/s")
        expect(page.locator(".ts-legend").first).to_contain_text("training 0.389")

        plot = page.locator(".ts-plot").first
        expect(plot.locator(".scatterlayer .trace").first).to_be_visible()
        box = plot.bounding_box()
        assert box
        page.mouse.move(box["x"] + 120, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + 260, box["y"] + 150, steps=5)
        page.mouse.up()
        expect(plot.get_by_role("button", name="Show all")).to_be_visible()
        zoomed, before = shown_range(page), points(page)

        log = EventLog(run.events_path)
        log.append(shelf.step_at(110))
        expect(page.get_by_text("110 / 300")).to_be_visible()
        assert points(page) == before + 1
        assert shown_range(page) == zoomed

        page.get_by_text("More", exact=True).click()
        page.get_by_role("button", name="Save a checkpoint now").click()
        expect(page.get_by_text("It is saved after the present step.")).to_be_visible()
        assert (run.path / "save").exists()
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("It rests after the present step.")).to_be_visible()
        log.append(events.Paused(step=110))
        expect(page.locator(".ts-badge:visible")).to_have_text("Paused")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".ts-badge:visible")).to_have_text("Running")
        assert not run.pause_path.exists()

        page.get_by_role("button", name="Stop training").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Stop now, and keep what?")
        expect(dialog).not_to_contain_text("no model to keep")
        assert not run.stop_path.exists()
        dialog.get_by_role("radio", name="Keep the model as it is now").check()
        dialog.get_by_role("button", name="Stop training").click()
        expect(page.locator(".ts-badge:visible")).to_have_text("Stopping")
        assert run.stop_path.read_text() == "last"
        page.reload()
        expect(page.locator(".ts-badge:visible")).to_have_text("Stopping")
        expect(page.get_by_role("button", name="Stopping")).to_be_disabled()
        expect(page.get_by_text("It ends after the present step and keeps the model as it is then.")).to_be_visible()
        log.append(events.Stopped(step=110, has_model=False))
        log.close()
    expect(page.locator(".ts-badge:visible")).to_have_text("Stopped")
    expect(page.get_by_role("button", name="Start again")).to_be_visible()


@pytest.mark.browser
def test_what_stands_at_the_top_acts_on_what_is_true_now(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "old name", started(), events.Phase(name="preparing", words="Reading the table"))
    with lock_held(run.lock_path):
        page.goto(f"/run?id={run.id}")
        page.get_by_role("button", name="Stop training").click()
        expect(page.get_by_role("dialog")).to_contain_text("there is no model to keep yet")
        page.get_by_role("button", name="Go on training").click()
        log = EventLog(run.events_path)
        for event in [*shelf.training(60)][2:]:
            log.append(event)
        expect(page.get_by_text("60 / 300")).to_be_visible()
        page.get_by_role("button", name="Stop training").click()
        expect(page.get_by_role("dialog")).to_contain_text("Keep the best model so far")
        page.get_by_role("button", name="Go on training").click()
        log.append(events.Stopped(step=60, has_model=False))
        log.close()
    expect(page.locator(".ts-badge:visible")).to_have_text("Stopped")
    expect(page.get_by_text("“Start again” begins from the start.")).to_be_visible()
    for old, new in (("old name", "new name"), ("new name", "newest name")):
        page.get_by_text("More", exact=True).click()
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("textbox", name="Name")).to_have_value(old)
        page.get_by_role("textbox", name="Name").fill(new)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=new)).to_be_visible()
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete “newest name”?")


@pytest.mark.browser
def test_a_first_check_and_the_log_can_be_read(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "one point", *shelf.training(50), events.Saved(step=50))
    with lock_held(run.lock_path):
        page.goto(f"/run?id={run.id}")
        expect(page.locator(".ts-plot .scatterlayer .trace").nth(1)).to_be_visible()
        low, high = page.evaluate("document.querySelectorAll('.js-plotly-plot')[1]._fullLayout.yaxis.range")
        assert 0 <= low < high <= 1.05 and high - low < 0.3
        page.locator(".ts-log > summary").click()
        log = page.get_by_role("list", name="What happened, newest last")
        expect(log).to_contain_text(re.compile(r"checked: loss 0\.\d+, Accuracy \d\d\.\d %, .*F1.* %"))
        expect(log).to_contain_text("learning rate 0.000042")
        expect(log).not_to_contain_text("f1_macro")
    expect(page.get_by_text("goes on from step 50, the last one that was saved")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "size"), [("light", "desktop"), ("dark", "phone")])
def test_a_judgement_is_read_first_and_by_everybody(app: RunningApp, new_page: NewPage, theme: str, size: str) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    mistake = "Who <img src=x onerror=alert(1)> is it?"
    run = shelf.put(app.home, "<b>judged</b>", *shelf.finished(), judged=shelf.report(mistake))
    page = new_page(theme=theme, size=size)
    page.goto(f"/run?id={run.id}")
    expect(page.get_by_role("heading", name="<b>judged</b>")).to_be_visible()
    expect(page.get_by_text("The model was right 75 % of the time.")).to_be_visible()
    expect(page.locator(".ts-score").first).to_contain_text("between")
    expect(page.get_by_role("rowheader", name=mistake)).to_be_visible()
    page.locator(".ts-matrix").scroll_into_view_if_needed()
    expect(page.locator(".ts-matrix .heatmaplayer")).to_be_visible()
    expect(page.get_by_role("heading", name="Try it")).to_be_visible()
    expect(page.get_by_role("button", name="Stop training")).to_have_count(0)
    assert page.title() == "<b>judged</b> · Finished · Tunesmith"
    assert overflow(page) <= 0
    assert serious(page) == []


@pytest.mark.browser
def test_a_failure_says_what_to_do_and_offers_it(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "failed one", *shelf.training(50), OUT_OF_MEMORY)
    page.goto(f"/run?id={run.id}")
    expect(page.get_by_role("heading", name="The machine ran out of memory.")).to_be_visible()
    expect(page.get_by_text("Halve the batch size.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again with batch size 128, learning rate 0.000004")).to_be_visible()
    cause = page.get_by_text("RuntimeError: <can't allocate>")
    expect(cause).to_be_hidden()
    page.get_by_text("Technical cause").click()
    expect(cause).to_be_visible()
    assert serious(page) == []


@pytest.mark.browser
def test_a_killed_worker_is_noticed_and_a_missing_run_too(app: RunningApp, page: Page) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)

    run = shelf.put(app.home, "cut off", started())
    with lock_held(run.lock_path) as worker:
        page.goto(f"/run?id={run.id}")
        expect(page.locator(".ts-badge:visible")).to_have_text("Running")
        worker.kill()
        expect(page.get_by_text("The training was cut off.")).to_be_visible(timeout=5000)
    expect(page.get_by_role("button", name="Start again").first).to_be_visible()
    page.goto("/run?id=2020-01-01-brave-otter")
    expect(page.get_by_role("heading", name=re.compile("There is no run"))).to_be_visible()
