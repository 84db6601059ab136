"""How sure a score is that is made of sums over rows, and whether two models differ on the same rows.

Micro F1, RMSE, a mean, a correlation, the loss per token: each is a formula of a few sums over rows. ``parts`` holds
what each row adds, an array of shape (rows, sums), dense or ``scipy.sparse``; ``score`` is the formula: an array of
shape (..., sums) in, one of shape (...) out. Drawing rows anew then is one product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from core.evaluation.intervals import LEVEL, RESAMPLES

Score = Callable[[Any], Any]

_DRAWN = 100_000_000
"""Rows drawn at most, all resamples together: about two seconds."""
_AT_ONCE = 8_000_000
"""Numbers held at most by one batch of resamples."""


def interval(
    parts: Any, score: Score, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float] | None:
    """A percentile bootstrap interval for ``score`` of the sums; None without rows, or where the score is no number.

    It holds the score itself. Where all rows are alike it shows no spread at all: a caller whose scores have a best
    and a worst (all right, all wrong) asks ``intervals.wilson`` then.

    Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    import numpy as np

    if parts.shape[0] == 0:
        return None
    point = float(score(_totals(parts)))
    scores = np.concatenate([score(sums) for sums in _resampled(parts, resamples, seed)])
    scores = scores[np.isfinite(scores)]
    if not np.isfinite(point) or not len(scores):
        return None
    low, high = _ends(scores, level)
    return min(low, point), max(high, point)


def paired(
    model: Any,
    other: Any,
    score: Score,
    greater_is_better: bool = True,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Compare two models by the parts of the same rows, in the same order.

    Returns ``difference`` (model minus other), ``low`` and ``high`` (its interval from drawing rows), ``p_value``, how
    likely such a difference would be if it did not matter which of the two gave an answer, and ``clearly``:
    ``"better"``, ``"worse"`` or ``""``, as ``intervals.paired`` says it. Clearly asks both: the p value is honest with
    few rows, where drawing rows is not.

    Sources: Efron & Tibshirani (1993), chapter 16; Noreen (1989), "Computer-Intensive Methods for Testing Hypotheses"
    (approximate randomization: the answers to each row change sides or not, by chance).
    """
    import numpy as np
    from scipy import sparse

    nothing = {"difference": 0.0, "low": None, "high": None, "p_value": 1.0, "clearly": ""}
    if model.shape[0] == 0:
        return nothing
    size = model.shape[1]
    stacked = (sparse.hstack if sparse.issparse(model) else np.hstack)([model, other]).astype(float)

    def differences(sums: Any) -> Any:
        return score(sums[..., :size]) - score(sums[..., size:])

    point = float(differences(_totals(stacked)))
    drawn = np.concatenate([differences(sums) for sums in _resampled(stacked, resamples, seed)])
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(point) or not len(drawn):
        return nothing
    low, high = _ends(drawn, level)
    swapped = np.concatenate([differences(sums) for sums in _swapped(model, other, resamples, seed)])
    # A hair of tolerance: the same sums added in another order are not always the same float.
    beyond = (np.abs(swapped) >= abs(point) - 1e-12 - 1e-9 * abs(point)).sum()
    p_value = float((1 + beyond) / (1 + len(swapped)))
    sure = p_value < 1 - level and (low > 0 or high < 0)
    better = (point > 0) == greater_is_better
    return {
        "difference": point,
        "low": min(low, point),
        "high": max(high, point),
        "p_value": p_value,
        "clearly": "" if not sure else "better" if better else "worse",
    }


def mean(sums: Any) -> Any:
    """The score whose parts are (value, 1)."""
    return ratio(sums[..., 0], sums[..., 1])


def ratio(above: Any, below: Any) -> Any:
    """``above / below``, and 0 where ``below`` is 0."""
    import numpy as np

    above, below = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    return np.divide(above, below, out=np.zeros(np.broadcast_shapes(above.shape, below.shape)), where=below != 0)


def counted(values: Any) -> Any:
    """The parts of ``mean``: values of shape (rows,) beside ones."""
    import numpy as np

    values = np.asarray(values, dtype=float)
    return np.stack([values, np.ones_like(values)], axis=1)


def _totals(parts: Any) -> Any:
    import numpy as np

    return np.asarray(parts.sum(0), dtype=float).reshape(-1)


def _ends(scores: Any, level: float) -> tuple[float, float]:
    import numpy as np

    tail = (1 - level) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    return float(low), float(high)


def _bounded(parts: Any, resamples: int) -> tuple[int, int]:
    """(resamples that the time allows, how many of them at once)."""
    stored = getattr(parts, "nnz", parts.shape[0])
    return (
        max(200, min(resamples, _DRAWN // max(parts.shape[0], stored))),
        max(1, _AT_ONCE // (parts.shape[0] + parts.shape[1])),
    )


def _resampled(parts: Any, resamples: int, seed: int) -> Iterator[Any]:
    """The sums of as many rows drawn with replacement, a batch of resamples at a time, of shape (resamples, sums)."""
    import numpy as np

    random, rows = np.random.default_rng(seed), parts.shape[0]
    resamples, at_once = _bounded(parts, resamples)
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        times = np.empty((size, rows))
        for one in range(size):
            times[one] = np.bincount(random.integers(0, rows, rows), minlength=rows)
        yield np.asarray(times @ parts)


def _swapped(model: Any, other: Any, resamples: int, seed: int) -> Iterator[Any]:
    """The sums of both, side by side, after each row's answers changed sides or not: (resamples, sums of both)."""
    import numpy as np

    random = np.random.default_rng(seed)
    resamples, at_once = _bounded(model, resamples)
    change, first, second = other - model, _totals(model), _totals(other)
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        moved = np.asarray(random.integers(0, 2, (size, model.shape[0])).astype(float) @ change)
        yield np.hstack([first + moved, second - moved])
