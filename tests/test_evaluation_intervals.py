"""Intervals and the paired test, against known values and against the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from core.evaluation.intervals import bootstrap_f1_macro, f1_macro_of_counts, paired, wilson


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (12, 12, 0.7575, 1.0), (515, 539, 0.9346, 0.9699)],
)
def test_wilson_gives_the_known_values(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=1e-3)


def test_wilson_of_nothing_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def answers(rows: int, classes: int, share_right: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.choice(classes, rows, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    given = np.where(random.random(rows) < share_right, truth, random.integers(0, classes, rows))
    return truth, given


@pytest.mark.parametrize("classes", [2, 5, 40])
def test_macro_f1_of_counts_is_that_of_scikit_learn(classes: int) -> None:
    truth, given = answers(300, classes, 0.6)
    counts = confusion_matrix(truth, given, labels=range(classes + 3))  # three classes that never occur
    assert f1_macro_of_counts(counts) == pytest.approx(f1_score(truth, given, average="macro", zero_division=0))


def test_the_bootstrap_agrees_with_drawing_rows() -> None:
    truth, given = answers(400, 4, 0.7)
    random = np.random.default_rng(1)
    drawn = [random.integers(0, 400, 400) for _ in range(1500)]
    scores = [f1_score(truth[rows], given[rows], average="macro", zero_division=0) for rows in drawn]
    expected = np.quantile(scores, [0.025, 0.975])
    assert bootstrap_f1_macro(confusion_matrix(truth, given)) == pytest.approx(tuple(expected), abs=0.01)


def test_the_bootstrap_is_the_same_each_time_and_holds_the_score() -> None:
    counts = confusion_matrix(*answers(60, 12, 0.5))
    low, high = bootstrap_f1_macro(counts)
    assert (low, high) == bootstrap_f1_macro(counts)
    assert 0 <= low <= f1_macro_of_counts(counts) <= high <= 1


def test_many_classes_and_many_rows_stay_quick() -> None:
    counts = confusion_matrix(*answers(20_000, 300, 0.3), labels=range(300))
    low, high = bootstrap_f1_macro(counts)
    assert 0 < low < high < 0.6


def test_a_perfect_score_is_not_certain() -> None:
    assert bootstrap_f1_macro([[6, 0], [0, 6]]) == pytest.approx((0.7575, 1.0), abs=1e-3)
    assert bootstrap_f1_macro([[0, 6], [6, 0]]) == pytest.approx((0.0, 0.2425), abs=1e-3)


def test_paired_counts_the_rows_where_two_models_differ() -> None:
    model = np.array([1] * 50 + [0] * 10 + [1] * 12 + [0] * 2, dtype=bool)
    other = np.array([1] * 50 + [0] * 10 + [0] * 12 + [1] * 2, dtype=bool)
    found = paired(model, other)
    assert (found["only_model"], found["only_other"], found["clearly"]) == (12, 2, "better")
    assert found["p_value"] == pytest.approx(0.01294, abs=1e-4)  # 2 * P(X <= 2), X binomial(14, 1/2)
    assert paired(other, model)["clearly"] == "worse"
    assert paired(model, model) == {"only_model": 0, "only_other": 0, "p_value": 1.0, "clearly": ""}
