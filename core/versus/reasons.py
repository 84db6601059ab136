"""Why two runs were not judged on the same rows, as their configs and events tell it."""

from __future__ import annotations

from core import events
from core.config import RunConfig
from core.data.sources import title_of
from core.runs import Run

_NAMED = {
    "test": "another test part",
    "column": "other rows by a column of the table",
    "time": "rows by their dates",
    "seed": "other rows by chance (the seed of the split differs)",
    "keep_together": "rows that belong together in another way",
    "validation": "another share of the rows for checking",
    "train": "other rows to learn from",
}


def why_other_rows(first: Run, other: Run) -> str:
    """One sentence on the most telling difference."""
    one, two = first.config, other.config
    name = f"“{other.name}”"
    if one.task != two.task:
        return f"{name} has learned another task than “{first.name}”."
    if (one.data.source, one.data.subset, one.data.revision) != (two.data.source, two.data.subset, two.data.revision):
        return f"{name} was judged on rows of {_source(two)}, “{first.name}” on rows of {_source(one)}."
    if one.data.columns != two.data.columns:
        return f"{name} reads other columns of the table."
    if one.data.steps != two.data.steps:
        return f"The table was changed in another way for {name} before its rows were shared out."
    for field, words in _NAMED.items():
        if getattr(one.data.split, field) != getattr(two.data.split, field):
            return f"{name} kept aside {words}."
    if (before := _data(first)) and (now := _data(other)) and before != now:
        return f"The table has changed between “{first.name}” and {name}."
    return f"{name} was judged on other rows of the same table."


def _source(config: RunConfig) -> str:
    return title_of(config.data.source)


def _data(run: Run) -> str:
    """The hash of what it learned from; see ``events.Started``."""
    happened = events.first(run.events_path)
    return happened.data if isinstance(happened, events.Started) else ""
