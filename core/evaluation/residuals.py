"""How far off numbers are: by range of the truth, along the answers, and how often by how much.

A residual is the answer less the truth, in the units of the table: above 0 the answer is too high.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from core.evaluation import groups
from core.evaluation.groups import FEWEST, Group
from core.evaluation.sections import part_of
from core.evaluation.types import Section
from core.said import Figures, said, together

BINS, FEWEST_IN_A_BIN = 10, 20
BARS = 40


def ranges(given: Any, truth: Any) -> list[dict[str, Any]]:
    """By range of the true score, from low to high: ``range``, ``rows``, ``mae`` and ``bias`` (the mean residual), each
    with its interval under ``intervals`` (None where there are too few rows), and ``where``.
    """
    import numpy as np

    from core.data.score_findings import grouped

    if not len(truth):
        return []
    names, places = grouped(truth)
    residual = np.asarray(given) - truth
    found = [_of_range(name, places == place, truth) for place, name in enumerate(names) if (places == place).any()]
    pairs = zip(groups.means(found, np.abs(residual)), groups.means(found, residual), strict=True)
    return [
        {
            "range": mae["name"],
            "rows": mae["rows"],
            "mae": mae["value"],
            "bias": bias["value"],
            "intervals": {"mae": _ends(mae), "bias": _ends(bias)},
            "where": mae["where"],
        }
        for mae, bias in pairs
    ]


def _of_range(name: str, chosen: Any, truth: Any) -> Group:
    """Its conditions are the ends of the truths in it: ranges do not overlap."""
    low, high = float(truth[chosen].min()), float(truth[chosen].max())
    return Group(name, chosen, [["truth", ">=", low], ["truth", "<=", high]])


def _ends(record: Mapping[str, Any]) -> list[float] | None:
    return None if record["low"] is None else [record["low"], record["high"]]


def along(given: Any, truth: Any) -> list[dict[str, Any]]:
    """The residuals along the answers, from low answers to high, in up to ``BINS`` bins alike in number.

    ``answer`` (their mean), ``mean``, ``low`` and ``high`` (between which 8 of 10 residuals lie) and ``rows``. Empty
    where there are too few rows for two bins.
    """
    import numpy as np

    bins = min(BINS, len(truth) // FEWEST_IN_A_BIN)
    if bins < 2:
        return []
    residual, order = np.asarray(given) - truth, np.argsort(given, kind="stable")
    return [
        {
            "answer": float(given[places].mean()),
            "mean": float(residual[places].mean()),
            "low": float(np.quantile(residual[places], 0.1)),
            "high": float(np.quantile(residual[places], 0.9)),
            "rows": len(places),
        }
        for places in np.array_split(order, bins)
    ]


def spread(given: Any, truth: Any) -> dict[str, Any] | None:
    """How many residuals lie where: ``edges`` of the bars and ``counts`` in them; None where that is no picture.

    Source of the number of bars: ``numpy.histogram_bin_edges(..., "auto")``, at most ``BARS``.
    """
    import numpy as np

    residual = np.asarray(given, dtype=float) - truth
    # Residuals that differ by rounding alone cannot be parted.
    if len(residual) < FEWEST or np.ptp(residual) <= 1e-9 * float(np.abs(residual).max()):
        return None
    counts, edges = np.histogram(residual, bins="auto")
    if len(counts) > BARS:
        counts, edges = np.histogram(residual, bins=BARS)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def bias(given: Any, truth: Any) -> dict[str, Any]:
    """The mean residual of all rows as ``value``, with its interval (``low``, ``high``)."""
    import numpy as np

    residual = np.asarray(given, dtype=float) - truth
    (found,) = groups.means([Group("", np.ones(len(residual), dtype=bool))], residual)
    return {name: found[name] for name in ("value", "low", "high")}


# --- Blocks ----------------------------------------------------------------------------------------------------------


def blocks(found: Mapping[str, Any], part: str) -> list[Section | None]:
    """By range, along the answers, and how often by how much; what is not known, or tells nothing, is None."""
    return [_by_range(found, part), _along(found, part), _spread(found, part)]


def _by_range(found: Mapping[str, Any], part: str) -> Section:
    from core.data.score_findings import number

    lines = found["ranges"]
    ends = [line.get("intervals") or {"mae": None, "bias": None} for line in lines]
    rows = [
        [line["range"], line["rows"], line["bias"], _between(one["bias"], number), line["mae"]]
        for line, one in zip(lines, ends, strict=True)
    ]
    return Section(
        "slices",
        said("Errors by range"),
        together(
            said(
                "How far off the answers are, by the true score in {part}. Models tend to answer too high where scores "
                "are low, and too low where they are high, most of all where there were few examples to learn from.",
                part=part_of(part),
            ),
            groups.NO_RANGE if any(one["mae"] is None for one in ends) else "",
        ),
        {
            "columns": [
                {"label": said("True score"), "style": "text"},
                {"label": said("Examples"), "style": "count"},
                {"label": said("Too high (+) or low (-), on average"), "style": "number"},
                {"label": said("That average, most likely"), "style": "text"},
                {"label": said("Off by, on average"), "style": "number"},
            ],
            "rows": rows,
            "low": [one["mae"] and one["mae"][0] for one in ends],
            "high": [one["mae"] and one["mae"][1] for one in ends],
            "opens": [line.get("where") for line in lines],
        },
    )


def _between(ends: Any, number: Any) -> str | None:
    return said("{low} to {high}", low=Figures(number(ends[0])), high=Figures(number(ends[1]))) if ends else None


def _along(found: Mapping[str, Any], part: str) -> Section | None:
    lines = found.get("along")
    if not lines:
        return None
    sizes = [line["rows"] for line in lines]
    named = ((said("On average"), "mean"), (said("One in ten is above"), "high"), (said("One in ten is below"), "low"))
    return Section(
        "curves",
        said("Errors along the answers"),
        said(
            "The answers of {part} from low to high, about {rows} at a point. At 0 they are right on "
            "average; above, they are too high. Between the outer lines lie 8 of 10: where they are far "
            "apart, an answer says less.",
            part=part_of(part),
            rows=sizes[0],
        ),
        {
            "x": said("Answer"),
            "y": said("Off by"),
            "x_style": "number",
            "y_style": "number",
            "dots": True,
            "lines": [
                {"label": label, "points": [[line["answer"], line[key]] for line in lines], "sizes": sizes}
                for label, key in named
            ],
        },
    )


def _spread(found: Mapping[str, Any], part: str) -> Section | None:
    shown = found.get("spread")
    if not shown:
        return None
    edges, counts = shown["edges"], shown["counts"]
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    width = edges[1] - edges[0]
    return Section(
        "curves",
        said("How often by how much"),
        together(
            said(
                "How many examples of {part} are off by how much, in steps of {width}: at 0 are the right answers, "
                "right of it those that are too high.",
                part=part_of(part),
                width=Figures(f"{width:.3g}"),
            ),
            _on_the_whole(found.get("bias")),
        ),
        {
            "x": said("Off by"),
            "y": said("Examples"),
            "x_style": "number",
            "y_style": "count",
            "low": 0,
            "lines": [{"label": said("Examples"), "points": [list(one) for one in zip(middles, counts, strict=True)]}],
        },
    )


def _on_the_whole(bias: Mapping[str, Any] | None) -> str:
    """Whether all answers together lean to one side, as far as the rows can tell."""
    if not bias or bias["low"] is None:
        return ""
    if bias["low"] > 0:
        return said("On the whole, the answers are too high.")
    if bias["high"] < 0:
        return said("On the whole, the answers are too low.")
    return said("On the whole, they lean clearly to neither side.")
