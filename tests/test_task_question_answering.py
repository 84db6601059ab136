"""Answers found in texts: what is guessed of a table, which rows can be used, and what a trained model answers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core import events, runs
from core.config import validate
from core.data.parts import load_parts
from core.data.preview import preview
from core.data.types import Target
from core.tasks import TASKS
from core.tasks.base import Context

TASK = TASKS["question-answering"]
CONTEXTS = [f"Shop {number} was opened by Ann {number}. It sells bread for {number} euros." for number in range(40)]
SQUAD = [
    {"id": str(place), "context": context, "question": "What does it sell?"}
    | {"answers": {"text": ["bread"], "answer_start": [context.index("bread")]}}
    for place, context in enumerate(CONTEXTS)
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def flat(**more: Any) -> list[dict[str, Any]]:
    return [
        {"question": f"Who opened shop {place}?", "context": context, "answer": f"Ann {place}", **more}
        for place, context in enumerate(CONTEXTS)
    ]


class TestGuess:
    def guess(self, path: Path) -> Any:
        return TASK.guess(preview(str(path)))

    @pytest.mark.parametrize("name", ["squad.jsonl", "squad.csv"])
    def test_records_of_answers(self, tmp_path: Path, name: str) -> None:
        rows = SQUAD if name.endswith("jsonl") else [row | {"answers": json.dumps(row["answers"])} for row in SQUAD]
        found = self.guess(write(tmp_path / name, rows))
        assert found.columns == {"question": "question", "context": "context", "answers": "answers"}
        assert found.score > 0.9 and set(found.reasons) == set(found.columns)

    def test_flat_columns(self, tmp_path: Path) -> None:
        found = self.guess(write(tmp_path / "a.csv", flat(answer_start=22, is_impossible=False)))
        assert found.columns == {
            "question": "question",
            "context": "context",
            "answers": "answer",
            "answer_start": "answer_start",
            "is_impossible": "is_impossible",
        }
        assert 0.5 < self.guess(write(tmp_path / "b.csv", flat())).score < found.score

    def test_yes_and_no_are_classes(self, tmp_path: Path) -> None:
        rows = [row | {"answer": ("yes", "no")[place % 2]} for place, row in enumerate(flat())]
        assert self.guess(write(tmp_path / "boolq.csv", rows)) is None


def examples(rows: list[dict[str, Any]], **columns: str) -> Any:
    used = {"question": "question", "context": "context", "answers": "answers"} | columns
    return TASK.examples(pa.Table.from_pylist(rows), used, TASK.options())


class TestExamples:
    def test_rows_of_one_text_stay_in_one_part(self, tmp_path: Path) -> None:
        rows = [row | {"question": f"{row['question']} {again}"} for row in SQUAD for again in range(4)]
        source = write(tmp_path / "squad.jsonl", rows)
        columns = {"question": "question", "context": "context", "answers": "answers"}
        parts = load_parts(validate({"task": TASK.id, "data": {"source": str(source), "columns": columns}}))
        seen = [set(part.column("context").to_pylist()) for part in (parts.train, parts.validation, parts.test)]
        assert all(seen) and not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])

    def test_answers_and_their_places(self) -> None:
        found = examples([*SQUAD, {**SQUAD[0], "answers": {"text": [], "answer_start": []}, "question": "Why?"}])
        assert found.table.num_rows == 41 and not found.errors
        assert found.target.shown == (("with an answer", 40), ("without an answer", 1))
        assert found.strata.tolist() == [0] * 40 + [1]
        last = found.table.slice(40).to_pylist()[0]
        assert (last["answers"], last["starts"], last["row"]) == ([], [], 41)

    def test_flat_columns_with_a_column_for_no_answer(self) -> None:
        rows = [
            {"question": "a?", "context": "Ann sells bread.", "answers": "bread", "start": "10", "none": "no"},
            {"question": "b?", "context": "Ann sells bread.", "answers": "", "start": "", "none": "yes"},
            {"question": "c?", "context": "Ann sells bread.", "answers": "milk", "start": "10", "none": "no"},
        ]
        found = examples(rows, answer_start="start", is_impossible="none")
        assert found.table.column("answers").to_pylist() == [["bread"], []]
        assert [finding.rows for finding in found.findings if finding.code == "not-found"] == [(3,)]

    def test_a_table_in_which_no_answer_is_found_is_refused(self) -> None:
        found = examples([row | {"answers": "milk"} for row in SQUAD])
        assert found.errors[0].code == "no-rows"
        assert any(finding.code == "not-found" and finding.count == 40 for finding in found.findings)

    def test_questions_keep_the_letters_of_their_text(self) -> None:
        table = pa.table({"q": ["What?", " ", "Who?"], "c": ["  bread ", "x", None]})
        found = TASK.questions(table, {"question": "q", "context": "c"})
        assert found.columns["context"] == ["  bread ", "x", ""] and list(found.usable) == [0]


def outputs(*rows: tuple[str, str, float]) -> list[dict[str, Any]]:
    """(text, answer, how much likelier no answer is)"""
    found = []
    for context, said, margin in rows:
        start = context.index(said)
        found.append({"context": context, "silence": margin, "spans": [(start, start + len(said), 0.0)]})
    return found


class TestJudging:
    def context(self, *labels: str, **learned: Any) -> Context:
        return Context(None, Target(labels, (1,) * len(labels)), 384, TASK.options(), learned=learned)

    def test_silence_is_tuned_on_the_validation_part(self) -> None:
        said = outputs(("Ann", "Ann", 1.0), ("Bo", "Bo", 2.0), ("Cy", "Cy", 3.0))
        texts = {"question": ["a", "b", "c"], "context": ["Ann", "Bo", "Cy"]}
        truth = pa.table({"answers": [["Ann"], ["Bo"], []], **texts})
        both = self.context("with an answer", "without an answer")
        assert [record["answer"] for record in TASK.answers(said, both)] == ["", "", ""]
        learned = TASK.tune(said, truth, both)
        tuned = self.context(*both.target.labels, **json.loads(json.dumps(learned)))
        assert [record["answer"] for record in TASK.answers(said, tuned)] == ["Ann", "Bo", ""]
        found = TASK.judge(said, truth, tuned)
        assert (found["f1"], found["no_answer_accuracy"], found["has_answer_f1"], found["silent"]) == (1.0, 1.0, 1.0, 1)

    def test_where_every_question_has_an_answer_one_is_always_given(self) -> None:
        always = self.context("with an answer")
        said = outputs(("Ann", "Ann", 9.0))
        truth = pa.table({"answers": [["Ann"]], "question": ["a"], "context": ["Ann"]})
        assert TASK.tune(said, truth, always) == {}
        assert TASK.answers(said, always)[0]["answer"] == "Ann"
        assert "no_answer_accuracy" not in TASK.judge(said, truth, always)

    def test_columns_given_back(self) -> None:
        found = TASK.answers(outputs(("It is Ann.", "Ann", 0.0)), self.context("with an answer"))
        assert TASK.answer_columns(found) == {"prediction": ["Ann"], "probability": [1.0], "start": [6], "end": [9]}


@pytest.mark.slow
def test_it_learns_to_find_answers_and_to_be_silent(tiny_bert: Path, tmp_path: Path) -> None:
    """Which thing was cold: in texts of one window and of several, and in some that tell of none."""
    from core.prediction.predictor import Predictor
    from core.training import job

    things = ("soup", "film", "phone", "parcel", "bread")
    filler = "what a quiet delight from start to end, "
    rows = []
    for place in range(90):
        thing, long = things[place % 5], filler * (place % 4)
        context = f"{long}{f'the {thing} was cold and ' if place % 3 else ''}nothing was broken, {place}"
        answers = {"text": [thing], "answer_start": [context.index(thing)]} if place % 3 else {"text": []}
        rows.append({"question": "what was cold?", "context": context, "answers": answers})
    source = write(tmp_path / "cold.jsonl", rows * 2)
    config = validate(
        {
            "task": TASK.id,
            "data": {"source": str(source), "columns": {name: name for name in ("question", "context", "answers")}},
            "model": {"checkpoint": str(tiny_bert)},
            "training": {"num_train_epochs": 12, "per_device_train_batch_size": 8, "learning_rate": 3e-3}
            | {"early_stopping_patience": 0, "max_length": 40},
            "options": {"doc_stride": 10},
        }
    )
    run = runs.create(config)
    log = events.EventLog(run.events_path)
    job.train(run, log)
    log.close()
    report = run.report
    assert report is not None
    test = report["metrics"]["test"]
    assert test["f1"] > 0.8 and test["no_answer_accuracy"] > 0.6
    assert set(report["baselines"]) == {"first_words", "nearest_sentence", "no_answer"}
    assert "clearly better than" in report["verdict"] and "holds no answer" in report["verdict"]
    assert {section.kind for section in TASK.sections(report)} >= {"scores", "slices"}

    predictor = Predictor(run)
    context = f"  {filler * 3}the soup was cold and nothing was broken, 7"
    (found,) = predictor.answers({"question": ["what was cold?"], "context": [context]})
    assert found["answer"] == "soup" == context[found["start"] : found["end"]]
    assert found["context"] == context and 0 <= found["no_answer"] < found["score"] <= 1
