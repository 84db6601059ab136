"""Scores of numbers are those of scipy and scikit-learn; what cannot be said is not said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from core.errors import TrainingError
from core.evaluation import regression


def numbers(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.uniform(1, 5, rows)
    return truth + random.normal(0.2, 0.6, rows), truth


@pytest.mark.parametrize("moved", [0.0, 1e6])
def test_the_numbers_are_those_of_the_libraries(moved: float) -> None:
    given, truth = (values + moved for values in numbers(200))
    given = np.round(given, 1)  # with ties
    found = regression.live_metrics(given, truth)
    assert set(found) == {word.name for word in regression.WORDS}
    assert found["rmse"] == pytest.approx(sklearn_metrics.root_mean_squared_error(truth, given))
    assert found["mae"] == pytest.approx(sklearn_metrics.mean_absolute_error(truth, given))
    assert found["r2"] == pytest.approx(sklearn_metrics.r2_score(truth, given))
    assert found["pearson"] == pytest.approx(stats.pearsonr(truth, given).statistic)
    assert found["spearman"] == pytest.approx(stats.spearmanr(truth, given).statistic)


@pytest.mark.parametrize(
    ("given", "truth", "r2"),
    [([2.0, 2, 2], [1.0, 2, 3], 0), ([1.0, 2, 3], [2.0, 2, 2], 0), ([0.1] * 3, [0.1] * 3, 1), ([4.0], [5.0], 0)],
)
def test_where_all_are_equal_there_is_no_correlation_and_no_warning(
    given: list[float], truth: list[float], r2: float, recwarn: pytest.WarningsRecorder
) -> None:
    found = regression.judge(given, truth)
    assert (found["pearson"], found["spearman"], found["r2"]) == (0, 0, r2)
    assert found["intervals"]["rmse"] and "pearson" not in found["intervals"]
    json.dumps(found, allow_nan=False)
    assert not recwarn.list


def test_of_no_rows_nothing_is_said() -> None:
    assert regression.judge([], []) == {"rows": 0, "intervals": {}}
    assert regression.scatter([], [])["points"] == []


def test_columns_are_read_as_rows() -> None:
    given, truth = numbers(30)
    assert regression.judge(given[:, None], truth) == regression.judge(given, truth)


def test_the_intervals_agree_with_drawing_rows() -> None:
    given, truth = numbers(150)
    random = np.random.default_rng(1)
    drawn = [random.integers(0, 150, 150) for _ in range(2000)]
    found = regression.judge(given, truth)["intervals"]
    for name in ("rmse", "mae", "pearson", "r2"):
        scores = [regression.live_metrics(given[rows], truth[rows])[name] for rows in drawn]
        assert found[name] == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=0.02)


def test_intervals_hold_far_from_zero() -> None:
    given, truth = numbers(150)
    near, far = (regression.judge(given + moved, truth + moved)["intervals"] for moved in (0, 1e7))
    assert far["pearson"] == pytest.approx(near["pearson"], abs=1e-6)


def test_another_answerer_is_compared_row_by_row() -> None:
    given, truth = numbers(100)
    always = np.full(100, truth.mean())
    found = regression.paired(given, always, truth)
    assert found["clearly"] == "better" and found["difference"] < 0
    assert regression.paired(always, given, truth)["clearly"] == "worse"
    assert regression.paired(given[:, None], given, truth)["clearly"] == ""


def test_of_many_points_some_are_drawn() -> None:
    given, truth = numbers(5000)
    found = regression.scatter(given, truth)
    assert len(found["points"]) == 2000 and found == regression.scatter(given, truth)
    assert {tuple(point) for point in found["points"]} <= set(zip(truth.tolist(), given.tolist(), strict=True))
    assert (found["low"], found["high"]) == (min(given.min(), truth.min()), max(given.max(), truth.max()))
    assert len(regression.scatter(given[:10], truth[:10])["points"]) == 10


def test_the_worst_errors_come_first_and_right_answers_never() -> None:
    found = regression.worst([1.0, 5, 3, 0], [1.0, 2, 3.5, 4])
    assert found == [
        {"place": 3, "truth": 4, "answer": 0, "error": -4},
        {"place": 1, "truth": 2, "answer": 5, "error": 3},
        {"place": 2, "truth": 3.5, "answer": 3, "error": -0.5},
    ]
    assert len(regression.worst(*numbers(80))) == 50


def test_a_ruined_model_is_named_as_such() -> None:
    with pytest.raises(TrainingError, match="not a number"):
        regression.judge([np.nan, 1], [1, 2])
    assert np.isfinite(list(regression.live_metrics([np.nan, np.inf], [1, 2]).values())).all()
