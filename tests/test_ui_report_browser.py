"""A report of every kind of block in a real browser: on the run's page with the rows behind it, and taken away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.judging import kept, readings
from core.runs import Run
from core.studio import Studio
from tests import report_blocks, shelf
from tests.browser import SIZES
from tests.making import run_with
from tests.report_blocks import NASTY
from ui import shell
from ui.pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of a run, served from this process, which sees the home of the test that goes on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("served")))
        studio = Studio()
        demo = shell.build(studio, [page for page in PAGES if page.path == "run"])
        served = shell.launch(demo, studio)
    yield served.rstrip("/")
    demo.close(verbose=False)
    studio.close()


@pytest.fixture
def judged(address: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Run]:
    """The address, and a run with judged rows and a block of every kind."""
    import pyarrow as pa

    monkeypatch.setattr(readings, "READINGS", (report_blocks.READING,))
    run = run_with(*shelf.finished())
    (run.path / "report.json").write_text(json.dumps(shelf.report(NASTY) | {"planted": True}), encoding="utf-8")
    kept.write(run, "test", pa.table(report_blocks.judged()))
    return address, run


def part(page: Page, title: str) -> Locator:
    return page.locator(".ts-section").filter(has=page.get_by_role("heading", name=title, exact=True)).last


def serious(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']}" for one in found if one["impact"] in ("serious", "critical")]


def test_the_numbers_lead_to_their_rows_and_can_be_tried_out(browser: Browser, judged: tuple[str, Run]) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)
    address, run = judged
    thrown: list[str] = []
    page = browser.new_context(viewport=SIZES["desktop"], locale="en-GB").new_page()
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(f"{address}/run?id={run.id}")

    # Nothing is drawn that nobody has come near.
    curves, drawn = part(page, "Found and right").locator(".ts-curves"), re.compile("js-plotly-plot")
    expect(curves).to_be_attached()
    expect(curves).not_to_have_class(drawn)
    page.get_by_role("navigation", name="Parts of the report").get_by_role("link", name="Found and right").click()
    expect(curves).to_have_class(drawn)
    expect(curves.locator(".scatterlayer .trace")).to_have_count(6)
    part(page, "Found and right").get_by_role("button", name="class 7").click()
    expect(curves.locator(".scatterlayer .trace")).to_have_count(7)

    # The rows that an advice means, and a cell of the matrix, by keys.
    page.get_by_role("button", name="Show them").press("Enter")
    expect(page.get_by_role("dialog", name="Look at these first").get_by_role("status")).to_have_text("40 rows")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Show them")).to_be_focused()
    matrix = part(page, "What was taken for what")
    matrix.get_by_text("The same as a table").click()
    cell = matrix.get_by_role("button", name="8 rows: Truth bad, Answer good")
    cell.press("Enter")
    rows = page.get_by_role("dialog", name="“bad” taken for “good”")
    expect(rows.get_by_role("status")).to_have_text("8 rows")
    expect(rows.get_by_text("✗ wrong")).to_have_count(8)
    expect(rows.get_by_role("cell", name="Row 37 is").first).to_contain_text(NASTY)
    page.keyboard.press("Escape")
    expect(rows).to_have_count(0)
    expect(cell).to_be_focused()

    # A slice, by pages, the wrong ones first; and one without rows.
    part(page, "Where it fails").get_by_role("button", name="Truth is “bad”").click()
    expect(page.get_by_role("status").get_by_text("40 rows")).to_be_visible()
    lines = page.get_by_role("dialog").locator("tbody tr")
    expect(lines).to_have_count(20)
    expect(lines.first).to_contain_text("✗ wrong")
    page.get_by_role("button", name="Show more (20 left)").click()
    expect(lines).to_have_count(40)
    expect(lines.last).to_contain_text("✓ right")
    page.get_by_label("In which order").select_option("as in the table")
    expect(lines.first).to_contain_text("Row 0 is")
    page.get_by_role("button", name="Close").click()
    part(page, "Where it fails").get_by_role("button", name="Text has").click()
    expect(page.get_by_text("There is no such row.")).to_be_visible()
    page.keyboard.press("Escape")

    # What either kind of error costs.
    card = part(page, "From when on it says yes")
    expect(card.get_by_text("10 false alarms × 1 + 5 misses × 1 = 15 in all.")).to_be_visible()
    card.get_by_label("What a miss costs").fill("10")
    expect(card.get_by_text("10 false alarms × 1 + 5 misses × 10 = 60 in all.")).to_be_visible()
    costs = {place: row[2] + 10 * row[3] for place, row in enumerate(report_blocks.stops())}
    least = min(costs.values())
    card.get_by_role("button", name="Go to the cheapest").click()
    expect(card.get_by_text("No other threshold is cheaper.")).to_be_visible()
    slider = card.get_by_role("slider", name="Threshold of bad")
    assert costs[int(slider.input_value())] == least
    slider.press("End")
    expect(card.get_by_text("40 misses × 10 = 400 in all.")).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", "yes from 100.0 %")

    part(page, "Where it may be silent").get_by_role("slider").press("End")
    expect(part(page, "Where it may be silent")).to_contain_text("25 of 120 rows; 95 are left to people.")
    tagged = part(page, "In the text")
    words = ["✓ person", "✗ person, wrong ends", "✗ date instead of town", "✗ date, nothing there", "✓ town"]
    expect(tagged.locator("small")).to_have_text(words)
    tagged.get_by_role("checkbox").check()
    expect(tagged.locator(".ts-tagged > li")).to_have_count(1)
    assert page.locator("img").count() == 0 and thrown == []
    assert serious(page) == []
    page.context.close()


def test_the_report_is_taken_away_whole(browser: Browser, judged: tuple[str, Run], tmp_path: Path) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=shelf.PATIENCE)
    address, run = judged
    context = browser.new_context(viewport=SIZES["phone"], color_scheme="dark", locale="en-GB", accept_downloads=True)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/run?id={run.id}")
    sections = Studio().report_sections(run.id)
    with page.expect_download() as begun:
        page.get_by_role("link", name="As a page (HTML)").click()
    begun.value.save_as(tmp_path / "report.html")
    with page.expect_download() as begun:
        page.get_by_role("link", name="As data (JSON)").click()
    whole = json.loads(begun.value.path().read_text(encoding="utf-8"))
    assert [one["title"] for one in whole["sections"]] == [one.title for one in sections]

    context.set_offline(True)
    page.goto("about:blank")
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda asked: said.append(asked.url))
    page.on("request", lambda asked: None if asked.url.startswith(("data:", "file:")) else said.append(asked.url))
    page.goto((tmp_path / "report.html").as_uri())
    for title in {one.title for one in sections}:
        expect(page.get_by_role("heading", name=title, exact=True).first).to_be_visible()
    for plot in page.locator(".ts-curves, .ts-matrix").all():
        plot.scroll_into_view_if_needed()
        expect(plot.locator(".main-svg").first).to_be_attached()
    assert page.locator("button.ts-open, .ts-advice :is(a, button), img").count() == 0
    assert page.evaluate("document.body.classList.contains('dark')")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert serious(page) == [] and said == []
    context.close()
