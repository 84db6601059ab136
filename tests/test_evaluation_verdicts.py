"""The verdict is true in each situation, and the sections show what it rests on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.data.types import Target
from core.evaluation import classification, intervals, metrics
from core.evaluation.sections import classification_sections
from core.evaluation.verdicts import classification_verdict, named, percent

NAMES = list(metrics.METRICS)
WORDS = metrics.words(*NAMES)


def judged(truth: np.ndarray, given: np.ndarray, labels: tuple[str, ...] = ("ham", "spam")) -> dict[str, Any]:
    logits = np.eye(len(labels))[given] * 4
    return classification.judge(logits, truth, Target(labels, (1,) * len(labels)), NAMES)


def report(truth: Any, model: Any, counting: Any, labels: tuple[str, ...] = ("ham", "spam")) -> dict[str, Any]:
    """A report as the training writes it; the most frequent class is the first."""
    truth, model, counting = (np.asarray(values) for values in (truth, model, counting))
    baselines = {}
    for name, given in (("most_frequent", np.zeros_like(truth)), ("tfidf_logistic_regression", counting)):
        baselines[name] = judged(truth, given, labels) | {"note": "", "answer": labels[0]}
        baselines[name]["comparison"] = intervals.paired(model == truth, given == truth)
    return {"metrics": {"test": judged(truth, model, labels)}, "baselines": baselines}


def with_mistakes(truth: np.ndarray, count: int, seed: int) -> np.ndarray:
    wrong = np.random.default_rng(seed).choice(len(truth), count, replace=False)
    given = truth.copy()
    given[wrong] = 1 - given[wrong]
    return given


TRUTH = np.array([0, 1] * 100)


def test_clearly_better_than_both() -> None:
    said = classification_verdict(report(TRUTH, with_mistakes(TRUTH, 8, 0), with_mistakes(TRUTH, 40, 1)))
    assert said == (
        "On 200 examples kept aside, the model was right 96 % of the time (the true rate is most likely between 92 % "
        "and 98 %). That is clearly better than always answering `ham` (50 %) and than a simple word-counting model "
        "(80 %)."
    )


def test_not_clearly_better_than_word_counting() -> None:
    said = classification_verdict(report(TRUTH, with_mistakes(TRUTH, 8, 0), with_mistakes(TRUTH, 12, 1)))
    assert "clearly better than always answering `ham` (50 %), but not clearly different from a simple word" in said


def test_worse_than_word_counting() -> None:
    said = classification_verdict(report(TRUTH, with_mistakes(TRUTH, 90, 0), with_mistakes(TRUTH, 10, 1)))
    assert "That is clearly worse than a simple word-counting model (95 %), and not clearly different from" in said


def test_only_one_class_is_answered() -> None:
    said = classification_verdict(report(TRUTH, np.zeros_like(TRUTH), with_mistakes(TRUTH, 10, 1)))
    assert said.endswith("It answered `ham` every time, so it has not learned to tell the classes apart.")
    assert "not clearly different from always answering `ham` (50 %)" in said


def test_a_rare_class_that_is_never_found_is_named() -> None:
    truth = np.array([0] * 90 + [1] * 90 + [2] * 8)
    model = np.where(truth == 2, 0, truth)
    said = classification_verdict(report(truth, model, truth, ("ham", "spam", "offer")))
    assert said.endswith("It did not find any of the 8 examples of `offer`.")


def test_a_lead_that_only_the_common_class_brings_is_said() -> None:
    truth = np.array([0] * 180 + [1] * 20)
    model = np.zeros_like(truth)
    model[-4:] = 1
    counting = truth.copy()
    counting[:20] = 1
    said = classification_verdict(report(truth, model, counting))
    assert "not clearly different from" in said and "a simple word-counting model (90 %)" in said
    assert "Counting every class alike, the rare ones too (macro F1), a simple word-counting model is ahead" in said


def test_the_best_and_the_worst_class_are_named_where_that_is_no_chance() -> None:
    truth = np.repeat([0, 1, 2], 60)
    model = truth.copy()
    model[60:75], model[120:124] = 0, 1
    labels = ("ham", "spam", "offer")
    said = classification_verdict(report(truth, model, truth, labels))
    assert said.endswith("It is best at `ham` (it found 100 % of 60) and worst at `spam` (75 % of 60).")
    model[60:73] = 1
    assert "worst" not in classification_verdict(report(truth, model, truth, labels))


def test_a_model_that_learned_nothing_is_said_to_have() -> None:
    random = np.random.default_rng(0)
    said = classification_verdict(report(TRUTH, random.integers(0, 2, 200), with_mistakes(TRUTH, 90, 0)))
    assert "There is no sign that it has learned anything" in said
    assert "no sign" not in classification_verdict(report(TRUTH, with_mistakes(TRUTH, 8, 0), TRUTH))


def test_twenty_examples_cannot_tell() -> None:
    truth = np.array([0, 1] * 10)
    said = classification_verdict(report(truth, with_mistakes(truth, 8, 0), with_mistakes(truth, 5, 1)))
    assert (
        "So few examples cannot tell whether it is better than always answering `ham` (50 %) or than a simple "
        "word-counting model (75 %)." in said
    )
    assert "clearly" not in said
    assert said.endswith("So few examples (20) cannot tell how good it really is.")


def test_few_examples_are_said_to_be_few() -> None:
    truth = np.array([0, 1] * 6)
    said = classification_verdict(report(truth, truth, with_mistakes(truth, 1, 0)))
    assert said.startswith("All 12 answers to the examples kept aside were right; the true rate may be as low as 76 %.")
    assert said.endswith("So few examples (12) cannot tell how good it really is.")


@pytest.mark.parametrize(
    ("truth", "model", "words"),
    [
        (
            [0, 1] * 20,
            [1, 0] * 20,
            "All 40 answers to the examples kept aside were wrong; the true rate may be as high",
        ),
        ([1], [1], "There was only one example kept aside, and the model's answer to it was right."),
        (
            [0] * 40,
            [0] * 39 + [1],
            "All of these examples were of the class `ham`, so nothing is known about the others.",
        ),
    ],
)
def test_odd_test_parts(truth: list[int], model: list[int], words: str) -> None:
    assert words in classification_verdict(report(truth, model, truth))


def test_without_a_test_part_the_validation_part_is_not_sold_as_one() -> None:
    whole = report(TRUTH, with_mistakes(TRUTH, 8, 0), TRUTH)
    said = classification_verdict({"metrics": {"validation": whole["metrics"]["test"]}, "baselines": {}})
    assert said.startswith("On 200 examples of the validation part,")
    assert "these examples also chose the best version of the model" in said
    assert classification_verdict({"metrics": {}}).startswith("There were no examples")


def test_without_row_by_row_comparison_intervals_must_not_touch() -> None:
    found = report(TRUTH, with_mistakes(TRUTH, 8, 0), with_mistakes(TRUTH, 18, 1))
    for other in found["baselines"].values():
        del other["comparison"]
    assert "but not clearly different from a simple word-counting model (91 %)" in classification_verdict(found)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.934, "93 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.9963, "99.6 %"),
        (0.99999, "over 99.9 %"),
        (1e-5, "under 0.1 %"),
    ],
)
def test_only_what_is_all_or_nothing_is_written_so(share: float, words: str) -> None:
    assert percent(share) == words


def test_long_lists_are_cut() -> None:
    assert named(["a"]) == "`a`"
    assert named(["a", "b"]) == "`a` and `b`"
    assert named(list("abcdef")) == "`a`, `b`, `c` and 3 other classes"


class TestSections:
    found = report(TRUTH, with_mistakes(TRUTH, 8, 0), with_mistakes(TRUTH, 40, 1)) | {
        "mistakes": [{"text": "hm", "truth": "ham", "answer": "spam", "probability": 0.9, "row": 7}]
    }

    def test_each_kind_has_its_shape(self) -> None:
        blocks = classification_sections(self.found, WORDS, {"text": "Text", "text_pair": "Second text"})
        assert [block.kind for block in blocks] == ["scores", "table", "matrix", "table", "examples"]
        for block in blocks:
            assert block.title and block.help.endswith(".")
            if block.kind != "matrix":
                width = len(block.content["columns"])
                for row in block.content["rows"]:
                    assert len(row["values"] if block.kind == "scores" else row) == width

    def test_the_scores_stand_beside_the_baselines_with_their_intervals(self) -> None:
        content = classification_sections(self.found, WORDS, {"text": "Text"})[0].content
        assert [column["label"] for column in content["columns"]] == [
            "This model",
            "Always the most common class",
            "Word counting",
        ]
        accuracy = next(row for row in content["rows"] if row["label"] == "Accuracy")
        assert [value["value"] for value in accuracy["values"]] == [0.96, 0.5, 0.8]
        assert accuracy["values"][0]["low"] < 0.96 < accuracy["values"][0]["high"]

    def test_mistakes_begin_with_the_text(self) -> None:
        content = classification_sections(self.found, WORDS, {"text": "Text", "text_pair": "Second text"})[-1].content
        assert content["rows"] == [["hm", "ham", "spam", 0.9, 7]]
        assert [column["style"] for column in content["columns"]] == ["text", "text", "text", "percent", "count"]

    def test_of_many_classes_the_matrix_shows_the_confused_ones(self) -> None:
        labels = tuple(f"c{number:02}" for number in range(60))
        truth = np.arange(60).repeat(2)
        model = np.where(truth == 59, 58, truth)
        blocks = classification_sections(report(truth, model, truth, labels), WORDS, {"text": "Text"})
        matrix = next(block for block in blocks if block.kind == "matrix")
        assert len(matrix.content["labels"]) == 40 == len(matrix.content["counts"])
        assert {"c58", "c59"} <= set(matrix.content["labels"])
        assert "Of 60 classes" in matrix.help

    def test_without_judgement_there_is_nothing_to_show(self) -> None:
        assert classification_sections({}, WORDS, {"text": "Text"}) == []
