"""Which of several runs is better, in words that are true: as sure as the rows allow, and no surer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.evaluation.intervals import LEVEL
from core.figures import mark, plural
from core.versus.types import Against, Clearly, Compared, Sameness, Side

_POWER = 1.959964 + 0.841621
"""A difference of so many standard errors is found in 80 % of the cases at the 5 % level.

Source: Cohen (1988), "Statistical Power Analysis for the Behavioral Sciences".
"""
_MOST_TIMES = 100
"""Nobody brings more times the rows, and a difference that small matters to nobody."""


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of several tests, made larger so that by chance alone hardly any of all seems clear.

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure", Scand. J. of Statistics 6.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def corrected(found: Sequence[Sequence[Compared]]) -> list[tuple[Compared, ...]]:
    """What several runs came to beside the first, each metric's p values corrected for the number of runs."""
    result: list[list[Compared]] = [[] for _ in found]
    for metrics in zip(*found, strict=True):
        for place, (one, p_value) in enumerate(zip(metrics, holm([one.p_value for one in metrics]), strict=True)):
            clearly: Clearly = one.clearly if p_value < 1 - LEVEL else ""
            result[place].append(replace(one, p_value=p_value, clearly=clearly))
    return [tuple(metrics) for metrics in result]


def against(first: Side, other: Side, marks: tuple[Compared, ...], rows: int, better: int, worse: int) -> Against:
    """One run beside the first, in a record and in words. Its first metric decides."""
    lead = marks[0]
    words = _clear(first, other, lead) if lead.clearly else _unclear(first, other, lead, rows)
    return Against(other.id, marks, lead.clearly, f"{words}{_others(lead, marks[1:])}", better, worse)


def verdict(runs: Sequence[Side], same: Sameness, found: Sequence[Against]) -> str:
    """The sentences that stand at the top."""
    if not found:
        lead = ("They were not judged on the same rows.",) if same.kind == "other" else ()
        return " ".join((*lead, *same.reasons))
    if len(found) == 1:
        return found[0].words
    names = {side.id: f"“{side.name}”" for side in runs}
    first = names[runs[0].id]
    groups = (
        ("better", f"Better than {first}"),
        ("worse", f"Worse than {first}"),
        ("", f"Not to be told apart from {first} on {plural(same.rows, 'row')}"),
    )
    said = [
        f"{title}: {', '.join(names[one.run] for one in found if one.clearly == kind)}."
        for kind, title in groups
        if any(one.clearly == kind for one in found)
    ]
    return (
        f"{' '.join(said)} {len(found)} runs were each measured against {first}, which gives chance more occasions; "
        "the p values are corrected for that (by Holm)."
    )


def chance(p_value: float) -> str:
    """A p value with what it means: ``p = 0.003: ... would come by chance in 3 of 1,000 cases``."""
    often = "between equally good models such a difference would come by chance in"
    if p_value < 0.001:
        return f"p < 0.001: {often} fewer than 1 of 1,000 cases"
    if p_value > 0.99:
        return f"p = {p_value:.2f}: {often} nearly all cases"
    of, shown = (1000, f"{p_value:.3f}") if p_value < 0.0995 else (100, f"{p_value:.2f}")
    return f"p = {shown}: {often} {round(p_value * of)} of {of:,} cases"


def rows_needed(one: Compared, rows: int) -> int | None:
    """On how many rows a difference of this size would probably be clear; None where that is out of reach."""
    if one.low is None or one.high is None or not one.difference or one.high <= one.low:
        return None
    error = (one.high - one.low) / (2 * 1.959964)
    needed = rows * (_POWER * error / abs(one.difference)) ** 2
    return int(needed) + 1 if rows < needed <= _MOST_TIMES * rows else None


def _clear(first: Side, other: Side, one: Compared) -> str:
    best, rest = (other, first) if one.clearly == "better" else (first, other)
    seen = one if best is other else _turned(one)
    between = "" if seen.low is None or seen.high is None else f"{_between(seen)}; "
    return f"“{best.name}” is better than “{rest.name}”: {_measured(seen)} ({between}{chance(one.p_value)})."


def _unclear(first: Side, other: Side, one: Compared, rows: int) -> str:
    said = f"Cannot tell “{other.name}” and “{first.name}” apart on {plural(rows, 'row')}."
    if not one.difference:
        return f"{said} They come to the same mark: {one.label} {mark(one.first, one.style)}."
    said += f" “{other.name}” has {_measured(one)} ({chance(one.p_value)})."
    if (needed := rows_needed(one, rows)) is not None:
        said += f" If that difference is real, it would take about {_rounded(needed):,} rows to show it."
    return said


def _others(lead: Compared, rest: Sequence[Compared]) -> str:
    said = []
    for one in rest:
        values = f"{mark(one.other, one.style)} against {mark(one.first, one.style)}"
        how = {"better": "clearly better", "worse": "clearly worse", "": "cannot be told apart"}[one.clearly]
        said.append(f" By {one.label} ({values}) it {'is ' if one.clearly else ''}{how}.")
    return "".join(said) if any(one.clearly != lead.clearly for one in rest) else ""


def _measured(one: Compared) -> str:
    """``3.1 points more right answers``; ``a Root mean squared error 0.12 lower``."""
    if one.metric == "right":
        return f"{_amount(one, one.difference)} {'more' if one.difference > 0 else 'fewer'} right answers"
    return f"{one.label} {_amount(one, one.difference)} {'higher' if one.difference > 0 else 'lower'}"


def _between(one: Compared) -> str:
    low, high = sorted((abs(one.low or 0.0), abs(one.high or 0.0)))
    if (one.low or 0.0) * (one.high or 0.0) <= 0:
        low = 0.0
    unit = " points" if one.style == "percent" else ""
    return f"between {_figure(one, low)} and {_figure(one, high)}{unit}"


def _amount(one: Compared, difference: float) -> str:
    figure = _figure(one, abs(difference))
    return f"{figure} {'point' if figure == '1.0' else 'points'}" if one.style == "percent" else figure


def _figure(one: Compared, value: float) -> str:
    return f"{100 * value:.1f}" if one.style == "percent" else mark(value, one.style)


def _turned(one: Compared) -> Compared:
    """The same as seen from the other side."""
    low, high = (None if end is None else -end for end in (one.high, one.low))
    return replace(one, first=one.other, other=one.first, difference=-one.difference, low=low, high=high)


def _rounded(number: int) -> int:
    """Two digits that matter."""
    scale = 10 ** max(0, len(str(number)) - 2)
    return -(-number // scale) * scale
