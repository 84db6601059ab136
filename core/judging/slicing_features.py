"""What rows are grouped by, to see where a model fails: their length, class and language, and their other columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.judging.slicing import LEAST, Groups
from core.said import Figures, Said, said, said_many

if TYPE_CHECKING:
    import numpy as np

_BINS = 5
_FEW_NUMBERS = 20
"""A column of numbers with no more different values than this is one of kinds, such as stars from 1 to 5."""
_MOST_VALUES = 50
"""Of a column with more different values, the most frequent ones are looked at."""
_LANGUAGES = 5_000
"""So many texts are asked for their language; a guess takes a third of a millisecond."""
_LONGEST = 60
_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_DATED = 0.9
_MONTHS = (
    "January {year}", "February {year}", "March {year}", "April {year}", "May {year}", "June {year}", "July {year}",
    "August {year}", "September {year}", "October {year}", "November {year}", "December {year}",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AT_MOST = {"words": "texts of up to {count} words", "characters": "texts of up to {count} characters"}
_AT_LEAST = {"words": "texts of {count} words or more", "characters": "texts of {count} characters or more"}
_JUST = {"words": "texts of {count} words", "characters": "texts of {count} characters"}
_BETWEEN = {"words": "texts of {low} to {high} words", "characters": "texts of {low} to {high} characters"}

Named = tuple[str, "np.ndarray"]
"""A group: who is in it in words, and a mask over the rows."""


def groups_of(texts: Sequence[str], truth: Any, others: Mapping[str, Any]) -> Groups:
    """All groups of the rows with these ``texts``; ``truth`` and the values of ``others`` are ``pyarrow`` columns, or
    None, with a value a row.
    """
    from scipy.sparse import csc_array

    features = {"length": list(_by_length(texts)), "language": list(_by_language(texts))}
    if truth is not None:
        features["truth"] = list(_by_value(said("the right answer"), truth))
    for name, column in others.items():
        called = said("“{column}”", column=name)
        empty = said("{value} is empty", value=called)
        features[f"column {name}"] = [*_by_value(called, column), (empty, _empty(column))]
    found = [(name, words, mask) for name, groups in features.items() for words, mask in groups if mask.sum() >= LEAST]
    rows = len(texts)
    members = csc_array((rows, 0)) if not found else csc_array(_stacked([mask for _, _, mask in found]))
    return Groups([words for _, words, _ in found], [name for name, _, _ in found], members)


def _stacked(masks: Sequence[np.ndarray]) -> np.ndarray:
    import numpy as np

    return np.stack(masks, axis=1).astype(float)


def _by_length(texts: Sequence[str]) -> Iterator[Named]:
    import numpy as np

    words = np.asarray([len(text.split()) for text in texts])
    characters = np.asarray([len(text) for text in texts])
    # Chinese or Thai have no spaces between words.
    is_spaced = characters.sum() <= 20 * max(1, words.sum())
    lengths, unit = (words, "words") if is_spaced else (characters, "characters")
    for low, high, mask in _bins(lengths.astype(float)):
        yield _of_length(unit, low, high), mask


def _of_length(unit: str, low: float | None, high: float | None) -> str:
    # English says the same of one word; other languages need not.
    if low is None:
        return said_many(int(high or 0), _AT_MOST[unit], _AT_MOST[unit])
    if high is None:
        return said_many(int(low), _AT_LEAST[unit], _AT_LEAST[unit])
    if low == high:
        return said_many(int(low), _JUST[unit], _JUST[unit])
    return said(_BETWEEN[unit], low=int(low), high=int(high))


def _bins(values: np.ndarray) -> Iterator[tuple[float | None, float | None, np.ndarray]]:
    """(lowest, highest, mask) of about equally many rows each; the ends are open. Values that are not known are in no
    bin.
    """
    import numpy as np

    known = values[~np.isnan(values)]
    if len(np.unique(known)) < 2:
        return
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1], method="lower"))
    edges = edges[edges < known.max()]
    places = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left"))
    for place in range(len(edges) + 1):
        mask = places == place
        if mask.any():
            low, high = float(values[mask].min()), float(values[mask].max())
            yield (None if place == 0 else low), (None if place == len(edges) else high), mask


def _by_language(texts: Sequence[str]) -> Iterator[Named]:
    import numpy as np

    from core.data.check.language_names import called
    from core.data.check.languages import language_of

    rows = len(texts)
    asked = np.arange(rows)
    if rows > _LANGUAGES:
        asked = np.sort(np.random.default_rng(0).choice(rows, _LANGUAGES, replace=False))
    told = np.full(rows, "", dtype=object)
    for place in asked.tolist():
        told[place] = language_of(texts[place])
    for code in sorted({code for code in told if code}):
        yield said("texts in {language}", language=called(code)), told == code


def _by_value(name: Said, column: Any) -> Iterator[Named]:
    """Groups of a column of any plain type, by what it holds: kinds, numbers or dates."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_nested(column.type):
        return
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type) or _are_dates(column):
        yield from _by_date(name, column)
    elif _is_number(pa, column.type) and pc.count_distinct(column).as_py() > _FEW_NUMBERS:
        values = column.cast(pa.float64()).to_numpy()
        yield from _by_number(name, np.asarray(values, dtype=float))
    else:
        texts = np.asarray([_short(value) for value in column.to_pylist()], dtype=object)
        yield from _by_kind(name, texts)


def _empty(column: Any) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = pc.is_null(column, nan_is_null=True)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        empty = pc.or_kleene(empty, pc.equal(pc.utf8_trim_whitespace(column), ""))
    return np.asarray(empty.to_numpy(), dtype=bool)


def _by_number(name: Said, values: np.ndarray) -> Iterator[Named]:
    for low, high, mask in _bins(values):
        if low is None:
            yield said("{value} is {number} or less", value=name, number=Figures(f"{high:,.4g}")), mask
        elif high is None:
            yield said("{value} is {number} or more", value=name, number=Figures(f"{low:,.4g}")), mask
        else:
            ends = {"low": Figures(f"{low:,.4g}"), "high": Figures(f"{high:,.4g}")}
            yield said("{value} is between {low} and {high}", value=name, **ends), mask


def _by_kind(name: Said, texts: np.ndarray) -> Iterator[Named]:
    import pandas as pd

    counts = pd.Series(texts[texts != ""]).value_counts()
    for value in counts[counts >= LEAST].index[:_MOST_VALUES]:
        yield said("{value} is “{kind}”", value=name, kind=value), texts == value


def _by_date(name: Said, column: Any) -> Iterator[Named]:
    """By month and by day of the week."""
    import pandas as pd

    from core.data.moments import read_moments

    moments = pd.Series(pd.to_datetime(read_moments(column), unit="s", errors="coerce"))
    months = moments.dt.strftime("%Y-%m")
    for month in months.value_counts().index[:_MOST_VALUES]:
        year, _, number = month.partition("-")
        called = said(_MONTHS[int(number) - 1], year=year)
        yield said("{value} is in {month}", value=name, month=called), (months == month).to_numpy()
    if (moments.dt.normalize().nunique()) > len(_DAYS):
        for number in range(len(_DAYS)):
            day = said(_DAYS[number])
            yield said("{value} is on a {day}", value=name, day=day), (moments.dt.day_of_week == number).to_numpy()


def _are_dates(column: Any) -> bool:
    import pyarrow as pa

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return False
    some = [value for value in column.slice(0, 200).to_pylist() if value]
    return bool(some) and sum(bool(_DATE.match(value)) for value in some) >= _DATED * len(some)


def _is_number(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _short(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
