"""Columns of dates: where rows have a time, the newest should be judged by, as in real use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.data.check.subject import Subject
from core.data.check.written import drawn_rows, of_how_many, written_columns
from core.data.moments import read_moments
from core.data.types import Finding, Fix
from core.said import said, share_of, together

if TYPE_CHECKING:
    import numpy as np

_SAMPLE = 500
_READABLE = 0.98
"""So many of the filled cells must be dates."""
_FEWEST = 20
"""Different dates: of fewer, a split by time makes no sense."""
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_TIME = (
    r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?)?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?(?: \([A-Z]+\))?"
)
_DATE = re.compile(
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}})"
    rf"|(?:[a-z]{{3,9}},? )?\d{{1,2}}\.? {_MONTHS},? \d{{4}}|{_MONTHS} \d{{1,2}},? \d{{4}}){_TIME}",
    re.IGNORECASE,
)
_TIME_NAMES = re.compile(r"time|date|created|updated|posted|published|_at$|_on$|epoch", re.IGNORECASE)
_SECONDS = (6.3e8, 2.2e9)
"""From 1990 to 2039, in seconds since 1970; other stamps count milliseconds."""
_DRIFT, _FIFTH = 0.15, 30
"""A class whose share changes by so much has drifted, if a fifth of the rows are so many."""


def times(subject: Subject) -> Iterator[Finding]:
    """A word for the clearest column of dates of a table that is split by chance."""
    split = subject.config.data.split
    by_chance = split.time is None and split.column is None and not isinstance(split.test, str)
    if not by_chance:
        return
    drawn = drawn_rows(subject)
    taken = {*subject.columns_of(*(role.name for role in subject.task.roles)), *written_columns(subject)}
    for name in subject.table.column_names:
        if name in taken:
            continue
        column = subject.table.column(name)
        moments = moments_of(name, column if drawn is None else column.filter(drawn))
        if moments is not None:
            yield _found(subject, name, moments)
            return


def moments_of(name: str, column: Any) -> np.ndarray | None:
    """A column of dates in seconds since 1970, NaN where there is none; None where it holds no dates, or few."""
    import numpy as np
    import pyarrow as pa

    types = pa.types
    seconds: np.ndarray | None
    if types.is_timestamp(column.type) or types.is_date(column.type):
        seconds = read_moments(column)
    elif types.is_integer(column.type) or types.is_floating(column.type):
        seconds = _stamps(name, column)
    elif types.is_string(column.type) or types.is_large_string(column.type):
        seconds = _written(column)
    else:
        return None
    if seconds is None or len(np.unique(seconds[~np.isnan(seconds)])) < _FEWEST:
        return None
    return seconds


def _stamps(name: str, column: Any) -> np.ndarray | None:
    import numpy as np

    if not _TIME_NAMES.search(name):
        return None
    numbers = column.to_numpy().astype(float)
    for unit in (1.0, 1000.0):
        present = numbers[~np.isnan(numbers)] / unit
        if len(present) and ((present > _SECONDS[0]) & (present < _SECONDS[1])).all():
            return np.asarray(numbers / unit)
    return None


def _written(column: Any) -> np.ndarray | None:
    """The first cells say whether all are worth reading."""
    import numpy as np

    early = [text.strip() for text in column.slice(0, _SAMPLE).to_pylist() if text and text.strip()]
    if not early or sum(_DATE.fullmatch(text) is not None for text in early) < _READABLE * len(early):
        return None
    seconds = read_moments(column)
    present = len(column) - column.null_count
    return seconds if np.count_nonzero(~np.isnan(seconds)) >= _READABLE * present else None


def _found(subject: Subject, name: str, moments: np.ndarray) -> Finding:
    import numpy as np

    first, last = (_day(float(end(moments))) for end in (np.nanmin, np.nanmax))
    drift = _drift(subject, moments)
    return Finding(
        "dates",
        "info",
        said(
            "`{column}` holds dates, from {first} to {last}, but the rows are shared out by chance.",
            column=name,
            first=first,
            last=last,
        ),
        together(
            said(
                "If the model will read what is written later, it should be judged by the newest rows: what was "
                "written at the same time is often alike, so a mark by chance is too good."
            ),
            drift,
            of_how_many(subject),
        ),
        said("Keep the newest rows aside, or leave it so if time plays no part."),
        fixes=(Fix(said("Judge by the newest rows"), settings={"data.split.time": name}),),
    )


def _day(seconds: float) -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date().isoformat()


def _drift(subject: Subject, moments: np.ndarray) -> str:
    """A sentence on the class whose share changed most from the oldest fifth of the rows to the newest."""
    import numpy as np

    strata, labels = subject.shared.examples.strata, subject.shared.target.labels
    whole = len(moments) == subject.table.num_rows
    if not whole or strata is None or not labels or len(strata) != len(subject.places):
        return ""
    moments = moments[subject.places]
    order = np.argsort(moments, kind="stable")[: np.count_nonzero(~np.isnan(moments))]
    fifth = len(order) // 5
    if fifth < _FIFTH:
        return ""
    old, new = (
        np.bincount(np.asarray(strata)[rows], minlength=len(labels)) / fifth for rows in (order[:fifth], order[-fifth:])
    )
    most = int(np.abs(new - old).argmax())
    if abs(new[most] - old[most]) < _DRIFT or most >= len(labels):
        return ""
    return said(
        "The classes change over time: “{label}” are {before} of the oldest fifth of the rows and {now} of the newest.",
        label=labels[most],
        before=share_of(f"{100 * old[most]:.0f} %"),
        now=share_of(f"{100 * new[most]:.0f} %"),
    )
