"""What a person does to judge a finished run's model on a file: drops it, watches, opens the report, comes back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core import events, runs
from core.config import validate
from core.home import runs_dir
from core.runs import Run
from tests import shelf
from tests.browser import NewPage, RunningApp
from tests.making import reviews, write_csv
from tests.trying import give_model

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def run(app: RunningApp, home: Path, tmp_path: Path, tiny_bert: Path) -> Run:
    """A finished run with a model that answers, in the app's home."""
    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(160))
    columns = {"text": "text", "label": "label"}
    draft = {"task": "text-classification", "name": "judged again", "model": {"checkpoint": str(tiny_bert)}}
    made = runs.create(validate({**draft, "data": {"source": str(table), "columns": columns}}))
    give_model(made, tiny_bert, "good")
    log = events.EventLog(made.events_path)
    for event in shelf.finished():
        log.append(event)
    log.close()
    with shelf.home_of(app.home):
        place = runs_dir() / made.id
    os.rename(made.path, place)
    return Run(place)


def test_a_person_judges_a_file_and_comes_back_to_its_report(new_page: NewPage, run: Run, tmp_path: Path) -> None:
    page: Page = new_page()
    page.goto(f"/run?id={run.id}")
    page.get_by_text("Nothing was judged beside the run's own test part yet").wait_for()
    page.locator("#judge-form").get_by_role("button", name="Judge other rows").click()
    rows = [(f"the <b>soup</b> was kind, number {number}", "good") for number in range(9)]
    file = write_csv(tmp_path / "June & July.csv", ("review", "mood"), [*rows, ("cold, dull, rude", "bad")])
    page.locator("#judge-form input[type=file]").set_input_files(file)
    page.locator("#judge-columns").get_by_role("button", name="Which column is which").wait_for()
    page.get_by_role("button", name="Judge", exact=True).click()

    page.get_by_role("link", name="Open the report").click(timeout=120_000)

    page.wait_for_url("**/run?id=*&judgement=june-july")
    page.reload()
    head = page.locator(".ja-head")
    head.get_by_role("heading", name="On June & July.csv").wait_for()
    assert "On 10 examples of June & July.csv, the model was right 90 % of the time" in head.inner_text()
    page.locator("#ts-details").get_by_role("heading", name="What was judged").wait_for()
    with page.expect_download() as download:
        head.get_by_role("link", name="Judged rows (Parquet)").click()
    assert download.value.suggested_filename == f"{run.id}-june-july.parquet"

    page.get_by_text("The same as a table").click()
    page.get_by_role("button", name="1 row: Truth bad, Answer good").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Ask about it").click()
    field = page.get_by_label("Text", exact=True)
    assert field.input_value() == "cold, dull, rude"
    field.press("Enter")
    page.locator("#try-answer .nr-answer").wait_for(timeout=120_000)

    page.get_by_role("button", name="Remove june-july").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("Nothing was judged beside the run's own test part yet").wait_for()
    assert list((run.path / "judgements").iterdir()) == []
