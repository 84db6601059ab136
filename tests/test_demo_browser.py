"""A demo in a real browser: a shown model is tried, a tiny one is trained, and what is made is said to go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.events import EventLog
from core.runs import Run
from tests.browser import NewPage, RunningApp, running_app
from tests.shelf import PATIENCE, finished, home_of, report
from tests.test_ui_new_run_browser import serious, too_wide
from tests.trying import run_with_model

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Run:
    """A finished run in a folder of its own, whose model answers "good" to everything."""
    with home_of(tmp_path_factory.mktemp("owner_home")):
        run = run_with_model(tiny_bert, "good", name="Finished reviews")
        log = EventLog(run.events_path)
        for event in finished():
            log.append(event)
        log.close()
        (run.path / "report.json").write_text(json.dumps(report()), encoding="utf-8")
    return run


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, shown: Run) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("demo_home"), "--mode", "demo", "--show", str(shown.path)) as running:
        yield running


def is_fine(page: Page) -> bool:
    return serious(page) == [] and not too_wide(page)


def test_a_visitor_tries_trains_and_is_told_when_it_goes(new_page: NewPage, app: RunningApp, shown: Run) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    page, phone = new_page(), new_page("dark", "phone")
    page.goto("/")
    expect(page.get_by_text("This is a demo: trainings of up to 5 minutes")).to_be_visible()
    page.get_by_role("link", name="Finished reviews").click()
    expect(page.get_by_text("Shown to all, read only")).to_be_visible()
    for name in ("More", "Start again", "Technical log", "Use it elsewhere", "Judge it on other rows"):
        expect(page.get_by_text(name, exact=True).filter(visible=True)).to_have_count(0)
    page.locator(".try-asked textarea").first.fill("The soup was warm.")
    page.locator("#try-ask").click()
    expect(page.locator("#try-answer")).to_contain_text("good")
    expect(page.locator(".ts-until")).to_be_hidden()
    expect(page.locator(".toast-body")).to_have_count(0)

    page.goto("/new?sample=restaurants")
    expect(page.get_by_text("One training at a time, and 3 an hour.")).to_be_visible()
    expect(page.get_by_text("Hugging Face, a public library of datasets")).to_have_count(0)
    expect(page.locator("#data-columns")).to_contain_text("remark")
    for step in ("Columns", "Check", "Model", "Settings", "Start"):
        if step == "Start":
            page.get_by_label("Epochs").first.fill("1")
            page.get_by_label("Epochs").first.press("Tab")
        page.get_by_role("button", name=f"Next: {step}").click()
    expect(page.get_by_text("A rented machine of the Hub").filter(visible=True)).to_have_count(0)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/run?id=**", timeout=PATIENCE)
    expect(page.get_by_text("Finished", exact=True).first).to_be_visible(timeout=4 * PATIENCE)
    expect(page.get_by_role("heading", name="Scores")).to_be_visible()
    expect(page.locator(".ts-until")).to_have_text(re.compile(r"What you made is removed at \d\d:\d\d\."))
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_role("link", name="Download the report (HTML)")).to_be_visible()
    expect(page.get_by_text("Train longer")).to_have_count(0)
    expect(page.locator(".toast-body")).to_have_count(0)
    mine = page.url

    phone.goto(mine)
    expect(phone.get_by_role("heading", name="There is no run")).to_be_visible()
    for path, words in (("/", "Try a finished model"), ("/new", "What this demo takes")):
        phone.goto(path)
        expect(phone.get_by_text(words)).to_be_visible()
        assert is_fine(phone), path
    assert list((app.home / "shown" / "runs").iterdir()) == [app.home / "shown" / "runs" / shown.id]
