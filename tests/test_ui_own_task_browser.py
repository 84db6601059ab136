"""A task that somebody brings along appears on every page by itself: it is filled in, learned, tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import toy_task
from tests.browser import NewPage, RunningApp, running_app
from tests.making import PROJECT, write_csv

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LONG = 180_000
WORDS = ("sky", "queue", "rhythm", "audio", "strength", "idea", "lynx", "aurora", "crypt", "banana")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app that was started with a task more."""
    home = tmp_path_factory.mktemp("toy_home")
    with running_app(home, TUNESMITH_TASKS="tests.toy_task:TASK", PYTHONPATH=str(PROJECT)) as running:
        yield running


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = []
    for number in range(100):
        first, second = WORDS[number % 10], WORDS[number // 10]
        rows.append((f"{first} {number}", second, sum(letter in toy_task.VOWELS for letter in first + second)))
    return write_csv(tmp_path / "words.csv", ("first", "second", "vowels"), rows)


def go_on(page: Page, step: int) -> None:
    page.locator(f"#next-{step}").click()
    page.locator(f"#next-{step + 1}").wait_for()


def look_at(page: Page, table: Path) -> None:
    page.goto("/new")
    page.locator("#data-files input[type=file]").set_input_files(str(table))
    page.get_by_role("heading", name="words.csv").wait_for()
    go_on(page, 1)


def test_its_columns_its_settings_and_its_words_are_there(new_page: NewPage, table: Path) -> None:
    page = new_page(size="phone", theme="dark")
    look_at(page, table)

    assert page.get_by_label("Task", exact=True).input_value() == "Counting vowels (fits this table)"
    page.get_by_text("It needs: Texts and Amount; or Texts and Vowels.").wait_for()
    page.get_by_text("What a table for this looks like").click()
    page.get_by_role("region", name="A table for: Counting vowels").get_by_text("rhythm").wait_for()
    chosen = page.locator(f"#role-{toy_task.TASK.id}-text")
    assert (
        chosen.get_by_text("first", exact=True).is_visible() and chosen.get_by_text("second", exact=True).is_visible()
    )

    chosen.get_by_role("button", name=re.compile("clear", re.IGNORECASE)).click()
    page.get_by_text("Choose a column for: Texts. Or: Texts, Amount.").first.wait_for()
    page.locator("#next-2").click()
    assert not page.locator("#next-3").is_visible()
    page.get_by_label("Texts", exact=True).click()
    page.get_by_role("option", name="first").click()
    page.keyboard.press("Escape")
    page.get_by_text("2 classes in 100 rows").wait_for()

    go_on(page, 2)
    go_on(page, 3)
    go_on(page, 4)
    border = page.get_by_label("Border (vowels)")
    assert border.is_disabled()
    page.get_by_label("Border of my own").check()
    page.get_by_text("so this number is not used").nth(1).wait_for(state="detached")
    border.fill("0")
    border.press("Tab")
    page.get_by_text("Give a whole number from 1 to 1,000.").wait_for()
    page.locator("#next-5").click()
    page.get_by_text("Correct first: Border.").wait_for()
    border.fill("3")
    go_on(page, 5)
    summary = page.locator("#start-summary").first
    assert "Border: 3" in summary.inner_text() and "Texts: first" in summary.inner_text()


def test_another_task_has_other_columns_and_other_settings(page: Page, table: Path) -> None:
    look_at(page, table)

    page.get_by_label("Task", exact=True).click()
    page.get_by_role("option", name="Text classification").click()
    page.locator("#role-text-classification-label").wait_for()
    page.locator(f"#role-{toy_task.TASK.id}-text").wait_for(state="hidden")
    page.get_by_label("Label", exact=True).click()
    page.get_by_role("option", name="second").click()
    page.locator("#columns-classes").get_by_text("10 classes in 100 rows").wait_for()
    go_on(page, 2)
    go_on(page, 3)
    go_on(page, 4)
    assert page.get_by_label("Border of my own").count() == 0 or not page.get_by_label("Border of my own").is_visible()


@pytest.mark.slow
def test_it_learns_and_answers(page: Page, table: Path, tiny_bert: Path) -> None:
    look_at(page, table)
    go_on(page, 2)
    go_on(page, 3)
    page.get_by_role("radio", name=re.compile("Another model")).check()
    page.get_by_label("Which model?").fill(str(tiny_bert))
    page.get_by_label("Which model?").press("Enter")
    page.locator("#model-about").get_by_text("Reads at most").wait_for()
    go_on(page, 4)
    page.get_by_label("Epochs").fill("2")
    page.get_by_label("Border of my own").check()
    go_on(page, 5)
    page.get_by_role("button", name="Start training").click()

    page.wait_for_url("**/run?id=*")
    run = page.url.rpartition("=")[2]
    page.wait_for_function(
        "(id) => fetch(`./reads/runs`).then((answer) => answer.json())"
        ".then((all) => all.runs.some((one) => one.id === id && one.state === 'finished'))",
        arg=run,
        timeout=LONG,
    )
    text = page.get_by_label("Texts", exact=True)
    text.wait_for(timeout=LONG)
    text.fill("aurora and audio")
    page.locator("#try-ask").click()
    answer = page.locator("#try-answer .nr-answer")
    answer.wait_for(timeout=LONG)
    assert re.match("few|many", answer.inner_text())

    page.goto(f"/new?from={run}")
    page.get_by_text("everything is filled in as it was").wait_for()
