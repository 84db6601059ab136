"""How much texts surprise a model by where they come from: by the values of the other columns of the table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from core.data.others import other_columns
from core.evaluation import groups, surprise
from core.evaluation.clipped import clipped
from core.evaluation.groups import FEWEST, Group
from core.evaluation.sections import judged
from core.evaluation.types import Section
from core.judging.readings.base import Facts, Reading, Report
from core.said import said

NAME = "sources"
COLUMNS, VALUES = 3, 20
"""Columns that are told of, and values of each; the rarer ones are put together."""
_OTHERS = said("all others")
_MOST_OPENED = 200
_LONGEST = 100


def read(facts: Facts) -> list[dict[str, Any]] | None:
    """Of the columns whose values differ most, the first ``COLUMNS``: ``column`` and ``samples``, records of
    ``core.evaluation.groups`` with ``tokens``. None for a model whose mark is no perplexity.
    """
    found, _ = judged(facts.report)
    kept = facts.kept
    if "perplexity" not in found or kept is None or not {"nll", "tokens"} <= set(kept.column_names):
        return None
    nll, tokens = (kept.column(name).to_numpy() for name in ("nll", "tokens"))
    told = []
    for column, values in other_columns(facts.config.data, kept).items():
        parted = _parted([clipped(str(value), _LONGEST) if value is not None else "" for value in values.to_pylist()])
        if len(parted) > 1:
            told.append((_told_apart(parted, nll, tokens), column, _records(parted, nll, tokens, kept)))
    told.sort(key=lambda one: (-one[0], one[1]))
    return [{"column": column, "samples": records} for _, column, records in told[:COLUMNS]]


def _parted(values: list[str]) -> list[Group]:
    """A group for each value that is common enough, the commonest first, and one for all others."""
    import numpy as np

    times = Counter(values)
    common = [value for value, count in times.most_common(VALUES) if count >= FEWEST and value]
    if len(common) < 2:
        return []
    cells = np.asarray(values, dtype=object)
    found = [Group(value, cells == value) for value in common]
    rest = ~np.logical_or.reduce([group.chosen for group in found])
    return [*found, *([Group(_OTHERS, rest)] if rest.any() else [])]


def _told_apart(parted: list[Group], nll: Any, tokens: Any) -> float:
    """The share of the differences between the rows' losses that the groups explain (eta squared)."""
    import numpy as np

    loss = nll / np.maximum(tokens, 1)
    between = sum(group.chosen.sum() * (loss[group.chosen].mean() - loss.mean()) ** 2 for group in parted)
    within = float(((loss - loss.mean()) ** 2).sum())
    return float(between) / within if within > 0 else 0.0


def _records(parted: list[Group], nll: Any, tokens: Any, kept: Any) -> list[dict[str, Any]]:
    import numpy as np

    rows, loss = kept.column("row").to_numpy(), nll / np.maximum(tokens, 1)
    found = []
    for group, one in zip(parted, groups.ratios(parted, nll, tokens), strict=True):
        places = np.flatnonzero(group.chosen)
        worst = places[np.argsort(-loss[places], kind="stable")][:_MOST_OPENED]
        where = [["row", "in", rows[worst].tolist()]]
        found.append(surprise.as_perplexity(one) | {"tokens": int(tokens[places].sum()), "where": where})
    return found


def sections(report: Report) -> list[Section]:
    """A block a column."""
    made = [
        groups.section(
            said("By “{column}”", column=one["column"]),
            said(
                "How surprised the model is by the texts, by what the column “{column}” says of them. Where "
                "a value stands out, more texts of that kind may help.",
                column=one["column"],
            ),
            one["samples"],
            (one["column"], said("Texts"), said("Perplexity")),
            "number",
            [(said("Tokens"), "count", "tokens")],
        )
        for one in report[NAME]
    ]
    return [block for block in made if block is not None]


SOURCES = Reading(NAME, said("Perplexity by source"), read, sections)
