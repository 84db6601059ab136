"""The step Check as a person uses it: a row is edited, classes are brought together, everything is undone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import NewPage
from tests.making import reviews, write_csv
from tests.test_ui_new_run_browser import go_on, serious, too_wide, upload

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [
        (text, "fine" if label == "good" and number % 3 else label) for number, (text, label) in enumerate(reviews(90))
    ]
    return write_csv(tmp_path / "moods.csv", ("review", "mood"), [*rows, ("", "bad")])


def come(page: Page, table: Path) -> None:
    upload(page, table)
    page.locator("#data-columns").get_by_text("review").first.wait_for()
    go_on(page, 1)
    go_on(page, 2)
    page.get_by_text("The check is through").wait_for(timeout=60_000)


@pytest.mark.parametrize(("theme", "size"), [("light", "desktop"), ("dark", "phone")])
def test_everything_can_be_done_by_keyboard_and_is_fit_for_everybody(
    new_page: NewPage, table: Path, theme: str, size: str
) -> None:
    page = new_page(theme=theme, size=size)
    come(page, table)
    page.get_by_text("91 rows were read: 90 are used").wait_for()

    page.get_by_role("button", name="Row 3", exact=True).focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("review", exact=True)
    field.wait_for()
    page.wait_for_function("document.activeElement.dataset.column === 'review'")
    assert serious(page) == [] and not too_wide(page)
    field.press("Escape")
    field.wait_for(state="detached")
    page.wait_for_function("document.activeElement.dataset.key === 'row-source-3'")
    page.keyboard.press("Enter")
    field.fill("another text <b>")
    page.get_by_label("mood", exact=True).select_option("Another one…")
    page.get_by_label("Its name").fill("dire")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Row 3 was changed.").wait_for()
    page.locator("#check-rows").get_by_text("another text <b>").wait_for()
    page.locator("#check-classes").get_by_text("dire", exact=True).wait_for()
    page.get_by_role("button", name="Undo: Row 3 was changed").click()
    page.get_by_text("Undone: Row 3 was changed").wait_for()
    assert page.locator("#check-rows").get_by_text("another text").count() == 0
    assert serious(page) == [] and not too_wide(page)


def test_classes_are_brought_together_and_it_stands_at_the_start(page: Page, table: Path) -> None:
    come(page, table)

    page.get_by_label("Tick fine").check()
    page.get_by_label("Tick good").check()
    page.get_by_label("One name for the ticked classes").fill("good")
    page.get_by_role("button", name="Bring them together").click()
    page.get_by_role("heading", name="Changes to the table").wait_for()
    page.locator("#check-classes").get_by_text("2 classes.").wait_for()
    page.locator("#check-search textarea, #check-search input").first.fill("SOUP")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('#check-rows').innerText.includes('Rows 1 to 20 of 91')")
    page.get_by_text("The check is through").wait_for(timeout=60_000)
    for step in range(3, 6):
        go_on(page, step)
    assert "“fine” becomes “good”" in page.locator("#start-summary").first.inner_text()

    page.locator("#back-6").click()
    page.locator("#back-5").click()
    page.locator("#back-4").click()
    page.get_by_role("button", name=re.compile("Take back: In mood|Take back: In `mood`")).click()
    page.locator("#check-classes").get_by_text("3 classes.").wait_for()
