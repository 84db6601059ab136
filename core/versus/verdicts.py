"""Which of several runs is better, in words that are true: as sure as the rows allow, and no surer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.evaluation.intervals import LEVEL
from core.figures import mark
from core.said import Figures, enumerated, said, said_many, together
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
    return Against(other.id, marks, lead.clearly, together(words, *_others(lead, marks[1:])), better, worse)


def verdict(runs: Sequence[Side], same: Sameness, found: Sequence[Against]) -> str:
    """The sentences that stand at the top."""
    if not found:
        lead = (said("They were not judged on the same rows."),) if same.kind == "other" else ()
        return together(*lead, *same.reasons)
    if len(found) == 1:
        return found[0].words
    names = {side.id: side.name for side in runs}
    first = names[runs[0].id]

    def listed(kind: Clearly) -> str:
        return enumerated(*(said("“{name}”", name=names[one.run]) for one in found if one.clearly == kind))

    better, worse, alike = listed("better"), listed("worse"), listed("")
    rows = said_many(same.rows, "{count} row", "{count} rows")
    return together(
        said("Better than “{first}”: {names}.", first=first, names=better) if better else "",
        said("Worse than “{first}”: {names}.", first=first, names=worse) if worse else "",
        said("Not to be told apart from “{first}” on {rows}: {names}.", first=first, rows=rows, names=alike)
        if alike
        else "",
        said(
            "{count} runs were each measured against “{first}”, which gives chance more occasions; the p values are "
            "corrected for that (by Holm).",
            count=len(found),
            first=first,
        ),
    )


def chance(p_value: float) -> str:
    """A p value with what it means: ``p = 0.003: ... would come by chance in 3 of 1,000 cases``."""
    if p_value < 0.001:
        return said(
            "{p}: between equally good models such a difference would come by chance in fewer than 1 of {of} cases",
            p=Figures("p < 0.001"),
            of=1000,
        )
    if p_value > 0.99:
        return said(
            "{p}: between equally good models such a difference would come by chance in nearly all cases",
            p=Figures(f"p = {p_value:.2f}"),
        )
    of, shown = (1000, f"{p_value:.3f}") if p_value < 0.0995 else (100, f"{p_value:.2f}")
    return said(
        "{p}: between equally good models such a difference would come by chance in {count} of {of} cases",
        p=Figures(f"p = {shown}"),
        count=round(p_value * of),
        of=of,
    )


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
    sure: str = chance(one.p_value)
    if seen.low is not None and seen.high is not None:
        sure = said("{between}; {chance}", between=_between(seen), chance=sure)
    return said(
        "“{best}” is better than “{rest}”: {measured} ({sure}).",
        best=best.name,
        rest=rest.name,
        measured=_measured(seen),
        sure=sure,
    )


def _unclear(first: Side, other: Side, one: Compared, rows: int) -> str:
    lead = said_many(
        rows,
        "Cannot tell “{other}” and “{first}” apart on {count} row.",
        "Cannot tell “{other}” and “{first}” apart on {count} rows.",
        other=other.name,
        first=first.name,
    )
    if not one.difference:
        mark_of_both = _mark(one, one.first)
        return together(
            lead, said("They come to the same mark: {metric} {mark}.", metric=said(one.label), mark=mark_of_both)
        )
    needed = rows_needed(one, rows)
    return together(
        lead,
        said(
            "“{other}” has {measured} ({chance}).",
            other=other.name,
            measured=_measured(one),
            chance=chance(one.p_value),
        ),
        said("If that difference is real, it would take about {rows} rows to show it.", rows=_rounded(needed))
        if needed is not None
        else "",
    )


_BESIDE: dict[Clearly, str] = {
    "better": "By {metric} ({other} against {first}) it is clearly better.",
    "worse": "By {metric} ({other} against {first}) it is clearly worse.",
    "": "By {metric} ({other} against {first}) it cannot be told apart.",
}


def _others(lead: Compared, rest: Sequence[Compared]) -> list[str]:
    if all(one.clearly == lead.clearly for one in rest):
        return []
    return [
        said(
            _BESIDE[one.clearly],
            metric=said(one.label),
            other=_mark(one, one.other),
            first=_mark(one, one.first),
        )
        for one in rest
    ]


def _measured(one: Compared) -> str:
    """``3.1 points more right answers``; ``a Root mean squared error 0.12 lower``."""
    amount = _amount(one, one.difference)
    if one.metric == "right":
        if one.difference > 0:
            return said("{amount} more right answers", amount=amount)
        return said("{amount} fewer right answers", amount=amount)
    if one.difference > 0:
        return said("{metric} {amount} higher", metric=said(one.label), amount=amount)
    return said("{metric} {amount} lower", metric=said(one.label), amount=amount)


def _between(one: Compared) -> str:
    low, high = sorted((abs(one.low or 0.0), abs(one.high or 0.0)))
    if (one.low or 0.0) * (one.high or 0.0) <= 0:
        low = 0.0
    ends = {"low": Figures(_figure(one, low)), "high": Figures(_figure(one, high))}
    if one.style == "percent":
        return said("between {low} and {high} points", **ends)
    return said("between {low} and {high}", **ends)


def _amount(one: Compared, difference: float) -> str:
    figure = Figures(_figure(one, abs(difference)))
    if one.style != "percent":
        return figure
    return said("{number} point", number=figure) if figure == "1.0" else said("{number} points", number=figure)


def _figure(one: Compared, value: float) -> str:
    return f"{100 * value:.1f}" if one.style == "percent" else mark(value, one.style)


def _mark(one: Compared, value: float) -> str:
    written = mark(value, one.style)
    number = written.removesuffix(" %")
    return said("{number} %", number=Figures(number)) if number != written else Figures(written)


def _turned(one: Compared) -> Compared:
    """The same as seen from the other side."""
    low, high = (None if end is None else -end for end in (one.high, one.low))
    return replace(one, first=one.other, other=one.first, difference=-one.difference, low=low, high=high)


def _rounded(number: int) -> int:
    """Two digits that matter."""
    scale = 10 ** max(0, len(str(number)) - 2)
    return -(-number // scale) * scale
