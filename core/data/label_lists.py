"""Which labels each row has, in whatever form a table says it: a list, a text with separators, JSON, a column a label.

The form is told from all values. Different cells are read once each, so a million rows take seconds.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data import written
from core.data.cleaning import as_text, class_name, natural_order
from core.said import said

if TYPE_CHECKING:
    import numpy as np

Names = list[str]
Reader = Callable[[str], Names | None]
"""The labels that a cell names, or None where they cannot be told."""

SEPARATORS = {
    "|": "separated by “|”",
    ";": "separated by semicolons",
    "\n": "separated by line ends",
    ",": "separated by commas",
    "\t": "separated by tabs",
}
_LOOKED_AT = 5000
"""Cells from which the form is told."""
_MOST = 0.8
_REPEATS = 0.1
"""Parts are labels and not pieces of a sentence if at least this share of them stand elsewhere too."""
_YES = {"1", "true", "yes", "y", "t", "x", "✓", "✔", "on"}
_NO = {"0", "false", "no", "n", "f", "-", "off"}
_ANGLED = re.compile(r"(?:<[^<>]+>\s*)+")
_QUOTED = r"""(?:'[^']*'|"[^"]*")"""
_ARRAY = re.compile(rf"\[\s*(?:{_QUOTED}(?:\s+{_QUOTED})+|\d+(?:\s+\d+)+)\s*\]")
"""A list as numpy writes it: without commas."""


@dataclass(frozen=True)
class Labelled:
    """The labels of each row: ``names`` in a natural order, ``members`` booleans of shape (rows, labels).

    Rows in ``unreadable`` have something from which no labels can be told, those in ``unknown`` lack an answer; neither
    has members. ``form`` ends the sentence "The labels are …".
    """

    names: tuple[str, ...]
    members: np.ndarray
    unreadable: np.ndarray
    unknown: np.ndarray
    form: str


def read(table: Any, columns: Sequence[str]) -> Labelled:
    """The labels in one column of a ``pyarrow.Table``, or with one column a label in several."""
    import pyarrow as pa

    column = table.column(columns[0])
    if len(columns) > 1:
        return _from_flags(list(columns), [table.column(name) for name in columns])
    if pa.types.is_struct(column.type):
        names = [field.name for field in column.type]
        return _from_flags(names, column.flatten())
    if is_list(column.type):
        return _from_lists(column)
    return _from_texts(as_text(column))


def is_list(kind: Any) -> bool:
    """Whether an Arrow type is that of lists."""
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


# --- One column a label ----------------------------------------------------------------------------------------------


def _from_flags(names: list[str], columns: list[Any]) -> Labelled:
    """Yes and no in each column. Where nobody ever writes a no, what is empty means no."""
    import numpy as np

    answers = np.stack([_flags(column) for column in columns], axis=1)
    unreadable, empty = (answers == _STRANGE).any(1), (answers == _EMPTY).any(1)
    says_no = bool((answers == 0).any())
    unknown = empty & ~unreadable if says_no else np.zeros(len(answers), dtype=bool)
    members = (answers == 1) & ~(unreadable | unknown)[:, None]
    order = sorted(range(len(names)), key=lambda place: natural_order(names)(names[place]))
    form = said(
        "read from {columns} columns, one for each label"
        if says_no
        else "read from {columns} columns, one for each label; an empty cell means no",
        columns=len(names),
    )
    return Labelled(tuple(names[place] for place in order), members[:, order], unreadable, unknown, form)


_EMPTY, _STRANGE = -1, -2


def _flags(column: Any) -> Any:
    """1, 0, ``_EMPTY`` or ``_STRANGE`` for each row."""
    import numpy as np

    values, places = _encoded(column)
    return np.array([*(_flag(value) for value in values), _EMPTY], dtype=np.int8)[places]


def _flag(value: Any) -> int:
    word = class_name(value).lower()
    word = word[:-2] if word in ("0.0", "1.0") else word
    return 1 if word in _YES else 0 if word in _NO else _STRANGE if word else _EMPTY


def _encoded(column: Any) -> tuple[list[Any], Any]:
    """(the different values, the place of each row's value among them; one beyond the last where it is missing)."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.unify_dictionaries().chunks)
    values = encoded.dictionary.to_pylist()
    return values, encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)


# --- Lists -----------------------------------------------------------------------------------------------------------


def _from_lists(column: Any) -> Labelled:
    """Lists of texts, numbers or booleans; a missing list is an empty one. Lists of anything else cannot be read."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    rows, none = len(column), np.zeros(len(column), dtype=bool)
    inner = pc.list_flatten(column)
    if pa.types.is_nested(inner.type) or pa.types.is_binary(inner.type):
        return Labelled((), np.zeros((rows, 0), dtype=bool), ~none, none, "in lists")
    row_of = np.asarray(pc.list_parent_indices(column))
    values, places = _encoded(inner)
    lengths = np.bincount(row_of, minlength=rows)
    if _is_one_hot(values, lengths):
        flags = np.array([*(_flag(value) for value in values), 0])[places].reshape(rows, -1) == 1
        return _one_hot(flags, none)
    found = [class_name(value) for value in values]
    names = sorted(set(found) - {""}, key=natural_order(found))
    number = {name: place for place, name in enumerate(names)}
    codes = np.array([*(number.get(name, -1) for name in found), -1])[places]
    members = np.zeros((rows, len(names)), dtype=bool)
    members[row_of[codes >= 0], codes[codes >= 0]] = True
    return Labelled(tuple(names), members, none, none, "in lists")


def _is_one_hot(values: Iterable[Any], lengths: Any) -> bool:
    """Whether all lists are equally long rows of nothing but 0 and 1: then they say yes or no of each label."""
    alike = len(lengths) > 0 and bool((lengths == lengths[0]).all())
    return alike and lengths[0] > 2 and {class_name(value).lower() for value in values} <= {"0", "1", "true", "false"}


def _one_hot(members: Any, unreadable: Any) -> Labelled:
    import numpy as np

    names = tuple(f"label {place}" for place in range(1, members.shape[1] + 1))
    none = np.zeros(len(members), dtype=bool)
    return Labelled(names, members, unreadable, none, "lists of 0 and 1; their names are not in the table")


# --- Texts -----------------------------------------------------------------------------------------------------------


def _from_texts(column: Any) -> Labelled:
    import numpy as np

    cells, places = _encoded(column)
    spread = places[:: max(1, len(places) // _LOOKED_AT)]
    reader, form = tell_form([cells[place] for place in spread if place < len(cells) and cells[place]])
    lists = [reader(cell) if cell else [] for cell in cells]
    unreadable = np.array([*(one is None for one in lists), False])[places]
    shown = [one for one in lists if one]
    if "[" in form and shown and _is_one_hot({name for one in shown for name in one}, np.array(list(map(len, shown)))):
        flags = np.array([[name in ("1", "True") for name in one or ["0"] * len(shown[0])] for one in lists])
        return _one_hot(flags[places], unreadable)
    found = [name for one in shown for name in one]
    names = sorted(set(found), key=natural_order(found))
    number = {name: place for place, name in enumerate(names)}
    of_cell = np.zeros((len(cells) + 1, len(names)), dtype=bool)
    for place, one in enumerate(lists):
        of_cell[place, [number[name] for name in one or ()]] = True
    return Labelled(tuple(names), of_cell[places], unreadable, np.zeros(len(places), dtype=bool), form)


def tell_form(cells: Sequence[str]) -> tuple[Reader, str]:
    """How cells (none empty) name their labels: a reader of one cell, and words for it."""
    some = cells[:_LOOKED_AT]
    brackets = sum(cell[0] in "[{" and cell[-1] in "]}" for cell in some)
    if some and brackets >= _MOST * len(some):
        return _from_brackets, said("written as lists in [brackets]")
    if some and sum(_ANGLED.fullmatch(cell) is not None for cell in some) >= _MOST * len(some):
        return lambda cell: _from_angles(cell), said("written as {label}", label="<label>")
    separator = find_separator(some)
    if separator == " ":
        return lambda cell: _tidy(cell.split()), said("separated by spaces")
    if separator:
        return lambda cell: split(cell, separator), separated(separator)
    return lambda cell: [cell], said("one in each cell")


def separated(separator: str) -> str:
    """How labels with one of ``SEPARATORS`` between them are written, in words."""
    return said(SEPARATORS[separator])


def find_separator(cells: Sequence[str]) -> str:
    """What stands between labels: the mark that cuts the most cells into parts that occur elsewhere too, or nothing."""
    cells = list(dict.fromkeys(cells))  # a single class with a comma in its name repeats, too
    scores = {separator: _score(cells, separator) for separator in SEPARATORS}
    best = max(scores, key=scores.__getitem__)
    if scores[best] > 0:
        return best
    parts = [part for cell in cells for part in cell.split()]
    cut = sum(" " in cell for cell in cells)
    return " " if parts and 2 * cut >= len(cells) and len(parts) >= 4 * len(set(parts)) else ""


def _score(cells: Sequence[str], separator: str) -> float:
    cut = [cell for cell in cells if separator in cell]
    parts = [part for cell in cells for part in split(cell, separator) or ()]
    repeats = 1 - len(set(parts)) / max(1, len(parts))
    return len(cut) / max(1, len(cells)) * repeats if repeats >= _REPEATS else 0.0


def split(cell: str, separator: str) -> Names | None:
    """The labels of a cell; what stands in quotation marks is one label. None where a quotation mark is not closed."""
    if re.search(rf'(?:^|{re.escape(separator)})\s*"', cell) is None or separator == "\n":
        return _tidy(cell.split(separator))
    try:
        return _tidy(next(csv.reader([cell], delimiter=separator, skipinitialspace=True, strict=True)))
    except (csv.Error, StopIteration):
        return None


def _from_angles(cell: str) -> Names | None:
    return _tidy(re.findall(r"<([^<>]+)>", cell)) if _ANGLED.fullmatch(cell) else None


def _from_brackets(cell: str) -> Names | None:
    """A list in JSON, as Python writes it, or as numpy does; of an object, the keys whose value is a yes."""
    if _ARRAY.fullmatch(cell):
        return _tidy(part.strip("'\"") for part in re.findall(rf"{_QUOTED}|\d+", cell))
    value = written.read(cell)
    if isinstance(value, dict):
        answers = [_flag(answer) for answer in value.values() if not isinstance(answer, list | dict)]
        if len(answers) < len(value) or _STRANGE in answers:
            return None
        return _tidy(name for name, answer in zip(value, answers, strict=True) if answer == 1)
    if not isinstance(value, list | tuple | set) or any(isinstance(one, list | tuple | dict | set) for one in value):
        return None
    # Rows of 0 and 1 keep their length: their places are the labels.
    names = [class_name(one) for one in value]
    return names if set(names) <= {"0", "1", "True", "False"} and len(names) > 2 else _tidy(names)


def _tidy(parts: Iterable[Any]) -> Names:
    """Without spaces around them, each once, none empty."""
    return list(dict.fromkeys(filter(None, (str(part).strip() for part in parts))))
