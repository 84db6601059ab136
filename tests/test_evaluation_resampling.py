"""Intervals and comparisons from sums over rows, against drawing the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse, stats

from core.evaluation import resampling

RANDOM = np.random.default_rng(3)


def test_an_interval_of_a_mean_is_that_of_scipy() -> None:
    values = RANDOM.exponential(size=200)
    expected = stats.bootstrap((values,), np.mean, method="percentile", rng=1, n_resamples=4000).confidence_interval
    found = resampling.interval(resampling.counted(values), resampling.mean)
    assert found == pytest.approx(tuple(expected), abs=0.02)
    assert found == resampling.interval(resampling.counted(values), resampling.mean), "the same each time"


def test_sparse_parts_give_the_same_as_dense_ones() -> None:
    parts = (RANDOM.random((50, 4)) < 0.3).astype(float)

    def score(sums: np.ndarray) -> np.ndarray:
        return resampling.ratio(sums[..., :2].sum(-1), sums.sum(-1))

    dense, thin = resampling.interval(parts, score), resampling.interval(sparse.csr_array(parts), score)
    assert dense == pytest.approx(thin)
    other = sparse.csr_array(parts[::-1].copy())
    assert resampling.paired(sparse.csr_array(parts), other, score) == pytest.approx(
        resampling.paired(parts, parts[::-1].copy(), score)
    )


def test_without_rows_or_numbers_there_is_no_interval() -> None:
    assert resampling.interval(np.zeros((0, 2)), resampling.mean) is None
    assert resampling.interval(np.ones((4, 2)), lambda sums: np.full(sums.shape[:-1], np.nan)) is None


def test_a_real_difference_is_clear_and_goes_both_ways() -> None:
    other = RANDOM.normal(size=300)
    model = other + RANDOM.normal(0.3, 1, size=300)
    mine, theirs = resampling.counted(model), resampling.counted(other)
    found = resampling.paired(mine, theirs, resampling.mean)
    assert found["clearly"] == "better" and found["difference"] == pytest.approx((model - other).mean())
    assert found["low"] < found["difference"] < found["high"]
    expected = stats.ttest_rel(model, other).pvalue
    assert found["p_value"] == pytest.approx(expected, abs=0.01)
    assert resampling.paired(mine, theirs, resampling.mean, greater_is_better=False)["clearly"] == "worse"
    assert resampling.paired(theirs, mine, resampling.mean)["clearly"] == "worse"


def test_the_p_value_is_that_of_a_permutation_test() -> None:
    model, other = RANDOM.normal(0.25, 1, 40), RANDOM.normal(0, 1, 40)
    expected = stats.permutation_test(
        (model, other),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        permutation_type="samples",
        vectorized=True,
        rng=0,
    )
    found = resampling.paired(resampling.counted(model), resampling.counted(other), resampling.mean)
    assert found["p_value"] == pytest.approx(expected.pvalue, abs=0.03)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_with_few_rows_nothing_is_clear(rows: int) -> None:
    ones, zeros = resampling.counted(np.ones(rows)), resampling.counted(np.zeros(rows))
    found = resampling.paired(ones, zeros, resampling.mean)
    assert (found["difference"], found["clearly"]) == (1, "")
    assert resampling.paired(ones, ones, resampling.mean)["p_value"] == 1


def test_chance_differences_are_seldom_called_clear() -> None:
    called = 0
    for _ in range(200):
        model, other = (resampling.counted(RANDOM.normal(size=30)) for _ in range(2))
        called += bool(resampling.paired(model, other, resampling.mean, resamples=500)["clearly"])
    assert called <= 22, "about 10 are to be expected; more than 22 happens once in a thousand times"


def test_of_no_rows_nothing_is_said() -> None:
    nothing = np.zeros((0, 2))
    assert resampling.paired(nothing, nothing, resampling.mean)["clearly"] == ""


def test_many_rows_stay_quick_and_small() -> None:
    low, high = resampling.interval(resampling.counted(RANDOM.random(200_000)), resampling.mean)
    assert 0.498 < low < high < 0.502
