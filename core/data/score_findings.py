"""What a person should know of a column of scores before a model learns it, and the scores at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.data.cleaning import of_one, row_numbers
from core.data.scores import Scores
from core.data.types import Finding, Target
from core.said import Figures, enumerated, said, said_many

if TYPE_CHECKING:
    import numpy as np

RANGES = 8
"""About how many ranges the scores are shown in."""
FEW_VALUES = 3
FAR_OUT = 3.0
"""Interquartile ranges beyond the quartiles: Tukey (1977), "Exploratory Data Analysis", calls these far out."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SMALL_SHARE = 0.01


_TITLES = {
    "empty-score": "{count} rows have nothing in `{column}`.",
    "unreadable-score": "{count} rows have no single number in `{column}`, such as `{example}`.",
    "infinite-score": "{count} rows have an infinite or far too large number in `{column}`.",
    "words-in-score": "{count} rows have words or signs around the number in `{column}`, such as `{example}`.",
    "decimal-comma": "{count} rows have a decimal comma in `{column}`, such as `{example}`.",
    "percent-sign": "{count} rows have a percent sign in `{column}`.",
    "some-percent-signs": "{count} rows have a percent sign in `{column}`, unlike the others.",
    "no-percent-sign": "{count} rows have no percent sign in `{column}`, unlike the others.",
}
_SOME, _NONE = "some-percent-signs", "no-percent-sign"


def score_findings(column: str, written: Any, scores: Scores, readable: np.ndarray) -> list[Finding]:
    """Rows without a score to learn from (among those that are ``readable``), and scores that had to be interpreted.

    ``written`` is the column as it stands in the table.
    """
    fix = said("Correct them, or leave it so.")
    findings = [
        _found(
            "empty-score",
            "warning",
            readable & scores.missing,
            said("Without a right answer there is nothing to learn from them, so they are left out."),
            said("Fill in the score, or leave it so."),
            column=column,
        ),
        _found(
            "unreadable-score",
            "warning",
            readable & scores.unreadable,
            said("They are left out: it is not clear which number is meant."),
            fix,
            column=column,
            example=_example(written, readable & scores.unreadable),
        ),
        _found(
            "infinite-score",
            "warning",
            readable & scores.infinite,
            said("They are left out: one of them would outweigh all others."),
            fix,
            column=column,
        ),
        _found(
            "words-in-score",
            "info",
            scores.words,
            said("Only the number is used; of “4 out of 5” that is the 4."),
            column=column,
            example=_example(written, scores.words),
        ),
        _found(
            "decimal-comma",
            "info",
            scores.commas,
            said("The comma is read as a decimal point."),
            column=column,
            example=_example(written, scores.commas),
        ),
        _percent(column, scores),
    ]
    return [finding for finding in findings if finding is not None]


def _percent(column: str, scores: Scores) -> Finding | None:
    import numpy as np

    without = ~np.isnan(scores.values) & ~scores.percents
    if not scores.percents.any() or not without.any():
        return _found(
            "percent-sign",
            "info",
            scores.percents,
            said("The number before it is used as it is: 85 % is 85."),
            column=column,
        )
    is_rare = scores.percents.sum() < without.sum()
    return _found(
        _SOME,
        "warning",
        scores.percents if is_rare else without,
        said(
            "The signs are left away: 85 % is read as 85. If the others are shares such as {share}, the scores are "
            "wrong.",
            share=Figures("0.85"),
        ),
        said("Write all of them alike."),
        title=_SOME if is_rare else _NONE,
        column=column,
    )


def _found(
    code: str, severity: Any, mask: np.ndarray, meaning: str, fix: str = "", title: str = "", **gaps: str
) -> Finding | None:
    """What is said of these rows, if there are any. ``title`` is another one of ``_TITLES`` than that of the code."""
    at = row_numbers(mask)
    if not at["count"]:
        return None
    which = title or code
    words = said_many(at["count"], of_one(_TITLES[which]), _TITLES[which], **gaps)
    return Finding(code, severity, words, meaning, fix, role="score", **at)


def _example(written: Any, mask: np.ndarray) -> str:
    """What stands in the first of these rows."""
    import numpy as np

    places = np.flatnonzero(mask)
    if not len(places):
        return ""
    text = str(written[int(places[0])].as_py()).strip()
    return text if len(text) <= 40 else f"{text[:39]}…"


def blocking(column: str, values: np.ndarray) -> list[Finding]:
    """What makes it impossible to learn: no usable row, or the same score everywhere."""
    if not len(values):
        title, fix = said("No row can be used."), said("Choose other columns.")
        return [Finding("no-rows", "error", title, said("Each row needs a text and a score."), fix, role="score")]
    if values.min() == values.max():
        return [
            Finding(
                "one-score",
                "error",
                said("Every score in `{column}` is {score}.", column=column, score=Figures(number(float(values[0])))),
                said("A model can only learn what makes a score high or low if it sees different ones."),
                said("Add examples with other scores, or choose another column."),
                role="score",
            )
        ]
    return []


def spread_findings(column: str, values: np.ndarray, rows: np.ndarray) -> list[Finding]:
    """What is unusual about the scores as a whole. ``rows`` are the row numbers of ``values``."""
    import numpy as np

    different = np.unique(values)
    if len(different) <= FEW_VALUES and (different == np.round(different)).all():
        names = enumerated(*(Figures(number(float(value))) for value in different))
        return [
            Finding(
                "few-scores",
                "info",
                said(
                    "`{column}` has only {number} different scores: {scores}.",
                    column=column,
                    number=len(different),
                    scores=names,
                ),
                said(
                    "If they stand for kinds of texts, a task that sorts texts into classes suits them better: it says "
                    "how sure it is of each. Scores suit an order, such as from bad to good."
                ),
                role="score",
            )
        ]
    low, high = far_limits(values)
    far = np.flatnonzero((values < low) | (values > high))
    if not len(far):
        return []
    extreme = Figures(number(float(values[far][np.abs(values[far] - np.median(values)).argmax()])))
    return [
        Finding(
            "far-scores",
            "info",
            said_many(
                len(far),
                "{count} row has a score far from all others in `{column}`, up to {extreme}.",
                "{count} rows have a score far from all others in `{column}`, up to {extreme}.",
                column=column,
                extreme=extreme,
            ),
            said("They are kept. Large errors count most while learning, so a few slips of the pen can do harm."),
            said("Look at these rows, and correct what is a mistake."),
            len(far),
            tuple(int(row) for row in rows[far][:20]),
            "score",
        )
    ]


def far_limits(values: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest score that is not far from all others."""
    import numpy as np

    low, high = np.quantile(values, [0.25, 0.75])
    # Where half of all scores are the same, the quartiles say nothing of the rest.
    reach = FAR_OUT * (high - low) if high > low else 2 * FAR_OUT * float(values.std())
    return float(low - reach), float(high + reach)


def repetition_findings(table: Any, texts: Sequence[str]) -> list[Finding]:
    """Rows that repeat another one, and equal texts with different scores.

    ``table`` holds the usable rows with the columns ``texts``, ``score`` and ``row``.
    """
    frame = table.select([*texts, "score", "row"]).to_pandas()
    copies = frame.duplicated([*texts, "score"])
    again = frame.duplicated(list(texts), keep=False)
    torn = again & (frame[again].groupby(list(texts))["score"].transform("nunique") > 1).reindex(
        frame.index, fill_value=False
    )
    findings = []
    if torn.any():
        gap = frame[torn].groupby(list(texts))["score"].agg(lambda scores: scores.max() - scores.min()).max()
        findings.append(
            Finding(
                "contradictions",
                "warning",
                said_many(
                    int(torn.sum()),
                    "{count} row has a text that stands elsewhere with another score, up to {gap} apart.",
                    "{count} rows have a text that stands elsewhere with another score, up to {gap} apart.",
                    gap=Figures(number(float(gap))),
                ),
                said(
                    "The model is told two different things about the same text; the best it can do is to answer "
                    "between them."
                ),
                said("Decide on one score for each of these texts, such as their mean."),
                int(torn.sum()),
                tuple(int(row) for row in frame["row"][torn][:20]),
            )
        )
    if copies.any():
        count = int(copies.sum())
        findings.append(
            Finding(
                "duplicates",
                "info" if count < _SMALL_SHARE * len(frame) else "warning",
                said_many(count, "{count} row is a copy of another row.", "{count} rows are copies of another row."),
                said("If copies of one text are both learned from and judged by, the score looks better than it is."),
                said("Take the copies out of the table."),
                count,
                tuple(int(row) for row in frame["row"][copies][:20]),
            )
        )
    return findings


# --- The scores at a glance ------------------------------------------------------------------------------------------


def target_of(values: np.ndarray) -> Target:
    """Mean, spread and ends of the scores, and how many lie in each of a few ranges."""
    if not len(values):
        return Target()
    return Target(
        mean=float(values.mean()),
        spread=float(values.std()) or 1.0,
        low=float(values.min()),
        high=float(values.max()),
        ranges=ranges(values),
    )


def ranges(values: np.ndarray) -> tuple[tuple[str, int], ...]:
    """About ``RANGES`` ranges with round ends, and how many of the scores lie in each; few scores one by one."""
    import numpy as np

    names, places = grouped(values)
    return tuple(zip(names, np.bincount(places, minlength=len(names)).tolist(), strict=True))


def grouped(values: np.ndarray) -> tuple[list[str], np.ndarray]:
    """(names of ranges from low to high, the place of its range for each score)."""
    import numpy as np

    different, places = np.unique(values, return_inverse=True)
    if len(different) <= RANGES + 2:
        return [number(value) for value in different.tolist()], places
    ends = edges(float(different[0]), float(different[-1]))
    names = [f"{number(low)} to {number(high)}" for low, high in pairwise(ends)]
    return names, np.clip(np.searchsorted(ends, values, side="right") - 1, 0, len(names) - 1)


def edges(low: float, high: float) -> list[float]:
    """Round ends of about ``RANGES`` ranges that hold all from ``low`` to ``high``, which differ."""
    rough = (high - low) / RANGES
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min(_STEPS, key=lambda factor: abs(math.log(factor * power / rough)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(place * step, 12) if step < 1 else place * step for place in range(first, last + 1)]


def number(value: float) -> str:
    """A score for people: 4 significant digits, or all of a whole number."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def quantile_groups(values: np.ndarray, most: int = 10, least: int = 10) -> np.ndarray:
    """A group number a row, from low scores to high: up to ``most`` groups alike in size, of ``least`` rows or more."""
    import numpy as np

    count = max(1, min(most, len(values) // least))
    cuts = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1])) if len(values) else np.zeros(0)
    return np.unique(np.searchsorted(cuts, values, side="left"), return_inverse=True)[1].astype(np.int64)
