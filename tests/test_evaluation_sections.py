"""The scores of any task beside its baselines, and the words of every metric."""

from __future__ import annotations

import pytest

from core.evaluation import (
    entities,
    language_model,
    metrics,
    multilabel,
    regression,
    sections,
    squad,
    text_generation,
)
from core.evaluation.types import Baseline, MetricWords

WORDS = {
    "classes": metrics.words(*metrics.METRICS),
    "label sets": multilabel.WORDS,
    "numbers": regression.WORDS,
    "entities": entities.WORDS,
    "answers": (*squad.WORDS, *squad.NO_ANSWER_WORDS),
    "tokens": language_model.WORDS,
    "texts": text_generation.WORDS,
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_every_metric_is_named_once_and_explained(words: tuple[MetricWords, ...]) -> None:
    assert len({word.name for word in words}) == len({word.label for word in words}) == len(words)
    for word in words:
        assert word.label and not word.label.endswith(".")
        assert word.help.endswith(".") and len(word.help) <= 200


def test_rows_in_which_less_is_better_say_so() -> None:
    found = regression.judge([1.0, 2, 3, 5], [1.0, 2, 4, 4])
    others = {"mean": regression.judge([2.75] * 4, [1.0, 2, 4, 4]) | {"note": "Of 4 examples."}, "other": {}}
    mean = Baseline("mean", "Always the average", "Answers the average of the training examples.")
    block = sections.scores(found, others, regression.WORDS, "test", [mean])
    assert block.help.endswith(
        "More is better, except for Root mean squared error, Mean absolute error: there, less is."
    )
    rows = {row["label"]: row for row in block.content["rows"]}
    assert rows["Root mean squared error"]["greater_is_better"] is False
    assert rows["Root mean squared error"]["help"].endswith("Less is better.")
    assert rows["R²"]["greater_is_better"] is True
    assert [column["label"] for column in block.content["columns"]] == ["This model", "Always the average", "other"]
    assert block.content["columns"][1]["help"] == "Answers the average of the training examples. Of 4 examples."
    assert block.content["columns"][2]["help"] == ""
    assert [value["value"] for value in rows["Mean absolute error"]["values"]] == [0.5, 1.25, None]
    low = rows["Pearson correlation"]["values"][0]["low"]
    assert low is not None and low < found["pearson"]
    assert rows["Spearman correlation"]["values"][0] == {"value": found["spearman"], "low": None, "high": None}


def test_the_direction_of_all_rows_is_said_in_one_word() -> None:
    found = language_model.judge([20.0, 30.0], [10, 10], [3, 4], [5, 6])
    loss, accuracy = language_model.WORDS[:2], language_model.WORDS[2:]
    assert sections.scores(found, {}, loss, "test").help.endswith("Less is better in every row.")
    assert sections.scores(found, {}, accuracy, "validation").help.endswith("More is better in every row.")
    assert sections.scores(found, {}, loss, "validation").help.startswith("On 2 validation examples.")
