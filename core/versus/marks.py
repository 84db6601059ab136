"""What the kept answers of two models to the same rows say of them: the functions of ``Task.compared``.

Each gets two tables of ``core.judging.kept`` with the same rows in the same order and the same ``truth``, and returns
what can be compared, most telling first. No difference is clear whose p value is 5 % or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation import intervals, resampling
from core.evaluation.types import MetricWords
from core.said import said
from core.versus.types import Compared

RIGHT = MetricWords("right", "Right answers", "The share of these rows that were answered rightly.")
ERROR = MetricWords(
    "error", "Mean error", "How wrong the answers are on average; 0 is right.", "number", greater_is_better=False
)


def by_error(first: Any, other: Any) -> list[Compared]:
    """Right answers where each is either right or wrong, else the mean of ``error``."""
    mine, theirs = _column(first, "error"), _column(other, "error")
    if set(mine.tolist()) | set(theirs.tolist()) <= {0.0, 1.0}:
        return [right_answers(mine == 0, theirs == 0)]
    return [resampled(ERROR, resampling.counted(mine), resampling.counted(theirs), resampling.mean)]


def right_answers(first: Any, other: Any, words: MetricWords = RIGHT, seed: int = 0) -> Compared:
    """Two arrays of booleans, True where the answer was right, by the exact test of McNemar.

    The range of the difference is a percentile bootstrap. A row adds 1, -1 or 0 to it, so that drawing rows is drawing
    from a multinomial distribution.
    """
    import numpy as np

    mine, theirs = np.asarray(first, dtype=bool), np.asarray(other, dtype=bool)
    found, rows = intervals.paired(theirs, mine), len(mine)
    if not rows:
        return _compared(words, 0.0, 0.0, None, None, 1.0, "", "mcnemar")
    only_mine, only_theirs = found["only_other"], found["only_model"]
    shares = np.array([only_theirs, only_mine, rows - only_theirs - only_mine]) / rows
    drawn = np.random.default_rng(seed).multinomial(rows, shares, size=5 * intervals.RESAMPLES)
    tail = (1 - intervals.LEVEL) / 2
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / rows, [tail, 1 - tail])
    mark = (float(mine.mean()), float(theirs.mean()))
    return _compared(words, *mark, *_ends(low, high), found["p_value"], found["clearly"], "mcnemar")


def resampled(words: MetricWords, first: Any, other: Any, score: Any) -> Compared:
    """A metric that is a formula of sums over rows: see ``core.evaluation.resampling.paired``."""
    import numpy as np

    found = resampling.paired(other, first, score, words.greater_is_better)
    mark = [float(score(np.asarray(parts.sum(0), dtype=float).reshape(-1))) for parts in (first, other)]
    ends = _ends(found["low"], found["high"])
    return _compared(words, mark[0], mark[1], *ends, found["p_value"], found["clearly"], "swapped")


def _ends(low: Any, high: Any) -> tuple[float | None, float | None]:
    """Nothing where rows that are all alike show no spread: that says how few they are, not how sure it is."""
    return (None, None) if low is None or high <= low else (float(low), float(high))


def classes(first: Any, other: Any) -> list[Compared]:
    """For one class a row: right answers, then macro F1, in which a rare class counts as much as a common one."""
    from core.evaluation import metrics

    truth, mine, theirs = (_texts(table, name) for table, name in _three(first, other))
    number = {label: place for place, label in enumerate(sorted({*truth, *mine, *theirs}))}
    codes = [_numbers(labels, number) for labels in (truth, mine, theirs)]
    size = len(number)

    def score(sums: Any) -> Any:
        return intervals.f1_macro_of_sums(sums[..., :size], sums[..., size:])

    parts = [_f1_parts(codes[0], answers, size) for answers in codes[1:]]
    f1 = resampled(metrics.words("f1_macro")[0], parts[0], parts[1], score)
    return [right_answers(codes[0] == codes[1], codes[0] == codes[2]), f1]


def numbers(first: Any, other: Any) -> list[Compared]:
    """For one number a row: the root mean squared error, then the mean absolute error."""
    import numpy as np

    from core.evaluation import regression

    words = {one.name: one for one in regression.WORDS}
    truth = _column(first, "truth")
    off = [np.abs(_column(table, "answer") - truth) for table in (first, other)]
    squares = [resampling.counted(one**2) for one in off]
    plain = [resampling.counted(one) for one in off]
    return [
        resampled(words["rmse"], squares[0], squares[1], lambda sums: resampling.mean(sums) ** 0.5),
        resampled(words["mae"], plain[0], plain[1], resampling.mean),
    ]


def _f1_parts(truth: Any, answers: Any, size: int) -> Any:
    """What each row adds to (right answers, true and given ones) of each class: sparse, of shape (rows, 2 x size)."""
    import numpy as np
    from scipy.sparse import csr_array, hstack

    rows, ones = np.arange(len(truth)), np.ones(len(truth))
    true = csr_array((ones, (rows, truth)), shape=(len(truth), size))
    given = csr_array((ones, (rows, answers)), shape=(len(truth), size))
    return hstack([true.multiply(given), true + given], format="csr")


def _three(first: Any, other: Any) -> Sequence[tuple[Any, str]]:
    return (first, "truth"), (first, "answer"), (other, "answer")


def _texts(table: Any, name: str) -> list[str]:
    return [str(value) for value in table.column(name).to_pylist()]


def _numbers(labels: Sequence[str], number: dict[str, int]) -> Any:
    import numpy as np

    return np.fromiter((number[label] for label in labels), dtype=np.int64, count=len(labels))


def _column(table: Any, name: str) -> Any:
    import numpy as np

    return np.asarray(table.column(name).to_numpy(), dtype=float)


def _compared(
    words: MetricWords,
    first: float,
    other: float,
    low: float | None,
    high: float | None,
    p_value: float,
    clearly: Any,
    way: Any,
) -> Compared:
    return Compared(
        words.name,
        said(words.label),
        said(words.help),
        words.style,
        first,
        other,
        other - first,
        low,
        high,
        p_value,
        clearly,
        way,
        words.greater_is_better,
    )
