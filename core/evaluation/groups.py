"""The rows of a judgement in groups, such as by length, each with its mean and what that is sure of.

A group as a record: ``name``, ``rows``, ``value``, ``low`` and ``high`` (both None where it is too small to tell), and
``where``, the conditions of its judged rows (``core.judging.kept.Condition``), or None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation import intervals, resampling
from core.evaluation.types import Section, Style
from core.said import said, said_many, together

FEWEST = 10
"""Of fewer rows no range is told: they can say next to nothing."""
MANY = 2000
"""Of more rows, the range of a mean comes from its standard error: the same as drawing rows gives, in no time."""
SIZES = 5
_ROUND = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 80)
NO_RANGE = said("Where no range stands there are fewer than {fewest} rows: too few to tell.", fewest=FEWEST)


@dataclass(frozen=True)
class Group:
    """Some rows: their ``name``, a mask of shape (rows,), and the conditions that say the same of the judged rows."""

    name: str
    chosen: Any
    where: Sequence[Sequence[Any]] | None = None


def by_value(values: Sequence[str], column: str) -> list[Group]:
    """A group for each different value, the commonest first."""
    import numpy as np

    found = np.asarray(values, dtype=object)
    names = sorted(set(values), key=lambda name: (-int((found == name).sum()), name))
    return [Group(name, found == name, [[column, "==", name]]) for name in names]


def by_size(sizes: Any, column: str) -> list[Group]:
    """Up to ``SIZES`` groups alike in words with round ends, from small to large: ``6 to 10 words``.

    Fewer groups of few rows, and none at all where not even two can be told apart.
    """
    import numpy as np

    sizes = np.asarray(sizes, dtype=int)
    if len(sizes) < 4 * FEWEST:
        return []
    ends = [*_ends(sizes), int(sizes.max())]
    groups, above = [], -1
    for end in ends:
        chosen = (sizes > above) & (sizes <= end)
        if chosen.any():
            last = end == ends[-1]
            where = [[column, ">", above], *([] if last else [[column, "<=", end]])]
            low = int(sizes[chosen].min()) if above < 0 else above + 1
            groups.append(Group(_called(low, end, above < 0, last), chosen, where))
            above = end
    return groups


def _ends(sizes: Any) -> list[int]:
    """Round numbers that part the sizes into groups alike in number, below the largest."""
    import numpy as np

    count = min(SIZES, len(sizes) // (2 * FEWEST))
    rounds = np.array([number * 10**power for power in (0, 2, 4, 6) for number in _ROUND])
    cuts = np.quantile(sizes, np.linspace(0, 1, count + 1)[1:-1])
    found = {int(rounds[np.abs(np.log(rounds) - np.log(max(cut, 1))).argmin()]) for cut in cuts}
    return sorted(end for end in found if sizes.min() <= end < sizes.max())


def _called(low: int, end: int, is_first: bool, is_last: bool) -> str:
    if is_last and not is_first:
        return said_many(low - 1, "over {count} word", "over {count} words")
    if low == end:
        return said_many(end, "{count} word", "{count} words")
    return said("up to {end} words", end=end) if is_first else said("{low} to {end} words", low=low, end=end)


def means(groups: Sequence[Group], values: Any, shares: bool = False) -> list[dict[str, Any]]:
    """The mean of ``values`` of shape (rows,) in each group, as records. A mean of ``shares``, from 0 to 1, that are
    all 0 or all 1 gets the Wilson interval: drawing rows would show no spread at all.
    """
    import numpy as np

    values = np.asarray(values, dtype=float)
    return [_record(group, resampling.counted(values[group.chosen]), shares) for group in groups]


def ratios(groups: Sequence[Group], above: Any, below: Any) -> list[dict[str, Any]]:
    """The sum of ``above`` divided by that of ``below`` in each group, such as the loss of a token, as records."""
    import numpy as np

    parts = np.stack([np.asarray(above, dtype=float), np.asarray(below, dtype=float)], axis=1)
    return [_record(group, parts[group.chosen], False) for group in groups]


def _record(group: Group, parts: Any, shares: bool) -> dict[str, Any]:
    rows = len(parts)
    low, high = _range(parts, shares) if rows >= FEWEST else (None, None)
    return {
        "name": group.name,
        "rows": rows,
        "value": float(resampling.mean(parts.sum(0))) if rows else None,
        "low": low,
        "high": high,
        "where": group.where,
    }


def _range(parts: Any, shares: bool) -> tuple[float | None, float | None]:
    values = parts[:, 0]
    if shares and values.min() == values.max() and values[0] in (0, 1):
        return intervals.wilson(len(values) if values[0] else 0, len(values))
    return large(parts) if len(parts) > MANY else resampling.interval(parts, resampling.mean) or (None, None)


def large(parts: Any) -> tuple[float, float]:
    """The interval of the ratio of two sums over many rows, ``parts`` of shape (rows, 2).

    Source: Cochran (1977), "Sampling Techniques", 3rd edition, section 6.4: the standard error of a ratio.
    """
    import numpy as np
    from scipy.stats import norm

    above, below = parts.sum(0)
    if not below:
        return 0.0, 0.0
    ratio = above / below
    error = np.std(parts[:, 0] - ratio * parts[:, 1], ddof=1) * np.sqrt(len(parts)) / below
    low, high = norm.interval(intervals.LEVEL, loc=ratio, scale=error) if error > 0 else (ratio, ratio)
    return float(low), float(high)


def section(
    title: str,
    help: str,
    found: Sequence[Mapping[str, Any]],
    labels: tuple[str, str, str],
    style: Style,
    more: Sequence[tuple[str, Style, str]] = (),
) -> Section | None:
    """Records of groups as a block; None where there is nothing to tell apart.

    ``labels`` are those of the groups, of the number of rows, and of the value; ``more`` are columns between the two
    latter: (label, style, key in the records).
    """
    if len(found) < 2:
        return None
    first, count, value = labels
    columns = [
        {"label": first, "style": "text"},
        {"label": count, "style": "count"},
        *({"label": label, "style": kind} for label, kind, _ in more),
        {"label": value, "style": style},
    ]
    keys = ["name", "rows", *(key for *_, key in more), "value"]
    unsure = any(one["low"] is None for one in found)
    return Section(
        "slices",
        title,
        together(help, NO_RANGE) if unsure else help,
        {
            "columns": columns,
            "rows": [[one[key] for key in keys] for one in found],
            "low": [one["low"] for one in found],
            "high": [one["high"] for one in found],
            "opens": [one["where"] for one in found],
        },
    )
