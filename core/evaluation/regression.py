"""Judging answers that are numbers: how far off they are, how they go along with the truth, and where they fail.

Predictions and references are numbers of shape (rows,), in the units of the table.
"""

from __future__ import annotations

from typing import Any

from core.evaluation import resampling
from core.evaluation.types import Metrics, MetricWords

WORDS = (
    MetricWords(
        "pearson",
        "Pearson correlation",
        "How closely answers and truth lie along one straight line: 1 is perfect, 0 is no connection.",
        "number",
    ),
    MetricWords(
        "spearman",
        "Spearman correlation",
        "How well the answers put the examples in order, whatever the distances: 1 is perfect, 0 is no connection.",
        "number",
    ),
    MetricWords(
        "rmse",
        "Root mean squared error",
        "How far off the answers are, in the units of the score, where large errors count for more.",
        "number",
        greater_is_better=False,
    ),
    MetricWords(
        "mae",
        "Mean absolute error",
        "How far off the answers are on average, in the units of the score.",
        "number",
        greater_is_better=False,
    ),
    MetricWords(
        "r2",
        "R²",
        "The share of the differences between examples that the answers explain: 1 is all, 0 is what always giving the "
        "average would, and below 0 is worse than that.",
        "number",
    ),
)

POINTS = 2000
"""Drawn at most: more would cover each other."""
WORST = 50
_HUGE = 1e30


def live_metrics(predictions: Any, references: Any) -> Metrics:
    """The metrics of ``WORDS`` for one evaluation. A model ruined by a bad step still gets its (poor) marks.

    Where one side is the same everywhere there is no correlation to speak of: it counts as 0. R² is then, as
    scikit-learn has it, 1 for perfect answers to equal references and 0 for all others.
    """
    import numpy as np
    from scipy import stats

    given = np.nan_to_num(np.asarray(predictions, dtype=float).ravel(), nan=0.0, posinf=_HUGE, neginf=-_HUGE)
    truth = np.asarray(references, dtype=float).ravel()
    if not len(truth):
        return {}
    error = given - truth
    squares, spread = float(np.mean(error**2)), float(np.mean((truth - truth.mean()) ** 2))
    return {
        "pearson": _correlation(given, truth),
        "spearman": _correlation(stats.rankdata(given), stats.rankdata(truth)),
        "rmse": squares**0.5,
        "mae": float(np.mean(np.abs(error))),
        "r2": 1 - squares / spread if not _constant(truth) else float(squares == 0),
    }


def judge(predictions: Any, references: Any) -> dict[str, Any]:
    """Everything a report holds on one split: ``rows``, the metrics of ``WORDS``, and ``intervals`` of all but
    spearman (None where there is none to give).

    Raises ``TrainingError`` where the model gave no number.
    """
    import numpy as np

    from core.evaluation.classification import require_numbers

    require_numbers(predictions)
    given, truth = np.asarray(predictions, dtype=float).ravel(), np.asarray(references, dtype=float).ravel()
    return {"rows": len(truth), **live_metrics(given, truth), "intervals": _intervals(given, truth)}


def paired(predictions: Any, other: Any, references: Any) -> dict[str, Any]:
    """Whether the model's RMSE differs from another answerer's on the same rows; see ``resampling.paired``."""
    import numpy as np

    truth = np.asarray(references, dtype=float).ravel()
    mine, theirs = ((np.asarray(given, dtype=float).ravel() - truth) ** 2 for given in (predictions, other))
    return resampling.paired(resampling.counted(mine), resampling.counted(theirs), _root, greater_is_better=False)


def scatter(predictions: Any, references: Any, most: int = POINTS, seed: int = 0) -> dict[str, Any]:
    """Truth against answer, the content of a ``scatter`` section: at most ``most`` points, drawn with a fixed seed.

    ``low`` and ``high`` are the ends of all truths and answers together.
    """
    import numpy as np

    points = np.stack([np.asarray(values, dtype=float).ravel() for values in (references, predictions)], axis=1)
    low, high = (float(points.min()), float(points.max())) if len(points) else (0.0, 1.0)
    if len(points) > most:
        points = points[np.sort(np.random.default_rng(seed).choice(len(points), most, replace=False))]
    return {"x": "Truth", "y": "Answer", "points": points.tolist(), "low": low, "high": high}


def worst(predictions: Any, references: Any, most: int = WORST) -> list[dict[str, Any]]:
    """The rows with the largest errors, largest first: ``place`` (from 0), ``truth``, ``answer`` and ``error``.

    A right answer is not among them.
    """
    import numpy as np

    given, truth = np.asarray(predictions, dtype=float).ravel(), np.asarray(references, dtype=float).ravel()
    error = given - truth
    order = np.argsort(-np.abs(error), kind="stable")[:most]
    return [
        {
            "place": int(place),
            "truth": float(truth[place]),
            "answer": float(given[place]),
            "error": float(error[place]),
        }
        for place in order
        if error[place]
    ]


def _intervals(given: Any, truth: Any) -> dict[str, list[float] | None]:
    """By drawing rows. Both are moved to the middle of the truth first: sums of large numbers lose small ones."""
    import numpy as np

    if not len(truth):
        return {}
    x, y = given - truth.mean(), truth - truth.mean()
    parts = np.stack([(x - y) ** 2, np.abs(x - y), x, y, x * x, y * y, x * y, np.ones_like(x)], axis=1)
    formulas = {"rmse": _rmse_of, "mae": _mae_of, "r2": _r2_of, "pearson": _pearson_of}
    if _constant(given) or _constant(truth):
        formulas = {"rmse": _rmse_of, "mae": _mae_of}
    found = {name: resampling.interval(parts, formula) for name, formula in formulas.items()}
    return {name: list(ends) if ends else None for name, ends in found.items()}


def _root(sums: Any) -> Any:
    return resampling.mean(sums) ** 0.5


def _rmse_of(sums: Any) -> Any:
    return resampling.ratio(sums[..., 0], sums[..., 7]) ** 0.5


def _mae_of(sums: Any) -> Any:
    return resampling.ratio(sums[..., 1], sums[..., 7])


def _r2_of(sums: Any) -> Any:
    return 1 - _divided(sums[..., 0], sums[..., 5] - sums[..., 3] ** 2 / sums[..., 7])


def _pearson_of(sums: Any) -> Any:
    """NaN for the draws in which one side is the same everywhere: they say nothing."""
    import numpy as np

    x, y, rows = sums[..., 2], sums[..., 3], sums[..., 7]
    spreads = np.maximum(sums[..., 4] - x * x / rows, 0) * np.maximum(sums[..., 5] - y * y / rows, 0)
    return np.clip(_divided(sums[..., 6] - x * y / rows, np.sqrt(spreads)), -1, 1)


def _divided(above: Any, below: Any) -> Any:
    """NaN where there is nothing, or no more than rounding leaves, to divide by."""
    import numpy as np

    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) > 1e-12)


def _correlation(one: Any, other: Any) -> float:
    """Pearson's, as ``scipy.stats.pearsonr`` has it; 0 where one side is the same everywhere."""
    import numpy as np

    if _constant(one) or _constant(other):
        return 0.0
    one, other = one - one.mean(), other - other.mean()
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    return float(np.clip(one @ other, -1, 1))


def _constant(values: Any) -> bool:
    """Whether all are equal, but for rounding."""
    import numpy as np

    return len(values) < 2 or float(np.ptp(values)) <= 1e-13 * float(np.abs(values).max())
