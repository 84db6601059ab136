"""What rows are grouped by, to see where a model fails: their length, class and language, and their other columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.judging.slicing import LEAST, Groups

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
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Named = tuple[str, "np.ndarray"]
"""A group: who is in it in words, and a mask over the rows."""


def groups_of(texts: Sequence[str], truth: Any, others: Mapping[str, Any]) -> Groups:
    """All groups of the rows with these ``texts``; ``truth`` and the values of ``others`` are ``pyarrow`` columns, or
    None, with a value a row.
    """
    from scipy.sparse import csc_array

    features = {"length": list(_by_length(texts)), "language": list(_by_language(texts))}
    if truth is not None:
        features["truth"] = list(_by_value("the right answer", truth))
    for name, column in others.items():
        features[f"column {name}"] = [*_by_value(f"“{name}”", column), (f"“{name}” is empty", _empty(column))]
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
        if low is None:
            yield f"texts of up to {high:,.0f} {unit}", mask
        elif high is None:
            yield f"texts of {low:,.0f} {unit} or more", mask
        elif low == high:
            yield f"texts of {low:,.0f} {unit}", mask
        else:
            yield f"texts of {low:,.0f} to {high:,.0f} {unit}", mask


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

    from core.data.check.language_names import NAMES
    from core.data.check.languages import language_of

    rows = len(texts)
    asked = np.arange(rows)
    if rows > _LANGUAGES:
        asked = np.sort(np.random.default_rng(0).choice(rows, _LANGUAGES, replace=False))
    told = np.full(rows, "", dtype=object)
    for place in asked.tolist():
        told[place] = language_of(texts[place])
    for code in sorted({code for code in told if code}):
        yield f"texts in {NAMES[code]}", told == code


def _by_value(name: str, column: Any) -> Iterator[Named]:
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


def _by_number(name: str, values: np.ndarray) -> Iterator[Named]:
    for low, high, mask in _bins(values):
        if low is None:
            yield f"{name} is {high:,.4g} or less", mask
        elif high is None:
            yield f"{name} is {low:,.4g} or more", mask
        else:
            yield f"{name} is between {low:,.4g} and {high:,.4g}", mask


def _by_kind(name: str, texts: np.ndarray) -> Iterator[Named]:
    import pandas as pd

    counts = pd.Series(texts[texts != ""]).value_counts()
    for value in counts[counts >= LEAST].index[:_MOST_VALUES]:
        yield f"{name} is “{value}”", texts == value


def _by_date(name: str, column: Any) -> Iterator[Named]:
    """By month and by day of the week."""
    import pandas as pd

    from core.data.moments import read_moments

    moments = pd.Series(pd.to_datetime(read_moments(column), unit="s", errors="coerce"))
    months = moments.dt.strftime("%B %Y")
    for month in months.value_counts().index[:_MOST_VALUES]:
        yield f"{name} is in {month}", (months == month).to_numpy()
    if (moments.dt.normalize().nunique()) > len(_DAYS):
        for number, day in enumerate(_DAYS):
            yield f"{name} is on a {day}", (moments.dt.day_of_week == number).to_numpy()


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
