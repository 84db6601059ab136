"""The playground: what it asks for, what it answers, and what it says when there is nothing to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from core import runs
from core.config import validate
from core.errors import PredictionError
from core.studio import Studio
from core.tasks import TASKS
from ui.pages import try_it

TASK = "text-classification"


class Answering(Studio):
    """The real studio over real run folders, with a model that knows one answer."""

    def __init__(self, answer: Mapping[str, Any] | PredictionError) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[Mapping[str, str]] = []

    def predict(self, run_id: str, inputs: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append(inputs)
        if isinstance(self.answer, PredictionError):
            raise self.answer
        return dict(self.answer)


GOOD = {"label": "good", "probability": 0.9, "scores": {"good": 0.9, "bad": 0.1}}


def make_run(*roles: str) -> str:
    columns = {role: f"{role}_column" for role in roles}
    return runs.create(validate({"task": TASK, "data": {"source": "a.csv", "columns": columns}})).id


def test_a_text_gets_its_answer() -> None:
    studio = Answering(GOOD)

    drawn = try_it.answer(studio, make_run("text", "label"), {"text": "Lovely.", "text_pair": "left over"})

    assert "90.0 % sure" in drawn
    assert studio.asked == [{"text": "Lovely."}], "only the roles the model was trained with are asked about"


def test_a_pair_needs_its_second_text_too() -> None:
    studio = Answering(GOOD)
    run = make_run("text", "text_pair", "label")

    drawn = try_it.answer(studio, run, {"text": "A", "text_pair": " "})
    assert "Type something first: second text." in drawn
    assert studio.asked == []

    try_it.answer(studio, run, {"text": "A", "text_pair": "B"})
    assert studio.asked == [{"text": "A", "text_pair": "B"}]


def test_nothing_typed_is_said_and_nothing_asked() -> None:
    studio = Answering(GOOD)

    drawn = try_it.answer(studio, make_run("text", "label"), {"text": "  ", "text_pair": None})

    assert "Type something first: text." in drawn
    assert studio.asked == []


def test_a_failure_is_explained_in_place() -> None:
    studio = Answering(PredictionError("The <model> is gone.", "Train it again."))

    drawn = try_it.answer(studio, make_run("text", "label"), {"text": "Hello"})

    assert "The &lt;model&gt; is gone." in drawn
    assert "Train it again." in drawn


def test_a_run_that_is_gone_is_explained_in_place() -> None:
    drawn = try_it.answer(Answering(GOOD), "2026-01-01-brave-otter", {"text": "Hello"})

    assert "There is no run" in drawn and 'role="alert"' in drawn


def test_a_failure_that_nobody_foresaw_is_explained_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Answering):
        def predict(self, run_id: str, inputs: Mapping[str, str]) -> dict[str, Any]:
            raise KeyError("a secret of the code")

    drawn = try_it.answer(Broken(GOOD), make_run("text", "label"), {"text": "Hello"})

    assert "Something unexpected went wrong." in drawn and "secret" not in drawn
    assert "Traceback" in caplog.text and "a secret of the code" in caplog.text


def test_examples_come_from_the_report() -> None:
    report = {
        "examples": [{"text": "a test row", "label": "x"}],
        "mistakes": [{"text": "a mistake", "truth": "x", "answer": "y"}],
    }

    assert try_it.example_rows(report, ["text"]) == [{"text": "a test row"}]
    assert try_it.example_rows({"mistakes": report["mistakes"]}, ["text"]) == [{"text": "a mistake"}]
    assert try_it.example_rows(None, ["text"]) == []
    assert try_it.example_rows(report, ["text", "text_pair"]) == []


def test_long_examples_are_cut_only_on_their_buttons() -> None:
    rows = [{"text": "word " * 100, "text_pair": "more"}]

    (line, place) = try_it.example_choices(rows)[0]

    assert len(line) <= try_it.EXAMPLE_LENGTH + 1
    assert line.endswith("…")
    assert place == 0


def reply(**changed: Any) -> dict[str, Any]:
    row = {"text": "<b>a, b</b>", "note": "x", "model_label": "good", "how_sure": "0.9000", "why": "words"}
    counts = {"rows": 1, "skipped": 0, "unreadable": 0}
    return {**counts, "columns": ["model_label", "how_sure", "why"], "head": [row], **changed}


def test_an_answered_table_is_offered_and_shown() -> None:
    drawn = try_it.describe_file("2026-01-01-brave-otter", Path("reviews-answered.csv"), reply())

    assert 'href="./api/v1/runs/2026-01-01-brave-otter/predictions/reviews-answered.csv"' in drawn
    assert "1 row answered." in drawn
    assert "&lt;b&gt;a, b&lt;/b&gt;" in drawn
    headers = re.findall("<th scope=.col.>([^<]*)</th>", drawn)
    assert headers == ["model_label", "how_sure", "why", "text", "note"], "the answers come first, however many"


def test_rows_without_an_answer_are_counted() -> None:
    counts = {"rows": 3, "skipped": 1, "unreadable": 2}

    drawn = try_it.describe_file("r", Path("a.csv"), reply(**counts))

    assert "2 rows answered. 1 row had nothing to answer. 2 rows did not fit the header." in drawn


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_its_group_of_inputs(task: str) -> None:
    with gr.Blocks():
        view = try_it.layout()

    assert list(view.groups[task].inputs) == [role.name for role in TASKS[task].inputs]
    assert view.groups[task].box.visible is False


def test_a_report_keeps_a_few_inputs_of_the_test_part() -> None:
    import pyarrow as pa

    from core.training import report

    table = pa.table({"text": [f"text {number}" for number in range(12)], "label": ["a", "b"] * 6})

    kept = report.examples(TASKS[TASK], table)

    assert len(kept) == report.EXAMPLES == len({row["text"] for row in kept})
    assert try_it.example_rows({"examples": kept}, ["text"]) == kept
    assert report.examples(TASKS[TASK], table.slice(0, 1)) == [{"text": "text 0"}]
    assert report.examples(TASKS[TASK], table.slice(0, 0)) == []
