"""Every kind of answer and of report block in a real browser: read by everybody, on every screen, and never HTML."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from core import events
from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import MetricWords
from tests import gallery, shelf
from tests.browser import SIZES
from tests.making import lock_held, run_with
from ui import shell
from ui.pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

DRAW = """async (sections) => {
  const { section } = await import(new URL("./tunesmith/report.js", document.baseURI).href);
  document.querySelector("#blocks").append(...sections.map((one) => section(one)));
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery and the page of a run, served from this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("gallery")))
        studio = Studio()
        run_page = next(page for page in PAGES if page.path == "run")
        demo = shell.build(studio, [gallery.page(), run_page])
        served = shell.launch(demo, studio)
    yield served.rstrip("/")
    demo.close(verbose=False)
    studio.close()


def window(browser: Browser, address: str, theme: str = "light", size: str = "desktop") -> Iterator[Page]:
    """A window that asks no other host, and in which no script may fail."""
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)
    foreign: list[str] = []
    thrown: list[str] = []
    context = browser.new_context(
        base_url=address, color_scheme="dark" if theme == "dark" else "light", viewport=SIZES[size], locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(shelf.PATIENCE)
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.on("dialog", lambda dialog: (thrown.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda asked: foreign.append(asked.url) if is_foreign(asked.url, address) else None)
    yield page
    context.close()
    assert not foreign and not thrown, (foreign, thrown)


def is_foreign(url: str, address: str) -> bool:
    return url.startswith("http") and urlsplit(url).netloc != urlsplit(address).netloc


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    yield from window(browser, address)


@pytest.fixture
def dressed(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    yield from window(browser, address, *request.param)


def card(page: Page, title: str) -> Locator:
    return page.locator(".nr-card").filter(has=page.get_by_role("heading", name=title, exact=True))


def draw_blocks(page: Page) -> None:
    """The report blocks of the gallery, drawn by the page's own script."""
    page.locator("#blocks").wait_for(state="attached")
    page.evaluate(DRAW, gallery.sections())


def serious(page: Page) -> list[str]:
    """What axe-core finds to be a serious or critical hindrance, with where it stands."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.browser
@pytest.mark.parametrize(
    "dressed",
    [("light", "desktop"), ("dark", "desktop"), ("light", "phone"), ("dark", "phone")],
    ids="-".join,
    indirect=True,
)
def test_every_kind_is_read_by_everybody_on_every_screen(dressed: Page) -> None:
    from playwright.sync_api import expect

    page = dressed
    page.goto("/")
    for title, _, _ in gallery.ANSWERS:
        expect(card(page, title)).to_be_visible()
    draw_blocks(page)
    page.locator(".ts-scatter").scroll_into_view_if_needed()  # a plot is drawn when somebody comes near it
    expect(page.locator(".ts-scatter .scatterlayer .trace")).to_have_count(2)
    for fold in page.locator("summary").all():
        fold.click()
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert serious(page) == []


@pytest.mark.browser
def test_a_moved_threshold_decides_at_once(page: Page) -> None:
    from playwright.sync_api import expect

    page.goto("/")
    several = card(page, "Several labels")
    chips = several.locator(".nr-chip")
    expect(chips).to_have_text(["billing", "delivery"])
    praise = several.get_by_role("slider", name="Threshold of praise")
    expect(praise).to_have_attribute("aria-valuetext", "62.0 %, not chosen")
    praise.fill("0.37")
    expect(chips).to_have_text(["billing", "delivery", "praise"])
    expect(praise).to_have_attribute("aria-valuetext", "37.0 %, chosen")
    praise.press("ArrowRight")  # the probability is 37.25 %
    expect(chips).to_have_text(["billing", "delivery"])
    for label in ("billing", "delivery"):
        several.get_by_role("slider", name=f"Threshold of {label}").press("End")
    expect(several.locator(".nr-chosen")).to_have_text("none of them")
    several.get_by_role("slider", name=f"Threshold of {gallery.NASTY}").press("Home")
    expect(chips).to_have_text([gallery.NASTY])
    assert page.locator("img").count() == 0
    several.get_by_role("button", name="Back to the tuned thresholds").click()
    expect(chips).to_have_text(["billing", "delivery"])
    expect(praise).to_have_attribute("aria-valuetext", "62.0 %, not chosen")


@pytest.mark.browser
def test_pieces_keep_their_text(page: Page) -> None:
    from playwright.sync_api import expect

    page.goto("/")
    marks = card(page, "Pieces of a text").locator("mark")
    expect(marks).to_have_count(8)  # one of the seven lies over the end of another and goes on behind it
    words = marks.evaluate_all(
        "found => found.map(one => { const copy = one.cloneNode(true);"
        "copy.querySelectorAll('small').forEach(name => name.remove()); return copy.textContent; })"
    )
    assert words[:5] == ["Angela Merkel", "Merkel", "Tim Cook of Apple", "Apple", " Inc."]
    assert words[5:] == ["Berlin", "22 November", "“the weather was fine”"]
    expect(card(page, "A reply")).to_contain_text("Hello. ${1 + 1} {{value}}")
    expect(card(page, "Gaps that are filled").locator("mark")).to_have_text(["Paris", "river"])


@pytest.mark.browser
def test_report_blocks_are_honest_and_whole(page: Page) -> None:
    from playwright.sync_api import expect

    page.goto("/")
    draw_blocks(page)
    perplexity, correlation = page.locator(".ts-scores > div").all()
    expect(perplexity.get_by_role("heading")).to_have_text("Perplexity smaller is better")
    expect(correlation.get_by_role("heading")).to_have_text("Correlation")
    widths = page.locator(".ts-meter > i").evaluate_all("bars => bars.map(bar => parseFloat(bar.style.width))")
    assert widths[0] == pytest.approx(100 * 24.1 / 812, abs=0.1) and widths[1] == 100
    # From -0.4 to 0.9: the bar of -0.2 ends where that of 0.8 begins.
    lefts = page.locator(".ts-meter > i").evaluate_all("bars => bars.map(bar => parseFloat(bar.style.left))")
    assert lefts[3] + widths[3] == pytest.approx(lefts[2], abs=0.1)

    plot = page.get_by_role("img", name="200 examples. Truth to the right, Answer upwards.")
    plot.scroll_into_view_if_needed()
    expect(plot.locator(".scatterlayer .trace")).to_have_count(2)
    ranges = plot.evaluate("node => [node._fullLayout.xaxis.range, node._fullLayout.yaxis.range]")
    assert ranges[0] == ranges[1]

    cards = page.locator(".ts-samples > li")
    expect(cards).to_have_count(4)
    page.get_by_role("button", name="Show all 6").click()
    expect(cards).to_have_count(6)
    expect(cards.first.locator("dt")).to_have_text(["Prompt", "Before training", "After training", "Reference"])
    end = cards.first.get_by_text("The end of 0.")
    expect(end).to_be_hidden()
    cards.first.locator("summary").click()
    expect(end).to_be_visible()


@pytest.mark.browser
def test_metrics_of_other_scales_and_directions_have_charts_of_their_own(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playwright.sync_api import expect

    name, task = next(iter(TASKS.items()))
    perplexity = MetricWords("perplexity", "Perplexity", "How surprised it is.", "number", greater_is_better=False)
    monkeypatch.setitem(TASKS, name, dataclasses.replace(task, metrics=(perplexity, *task.metrics)))
    checks = [
        events.Evaluated(
            step=step,
            epoch=step / 100,
            metrics={"loss": 3.0, "perplexity": 2000.0 / step, "accuracy": 0.5 + step / 1000},
            runtime_s=1.0,
            is_best=True,
        )
        for step in (50, 100, 150)
    ]
    planned = events.Planned(
        train_rows=100,
        validation_rows=10,
        test_rows=10,
        total_steps=300,
        num_train_epochs=3,
        parameters=1000,
        main_metric="perplexity",
    )
    happened = [one for one in shelf.training(150) if not isinstance(one, events.Evaluated | events.Planned)]
    run = run_with(happened[0], planned, *happened[1:], *checks)
    with lock_held(run.lock_path):
        page.goto(f"/run?id={run.id}")
        charts = page.locator(".ts-chart")
        expect(charts).to_have_count(3)
        expect(charts.nth(1)).to_contain_text("lower is better. Perplexity: how surprised it is.")
        expect(charts.nth(2)).to_contain_text("higher is better.")
        expect(page.locator(".ts-plot .scatterlayer .trace").nth(3)).to_be_visible()
        formats = page.evaluate(
            "[...document.querySelectorAll('.js-plotly-plot')].map(plot => plot._fullLayout.yaxis.tickformat)"
        )
        assert formats == ["", "", ".0%"]
        best = page.locator(".ts-tiles .ts-card").filter(has_text="Best perplexity")
        expect(best).to_contain_text("13.33")
        expect(best).to_contain_text("Smaller is better.")
        assert serious(page) == []
