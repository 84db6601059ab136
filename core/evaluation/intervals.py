"""How sure a score is: intervals for accuracy and macro F1, and a paired test between two models.

Every function works on counts or on right/wrong answers, so that any task with classes can use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Interval = tuple[float, float]
"""The lower and the upper end, both between 0 and 1."""

LEVEL = 0.95
RESAMPLES = 2000
_DRAWS = 20_000_000
"""Binomial draws that a bootstrap may cost, about two seconds."""


def wilson(right: int, total: int, level: float = LEVEL) -> Interval:
    """The Wilson score interval for a share of ``right`` among ``total``; (0, 1) when ``total`` is 0.

    It stays honest for small samples and for shares near 0 and 1, where the usual formula does not.

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22;
    ``scipy.stats.binomtest(...).proportion_ci(method="wilson")``.
    """
    if total == 0:
        return 0.0, 1.0
    from scipy.stats import binomtest

    found = binomtest(right, total).proportion_ci(confidence_level=level, method="wilson")
    # Rounding may leave an end a hair outside of what is possible, or beside the share itself.
    return max(0.0, min(float(found.low), right / total)), min(1.0, max(float(found.high), right / total))


def f1_macro_of_counts(counts: Any) -> Any:
    """Macro F1 of confusion matrices, of shape (..., classes, classes), rows are truth.

    Classes that occur neither in the truth nor in the answers take no part, as in scikit-learn.
    """
    import numpy as np

    counts = np.asarray(counts, dtype=float)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    return f1_macro_of_sums(right, counts.sum(-1) + counts.sum(-2))


def bootstrap_f1_macro(counts: Any, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0) -> Interval:
    """A percentile bootstrap interval for macro F1 from a confusion matrix of shape (classes, classes).

    Drawing rows with replacement is drawing the cells of the confusion matrix from a multinomial distribution, so no
    row is touched. Where every answer was right, or every one wrong, resampling shows no spread at all; the Wilson
    interval of the accuracy then gives the open end.

    Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    import numpy as np

    counts = np.asarray(counts, dtype=np.int64)
    total, right = int(counts.sum()), int(np.trace(counts))
    if total == 0:
        return 0.0, 1.0
    if right in (0, total):
        return wilson(right, total, level)
    truth, answer = np.nonzero(counts)
    cells = counts[truth, answer]
    resamples = max(200, min(resamples, _DRAWS // len(cells)))
    scores = _resampled_scores(cells / total, total, truth, answer, len(counts), resamples, np.random.default_rng(seed))
    tail = (1 - level) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    point = float(f1_macro_of_counts(counts))
    return min(float(low), point), max(float(high), point)


def _resampled_scores(
    shares: np.ndarray,
    total: int,
    truth: np.ndarray,
    answer: np.ndarray,
    classes: int,
    resamples: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Macro F1 of ``resamples`` tables of ``total`` rows, whose cells (truth, answer) have these ``shares``."""
    import numpy as np
    from scipy.sparse import csr_array

    size = len(shares)
    ones, position = np.ones(size), np.arange(size)
    hits = truth == answer
    to_right = csr_array((ones[hits], (position[hits], truth[hits])), shape=(size, classes))
    to_truth = csr_array((ones, (position, truth)), shape=(size, classes))
    to_answer = csr_array((ones, (position, answer)), shape=(size, classes))
    to_either = to_truth + to_answer
    scores = np.empty(resamples)
    at_once = max(1, 4_000_000 // size)
    for start in range(0, resamples, at_once):
        draws = random.multinomial(total, shares, size=min(at_once, resamples - start))
        scores[start : start + at_once] = f1_macro_of_sums(draws @ to_right, draws @ to_either)
    return scores


def f1_macro_of_sums(right: Any, either: Any) -> Any:
    """Mean F1 over the classes: ``2 x right / (true + answered)``, both of shape (..., classes).

    Classes with neither truth nor answer take no part.
    """
    import numpy as np

    present = either > 0
    f1 = np.divide(2 * right, either, out=np.zeros(np.shape(either), dtype=float), where=present)
    return f1.sum(-1) / np.maximum(present.sum(-1), 1)


def paired(model_right: Any, other_right: Any) -> dict[str, Any]:
    """Compare two models on the same rows: two arrays of booleans, True where the answer was right.

    Returns ``only_model`` and ``only_other`` (rows where one was right and the other not), ``p_value``, how likely such
    a difference would be by chance alone, and ``clearly``: ``"better"``, ``"worse"`` or ``""`` at the 5 % level.

    Source: the exact form of McNemar (1947), Psychometrika 12, a binomial test of the rows where they differ.
    """
    import numpy as np
    from scipy.stats import binomtest

    model, other = np.asarray(model_right, dtype=bool), np.asarray(other_right, dtype=bool)
    only_model, only_other = int((model & ~other).sum()), int((other & ~model).sum())
    differing = only_model + only_other
    p_value = float(binomtest(only_model, differing, 0.5).pvalue) if differing else 1.0
    clearly = "" if p_value >= 1 - LEVEL else "better" if only_model > only_other else "worse"
    return {"only_model": only_model, "only_other": only_other, "p_value": p_value, "clearly": clearly}
