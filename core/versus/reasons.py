"""Why two runs were not judged on the same rows, as their configs and events tell it."""

from __future__ import annotations

from core import events
from core.config import RunConfig
from core.data.sources import title_of
from core.runs import Run
from core.said import said

_NAMED = {
    "test": "“{run}” kept aside another test part.",
    "column": "“{run}” kept aside other rows by a column of the table.",
    "time": "“{run}” kept aside rows by their dates.",
    "seed": "“{run}” kept aside other rows by chance (the seed of the split differs).",
    "keep_together": "“{run}” kept aside rows that belong together in another way.",
    "validation": "“{run}” kept aside another share of the rows for checking.",
    "train": "“{run}” kept aside other rows to learn from.",
}


def why_other_rows(first: Run, other: Run) -> str:
    """One sentence on the most telling difference."""
    one, two = first.config, other.config
    if one.task != two.task:
        return said("“{run}” has learned another task than “{first}”.", run=other.name, first=first.name)
    if (one.data.source, one.data.subset, one.data.revision) != (two.data.source, two.data.subset, two.data.revision):
        return said(
            "“{run}” was judged on rows of {table}, “{first}” on rows of {its_table}.",
            run=other.name,
            table=_source(two),
            first=first.name,
            its_table=_source(one),
        )
    if one.data.columns != two.data.columns:
        return said("“{run}” reads other columns of the table.", run=other.name)
    if one.data.steps != two.data.steps:
        return said("The table was changed in another way for “{run}” before its rows were shared out.", run=other.name)
    for field in _NAMED:
        if getattr(one.data.split, field) != getattr(two.data.split, field):
            return said(_NAMED[field], run=other.name)
    if (before := _data(first)) and (now := _data(other)) and before != now:
        return said("The table has changed between “{first}” and “{run}”.", first=first.name, run=other.name)
    return said("“{run}” was judged on other rows of the same table.", run=other.name)


def _source(config: RunConfig) -> str:
    return title_of(config.data.source)


def _data(run: Run) -> str:
    """The hash of what it learned from; see ``events.Started``."""
    happened = events.first(run.events_path)
    return happened.data if isinstance(happened, events.Started) else ""
