"""Scores: what is guessed of a table, which rows can be used, and one answer wherever the model is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core import events, runs
from core.config import validate
from core.data.types import Column, ColumnKind, Examples, Finding, Preview
from core.tasks import TASKS
from tests.making import write_csv

TASK = TASKS["text-regression"]
ROWS = 1000


def column(name: str, kind: ColumnKind = "text", distinct: int = ROWS, examples: tuple[str, ...] = ()) -> Column:
    examples = examples or ("the soup was cold today", "a kind waiter came late", "I will come again")
    return Column(name, kind, 0, distinct, examples, sum(map(len, examples)) / len(examples), max(map(len, examples)))


def guessed(*columns: Column) -> tuple[dict[str, Any], float]:
    found = TASK.guess(Preview("table.csv", "table.csv", "csv", ROWS, 0, columns, ()))
    assert found is not None and set(found.reasons) >= set(found.columns)
    return dict(found.columns), found.score


def others(*columns: Column) -> float:
    found = TASKS["text-classification"].guess(Preview("table.csv", "table.csv", "csv", ROWS, 0, columns, ()))
    return found.score if found else 0.0


SCORE = column("score", "number", 125, ("3.5", "3.7"))
LABEL = column("label", "category", 3, ("NEUTRAL", "ENTAILMENT"))


class TestGuess:
    def test_a_text_and_a_number(self) -> None:
        columns = (column("text"), SCORE)
        assert guessed(*columns)[0] == guessed(*columns[::-1])[0] == {"text": "text", "score": "score"}
        assert guessed(*columns)[1] > others(*columns)

    def test_a_pair_with_classes_beside_the_number_is_rather_for_classes(self) -> None:
        columns = (column("text_a"), column("text_b"), SCORE, LABEL)
        found, score = guessed(*columns)
        assert found == {"text": "text_a", "text_pair": "text_b", "score": "score"}
        assert others(*columns) > score > 0.5

    def test_stars_are_rather_classes(self) -> None:
        columns = (column("review"), column("rating", "number", 5, ("5", "4", "1")))
        assert guessed(*columns)[0]["score"] == "rating"
        assert others(*columns) > guessed(*columns)[1] > 0.3

    @pytest.mark.parametrize("name", ["id", "user_id", "year", "created_at"])
    def test_ids_and_dates_are_no_scores(self, name: str) -> None:
        found, score = guessed(column("text"), column(name, "number", 900, ("12", "13")))
        assert "score" not in found and score < 0.1

    def test_without_a_text_there_is_nothing_to_propose(self) -> None:
        assert TASK.guess(Preview("t", "t", "csv", ROWS, 0, (SCORE,), ())) is None


def prepared(rows: list[dict[str, Any]], **columns: str) -> Examples:
    return TASK.examples(pa.Table.from_pylist(rows), columns or {"text": "text", "score": "score"}, TASK.options())


def codes(found: Examples) -> dict[str, Finding]:
    return {finding.code: finding for finding in found.findings}


class TestExamples:
    def test_bad_rows_are_left_out_and_named(self) -> None:
        rows = [
            {"text": "a", "score": "1,5"},
            {"text": " ", "score": "2"},
            {"text": "b", "score": "good"},
            {"text": "c", "score": None},
            {"text": "d", "score": "inf"},
            {"text": " e ", "score": "3 of 5"},
        ]
        found = prepared(rows)
        assert found.table.to_pylist() == [{"text": "a", "score": 1.5, "row": 1}, {"text": "e", "score": 3.0, "row": 6}]
        at = {code: finding.rows for code, finding in codes(found).items()}
        assert at["empty-text"] == (2,)
        assert at["unreadable-score"] == (3,)
        assert at["empty-score"] == (4,)
        assert at["infinite-score"] == (5,)
        assert not found.errors

    def test_what_the_target_says(self) -> None:
        found = prepared([{"text": str(row), "score": row / 10} for row in range(100)])
        assert found.target.mean == pytest.approx(4.95)
        assert found.target.spread == pytest.approx(np.arange(100).std() / 10)
        assert (found.target.low, found.target.high) == (0.0, 9.9)
        assert sum(count for _, count in found.target.shown) == 100
        assert np.bincount(found.strata).tolist() == [10] * 10

    def test_pairs(self) -> None:
        rows = [{"a": "x", "b": "y", "s": 1.0}, {"a": "x", "b": "", "s": 2.0}, {"a": "x", "b": "z", "s": 3.0}]
        found = prepared(rows, text="a", text_pair="b", score="s")
        assert found.table.column("row").to_pylist() == [1, 3]
        assert "contradictions" not in codes(found)

    def test_one_score_everywhere_and_missing_columns_are_errors(self) -> None:
        assert prepared([{"text": "a", "score": 3}, {"text": "b", "score": 3}]).errors[0].code == "one-score"
        assert prepared([{"text": "a", "score": 3}], text="text").errors[0].role == "score"
        assert prepared([{"text": "a", "score": 3}], text="text", score="nowhere").errors[0].code == "missing-column"
        assert prepared([{"text": "a", "score": [3]}]).errors[0].code == "nested-column"


def test_answers_say_the_range_that_was_learned() -> None:
    from core.data.types import Target
    from core.errors import TrainingError
    from core.tasks.base import Context

    context = Context(None, Target(mean=3, spread=1, low=1, high=5), 32, TASK.options())
    found = TASK.answers(np.array([2.5, 7.0]), context)
    assert found == [{"number": 2.5, "low": 1, "high": 5}, {"number": 7.0, "low": 1, "high": 5}]
    assert TASK.answer_columns(found) == {"prediction": [2.5, 7.0]}
    with pytest.raises(TrainingError, match="not a number"):
        TASK.answers(np.array([np.nan]), context)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["encoder", "decoder"])
def test_checks_report_predictor_and_pipeline_agree(family: str, tiny_model: Any, tmp_path: Path) -> None:
    """Scores of another size than the model's own, learned, and answered alike wherever the model is asked."""
    from transformers import pipeline

    from core.prediction.predictor import Predictor
    from core.training import job

    words = ("cold", "dull", "slow", "late", "kind", "warm", "good", "great")
    rows = [
        (f"the {one} soup and the {other} film, no {row}", 3000 + 100 * (words.index(one) + words.index(other)))
        for row, (one, other) in enumerate((one, other) for one in words for other in words)
    ]
    source = write_csv(tmp_path / "prices.csv", ("text", "price"), rows * 2)
    config = validate(
        {
            "task": TASK.id,
            "data": {"source": str(source), "columns": {"text": "text", "score": "price"}},
            "model": {"checkpoint": str(tiny_model(family))},
            "training": {"num_train_epochs": 20, "per_device_train_batch_size": 8, "learning_rate": 3e-3}
            | {"early_stopping_patience": 0, "max_length": 32},
        }
    )
    run = runs.create(config)
    log = events.EventLog(run.events_path)
    job.train(run, log)
    log.close()
    happened, _ = events.read(run.events_path)
    checks = [event for event in happened if isinstance(event, events.Evaluated)]
    best = max(checks, key=lambda check: check.metrics["r2"] or -9)
    report = run.report
    assert report is not None
    validation = report["metrics"]["validation"]
    for name in ("r2", "rmse", "mae", "pearson", "spearman", "loss"):
        assert validation[name] == pytest.approx(best.metrics[name], rel=1e-3), name
    assert validation["pearson"] > 0.7
    assert report["metrics"]["test"]["rmse"] < report["baselines"]["mean"]["rmse"]
    assert "off by" in report["verdict"] and "clearly better than always giving the mean" in report["verdict"]
    sections = {section.kind: section for section in TASK.sections(json.loads(json.dumps(report)))}
    assert set(sections) == {"scores", "scatter", "slices", "curves", "examples"}
    assert len(sections["scatter"].content["points"]) == report["rows"]["test"]

    texts = [text for text, _ in rows[:6]]
    answers = [answer["number"] for answer in Predictor(run).answers({"text": texts})]
    assert 2500 < min(answers) < max(answers) < 5500
    plain = pipeline("text-classification", model=str(run.model_path), device="cpu")
    assert [found["score"] for found in plain(texts)] == pytest.approx(answers, rel=1e-4)
