"""Where written texts fail: by the length of what they are made from, and what is odd in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import groups, intervals, text_generation
from core.evaluation.rows.written import oddities
from core.evaluation.types import Section
from core.said import said

_WRITTEN = ["error", ">=", 0]
"""Holds for the judged rows that were written out: the others have no error."""
_ODD = {
    "is_empty": (said("Empty"), said("Nothing was written.")),
    "repeats_itself": (said("Goes round in circles"), said("Many of its runs of four words stood in it before.")),
    "far_too_long": (said("Far too long"), said("More than twice as long as what was wanted.")),
    "far_too_short": (said("Far too short"), said("Less than half as long as what was wanted.")),
    "copies_source": (
        said("Copies the source"),
        said("The source was given back as it was, though another text was wanted."),
    ),
}


def judge(texts: Sequence[str], wanted: Sequence[str], sources: Sequence[str]) -> dict[str, Any]:
    """``by_length``, the mean chrF of a text by the words of its source, as records of ``groups``, and ``oddities``, of
    how many texts each is true (``{name: {"count", "low", "high"}}``, the ends of its share).
    """
    if not texts:
        return {"by_length": [], "oddities": {}}
    lengths = groups.by_size([len(source.split()) for source in sources], "source_words")
    odd = [oddities(*row) for row in zip(texts, wanted, sources, strict=True)]
    counts = {name: sum(name in one for one in odd) for name in _ODD}
    return {
        "by_length": [
            one | {"where": [*(one["where"] or ()), _WRITTEN]}
            for one in groups.means(lengths, text_generation.row_chrf(texts, wanted))
        ],
        "oddities": {
            name: dict(zip(("count", "low", "high"), (count, *intervals.wilson(count, len(texts))), strict=True))
            for name, count in counts.items()
        },
    }


def blocks(found: Mapping[str, Any]) -> list[Section | None]:
    """Both as blocks; what tells nothing is None."""
    return [
        groups.section(
            said("By length of the source"),
            said(
                "How near the texts come to the wanted ones, by the words of the text that they are made "
                "from: the mean of the texts' own chrF, from 0 to 100. Long texts are harder, and are cut at "
                "the maximum length."
            ),
            found.get("by_length") or [],
            (said("Source"), said("Texts"), said("chrF")),
            "number",
        ),
        _odd(found),
    ]


def _odd(found: Mapping[str, Any]) -> Section | None:
    counted, written = found.get("oddities"), found.get("written")
    if not counted or not written:
        return None
    shown = sorted(counted, key=lambda name: -counted[name]["count"])
    return Section(
        "slices",
        said("What is odd in them"),
        said(
            "Of the {written} texts that it wrote, how many are odd in a way that can be seen without "
            "reading them. A text may be odd in several ways.",
            written=written,
        ),
        {
            "columns": [
                {"label": said("The text"), "style": "text"},
                {"label": said("That means"), "style": "text"},
                {"label": said("Texts"), "style": "count"},
                {"label": said("Of all"), "style": "percent"},
            ],
            "rows": [[*_ODD[name], counted[name]["count"], counted[name]["count"] / written] for name in shown],
            "low": [counted[name]["low"] for name in shown],
            "high": [counted[name]["high"] for name in shown],
            "opens": [[[name, "==", True]] if counted[name]["count"] else None for name in shown],
        },
    )
