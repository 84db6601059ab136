"""A column of a table as numbers: plain ones, and those that people write with commas, percent signs and words.

Columns are read whole; only values that are no plain number are looked at one by one, each different one once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

LARGEST = 1e30
"""What is beyond it counts as infinite: its square is no number a model can work with."""

_MISSING = {"", "-", "--", "—", "–", "?", "nan", "na", "n/a", "none", "null", "nil", "missing", "#n/a"}
_INFINITE = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
_GROUPED = r"\d{1,3}(?:[ '\u2019]\d{3})+(?:[.,]\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_NUMBER = re.compile(rf"[+-]?(?:(?:{_GROUPED})(?!\d)|\d*[.,]?\d+)(?:[eE][+-]?\d+)?")
_OUT_OF = re.compile(r"\s*(?:/|\bout of\b|\bof\b|\bvon\b|\bsur\b|\bde\b|\bsu\b)\s*", re.IGNORECASE)
_RUNS_ON = re.compile(r"[\w:]")
"""Beside a number, these make it part of something else: a date, a time, a code."""


@dataclass(frozen=True)
class Scores:
    """A column read as numbers: ``values``, not a number where there is none to read.

    The other arrays are masks over the rows. ``missing``, ``unreadable`` and ``infinite`` say why there is no number;
    ``commas``, ``percents`` and ``words`` mark numbers with a decimal comma, a percent sign, or words around them.
    """

    values: np.ndarray
    missing: np.ndarray
    unreadable: np.ndarray
    infinite: np.ndarray
    commas: np.ndarray
    percents: np.ndarray
    words: np.ndarray


@dataclass(frozen=True)
class _Read:
    """One written value: the ``figure`` in it as it was written, and what stood around it."""

    state: Literal["number", "missing", "infinite", "unreadable"] = "unreadable"
    figure: str = ""
    percent: bool = False
    words: bool = False


def read_scores(column: Any) -> Scores:
    """Read a ``pyarrow.ChunkedArray`` of numbers, booleans or texts."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _read_texts(column)
    return _read_numbers(column)


def _read_numbers(column: Any) -> Scores:
    import numpy as np
    import pyarrow as pa

    nowhere = np.zeros(len(column), dtype=bool)
    try:
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # dates and times are no numbers
        missing = column.is_null().to_numpy(zero_copy_only=False)
        return Scores(np.full(len(column), np.nan), missing, ~missing, *[nowhere] * 4)
    infinite = np.abs(np.nan_to_num(values, nan=0.0)) > LARGEST
    return Scores(np.where(infinite, np.nan, values), np.isnan(values), nowhere, infinite, *[nowhere] * 3)


def _read_texts(column: Any) -> Scores:
    import numpy as np
    import pandas as pd

    places, different = pd.factorize(column.to_pandas())
    written = [str(value) for value in different]
    values = _plain(written)
    read = {place: _read(written[place]) for place in range(len(written)) if math.isnan(values[place])}
    figures = {place: one.figure for place, one in read.items() if one.state == "number"}
    comma = _means_comma(
        figures.values(), points=any("." in one for place, one in enumerate(written) if place not in read)
    )
    commas: list[int] = []
    for place, figure in figures.items():
        mark = _decimal_mark(figure) or ("," if comma else ".")
        values[place] = _worth(figure, mark)
        if mark == "," and "," in figure:
            commas.append(place)
    huge = np.flatnonzero(np.abs(np.nan_to_num(values)) > LARGEST).tolist()
    values[huge] = np.nan

    def rows(chosen: Iterable[int], missing: bool = False) -> np.ndarray:
        """Which rows hold one of these values; the last place is that of rows whose value is missing."""
        mask = np.zeros(len(written) + 1, dtype=bool)
        mask[list(chosen)] = True
        mask[-1] = missing
        return mask[places]

    def state(wanted: str) -> list[int]:
        return [place for place, one in read.items() if one.state == wanted]

    return Scores(
        values=np.append(values, np.nan)[places],
        missing=rows(state("missing"), missing=True),
        unreadable=rows(state("unreadable")),
        infinite=rows([*state("infinite"), *huge]),
        commas=rows(commas),
        percents=rows(place for place, one in read.items() if one.percent),
        words=rows(place for place, one in read.items() if one.words),
    )


def _plain(written: list[str]) -> np.ndarray:
    """The values that are plain numbers; not a number for all others."""
    import numpy as np
    import pandas as pd

    found = pd.to_numeric(pd.Series(written, dtype=object), errors="coerce").to_numpy(dtype=float)
    return np.where(np.isinf(found), np.nan, found)


def _read(value: str) -> _Read:
    """What one written value holds: a single number, perhaps with a percent sign, a currency or words around it."""
    text = value.replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " ").strip()
    if text.lower() in _MISSING:
        return _Read("missing")
    if _INFINITE.fullmatch(text):
        return _Read("infinite")
    found = list(_NUMBER.finditer(text))
    if len(found) == 2 and _OUT_OF.fullmatch(text[found[0].end() : found[1].start()]):
        return _Read("number", found[0].group(), words=True)
    if len(found) != 1:
        return _Read()
    before, after = text[: found[0].start()], text[found[0].end() :]
    if _RUNS_ON.match(before[-1:]) or _RUNS_ON.match(after[:1]):
        return _Read()
    percent = (before + after).strip() == "%"
    return _Read("number", found[0].group(), percent, words=bool(before + after) and not percent)


def _means_comma(figures: Iterable[str], points: bool) -> bool:
    """Whether a comma before exactly three digits parts whole from decimals in this column.

    It does where other commas certainly do and no point does.
    """
    marks = {_decimal_mark(figure) for figure in figures}
    return "," in marks and "." not in marks and not points


def _decimal_mark(figure: str) -> str:
    """The mark that certainly parts whole from decimals in a figure; empty where it may part thousands as well."""
    marks = re.findall(r"[.,]", figure)
    if not marks:
        return "."
    last = marks[-1]
    if marks.count(last) > 1:
        return "," if last == "." else "."
    decimals = re.split(r"[eE]", figure.rpartition(last)[2])[0]
    may_part_thousands = last == "," and len(marks) == 1 and len(decimals) == 3 and not re.match(r"[+-]?0?,", figure)
    return "" if may_part_thousands else last


def _worth(figure: str, mark: str) -> float:
    parts = re.sub(r"['\u2019 ]", "", figure).replace("," if mark == "." else ".", "").replace(mark, ".")
    return float(parts)
