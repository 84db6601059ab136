"""Rounded weights answer a table only where a trial on its own rows says that the answers stay the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.prediction import quick
from core.prediction.files import predict_file
from core.prediction.predictor import Predictor
from core.prediction.speed import Speed
from tests.making import write_csv
from tests.trying import run_with_model


@pytest.fixture
def predictor(tiny_bert: Path) -> Predictor:
    return Predictor(run_with_model(tiny_bert))


def rows(number: int) -> dict[str, list[str]]:
    return {"text": [f"warm bread and soup no {row}" for row in range(number)]}


def test_rounded_weights_are_used_where_answers_stay_the_same(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "LEAST_GAIN", 0.0)  # a model this small gains nothing
    found = quick.tried(predictor, rows(60), 600)
    assert found.is_quick and "agreed on all 60 rows that were tried both ways" in found.words
    whole, rounded = (predictor.task.answer_columns(one.answers(rows(20))) for one in (predictor, found.predictor))
    assert whole != rounded, "nothing was rounded"
    others, farthest = quick.differences(whole, rounded)
    assert others == 0 and 0 < farthest <= quick.FARTHEST


@pytest.mark.parametrize(
    ("limit", "value", "rows_in_all", "words"),
    [
        ("FARTHEST", -1.0, 600, "numbers differed by up to"),
        ("LEAST_GAIN", 1e9, 600, "times as fast"),
        ("LEAST_GAIN", 0.0, 60, "the table is small"),
    ],
)
def test_else_it_answers_in_full_and_says_why(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch, limit: str, value: float, rows_in_all: int, words: str
) -> None:
    monkeypatch.setattr(quick, limit, value)
    found = quick.tried(predictor, rows(60), rows_in_all)
    assert not found.is_quick and found.predictor is predictor
    assert found.words.startswith("Answered in full precision: ") and words in found.words


@pytest.mark.parametrize(
    ("one", "other", "by_span", "expected"),
    [
        ({"p": ["a", "b"], "q": [0.5, 0.9]}, {"p": ["a", "c"], "q": [0.51, 0.9]}, False, (1, 0.01)),
        ({"p": ['{"a": 0.5}', '{"a": 0.1}']}, {"p": ['{"a": 0.53}', '{"b": 0.1}']}, False, (1, 0.03)),
        ({"p": [["a"], ["a"]]}, {"p": [["a"], ["a", "b"]]}, False, (1, 0.0)),
        ({"p": [{"x": [0.5, "t"]}]}, {"p": [{"x": [0.75, "t"]}]}, False, (0, 0.25)),
        ({"p": [10.0, 30.0]}, {"p": [10.0, 31.0]}, True, (0, 0.05)),
        ({"p": [None, 3]}, {"p": [None, 4]}, False, (1, 0.0)),
    ],
)
def test_how_far_answers_lie_apart(one: Any, other: Any, by_span: bool, expected: tuple[int, float]) -> None:
    differing, farthest = quick.differences(one, other, by_span)
    assert (differing, round(farthest, 9)) == expected


def test_a_table_says_how_it_was_answered(predictor: Predictor, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", ("text",), [(text,) for text in rows(80)["text"]])
    reply = predict_file(predictor, str(source), tmp_path / "out.csv", lambda done, total: None, fast=True)
    assert reply["precision"].startswith("Answered in full precision: the table is small")
    assert reply["seconds"] > 0


def test_a_speed_is_told_once_it_says_something() -> None:
    now = [10.0]
    speed = Speed(lambda: now[0])
    assert speed.words(100, 1000) == "100 of 1,000 rows answered"
    now[0] += 1
    assert speed.words(150, 1000) == "150 of 1,000 rows answered"
    now[0] += 9
    assert speed.words(200, 1000) == "200 of 1,000 rows answered, 10 rows a second, about a minute left"
    assert speed.words(1000, 1000) == "1,000 of 1,000 rows answered"
