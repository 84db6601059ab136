"""Looking through the rows of a config as they stand after its steps: found, counted, and read a window at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from core.data.joined import SOURCE
from core.data.part_findings import TRAIN
from core.data.row_filters import changed_rows, rows_with_text
from core.data.steps.rows import FileRole, role_number

if TYPE_CHECKING:
    import numpy as np

    from core.data.parts import SharedOut

PartName = Literal["train", "validation", "test", "none"]
"""Where a row goes; ``none`` is for those that are not used."""
SHOWN_COLUMNS, SEARCHED_COLUMNS, EDITED_COLUMNS = 6, 50, 40
CUT = 280
"""Characters of a cell in a list of rows."""
LONGEST_EDITED = 200_000
"""Characters: a longer cell is not written over by hand."""
_FILES: tuple[FileRole, ...] = get_args(FileRole)
_PARTS: tuple[PartName, ...] = get_args(PartName)


@dataclass(frozen=True)
class Wanted:
    """Which rows to look at. Whatever is left empty lets every row through."""

    text: str = ""
    """Somewhere in the row, in any case."""
    label: str = ""
    part: PartName | Literal[""] = ""
    numbers: tuple[int, ...] = ()
    """Rows of the source."""
    changed: bool = False
    """Only rows of which a step wrote a cell."""


@dataclass(frozen=True)
class ShownRow:
    """A row of a list. ``number`` counts from 1 in its file; ``cells`` are cut to a readable length."""

    file: FileRole
    number: int
    part: PartName
    cells: tuple[str, ...]
    changed: bool


@dataclass(frozen=True)
class RowsPage:
    """Some of the ``total`` rows that were wanted, from the place ``start`` (from 0)."""

    columns: tuple[str, ...]
    rows: tuple[ShownRow, ...]
    start: int
    total: int


@dataclass(frozen=True)
class WholeRow:
    """One row to be edited. ``locked``: columns that cannot be written by hand, and why; their cells are cut."""

    file: FileRole
    number: int
    part: PartName
    cells: dict[str, str]
    locked: dict[str, str] = field(default_factory=dict)


def places(shared: SharedOut, columns: Sequence[str], steps: Sequence[Any], wanted: Wanted) -> np.ndarray:
    """Where in ``shared.rows.table`` the wanted rows stand, in order. ``columns`` play roles and are searched first."""
    import numpy as np

    rows = shared.rows
    kept = np.ones(rows.table.num_rows, dtype=bool)
    if wanted.numbers:
        kept[:] = False
        kept[rows.places_of(SOURCE, wanted.numbers)] = True
    if wanted.part:
        kept &= _part_numbers(shared) == _PARTS.index(wanted.part)
    if wanted.label:
        kept &= _with_label(shared, wanted.label)
    if wanted.changed:
        kept &= changed_rows(rows, steps, kept)
    if wanted.text:
        kept &= rows_with_text(rows.table, ordered(shared, columns)[:SEARCHED_COLUMNS], wanted.text, kept)
    return np.flatnonzero(kept)


def ordered(shared: SharedOut, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of the table, those that play a role first."""
    there = shared.rows.table.column_names
    return tuple(dict.fromkeys([name for name in columns if name in there] + there))


def page(
    shared: SharedOut, columns: Sequence[str], steps: Sequence[Any], found: np.ndarray, start: int, count: int
) -> RowsPage:
    """``count`` rows from ``start`` of those that were ``found`` (see ``places``)."""
    start = max(0, min(start, (len(found) - 1) // count * count)) if len(found) else 0
    names = ordered(shared, columns)[: max(SHOWN_COLUMNS, min(len(columns), 2 * SHOWN_COLUMNS))]
    chosen = found[start : start + count]
    parts = _part_numbers(shared)[chosen]
    changed = changed_rows(shared.rows, steps, _only(chosen, shared.rows.table.num_rows))[chosen]
    columns_shown = [shared.rows.table.column(name) for name in names]
    shown = []
    for place, part, is_changed in zip(chosen.tolist(), parts.tolist(), changed.tolist(), strict=True):
        file, number = _numbered(shared, place)
        cells = tuple(_cut(column, place) for column in columns_shown)
        shown.append(ShownRow(file, number, _PARTS[part], cells, is_changed))
    return RowsPage(names, tuple(shown), start, len(found))


def whole(shared: SharedOut, columns: Sequence[str], file: FileRole, number: int) -> WholeRow | None:
    """A row in full, or None where it was taken out or never was."""
    place = shared.rows.places_of(role_number(file), (number,))
    if not len(place):
        return None
    at = int(place[0])
    cells, locked = {}, {}
    for name in ordered(shared, columns)[:EDITED_COLUMNS]:
        column = shared.rows.table.column(name)
        why = _why_locked(column, at)
        cells[name] = _cut(column, at) if why else _in_full(column, at)
        if why:
            locked[name] = why
    part = _PARTS[int(_part_numbers(shared)[at])]
    return WholeRow(file, number, part, cells, locked)


def _only(chosen: np.ndarray, rows: int) -> np.ndarray:
    import numpy as np

    mask = np.zeros(rows, dtype=bool)
    mask[chosen] = True
    return mask


def _numbered(shared: SharedOut, place: int) -> tuple[FileRole, int]:
    position = shared.rows.positions[place : place + 1]
    files = shared.rows.files
    return _FILES[int(files.roles_of(position)[0])], int(files.row_numbers(position)[0])


def _example_places(shared: SharedOut) -> np.ndarray:
    import numpy as np

    return np.asarray(shared.examples.table.column("row").to_numpy()) - 1


def _part_numbers(shared: SharedOut) -> np.ndarray:
    """The place of each row's part among ``PartName``."""
    import numpy as np

    nowhere = _PARTS.index("none")
    numbers = np.full(shared.rows.table.num_rows, nowhere, dtype=np.int8)
    if shared.part is not None:
        numbers[_example_places(shared)] = np.where(shared.part >= TRAIN, shared.part, nowhere)
    return numbers


def _has_classes(shared: SharedOut) -> bool:
    """Whether what is learned are classes, and for each row it is known which it has."""
    import numpy as np

    examples = shared.examples
    target = examples.target
    if not target.labels or target.ranges:
        return False
    if examples.members is not None:
        return True
    if examples.strata is None:
        return False
    return tuple(np.bincount(examples.strata, minlength=len(target.labels)).tolist()) == target.counts


def _with_label(shared: SharedOut, label: str) -> np.ndarray:
    import numpy as np

    examples = shared.examples
    mask = np.zeros(shared.rows.table.num_rows, dtype=bool)
    if _has_classes(shared) and label in examples.target.labels:
        number = examples.target.labels.index(label)
        if examples.members is not None:
            has = np.asarray(examples.members)[:, number]
        else:
            has = np.asarray(examples.strata) == number
        mask[_example_places(shared)[has]] = True
    return mask


def _cut(column: Any, place: int) -> str:
    """A cell as text, cut; of a very long text only the beginning is ever read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cell = column.slice(place, 1)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        cell = pc.utf8_slice_codeunits(cell, 0, CUT + 1)
    text = _as_words(cell[0].as_py())
    return text if len(text) <= CUT else f"{text[: CUT - 1]}…"


def _in_full(column: Any, place: int) -> str:
    return _as_words(column.slice(place, 1)[0].as_py())


def _as_words(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)


def _why_locked(column: Any, place: int) -> str:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        length = pc.utf8_length(column.slice(place, 1))[0].as_py() or 0
        return f"{length:,} characters are too many to edit here." if length > LONGEST_EDITED else ""
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    nested = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_struct(kind)
    if not plain and not nested:
        return "Values of this kind can only be changed in the file."
    return "Too long to edit here." if nested and len(_in_full(column, place)) > LONGEST_EDITED else ""


@dataclass(frozen=True)
class ClassRows:
    """The classes of a table. ``column``: where a step on values renames them, empty where none can; ``lists`` says
    that its cells hold several. ``samples``: of each of the commonest classes the first few texts; without any, it is
    not known which rows have which.
    """

    column: str
    lists: bool
    samples: dict[str, tuple[str, ...]]


def class_rows(shared: SharedOut, answers: Sequence[str], texts: Sequence[str], most: int = 50) -> ClassRows:
    """``answers`` are the columns with what is learned, ``texts`` those of ``examples`` that are read."""
    column, lists = _class_column(shared, answers)
    return ClassRows(column, lists, _class_samples(shared, texts, most))


def _class_column(shared: SharedOut, answers: Sequence[str]) -> tuple[str, bool]:
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data.cleaning import class_name

    there = [name for name in answers if name in shared.rows.table.column_names]
    if len(there) != 1 or not _has_classes(shared):
        return "", False
    values = shared.rows.table.column(there[0])
    lists = pa.types.is_list(values.type) or pa.types.is_large_list(values.type)
    if lists:
        values = pc.list_flatten(values)
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        return "", False
    names = {class_name(value) for value in pc.unique(values).to_pylist()}
    return (there[0], lists) if names >= set(shared.examples.target.labels) else ("", False)


def _class_samples(shared: SharedOut, texts: Sequence[str], most: int, each: int = 3) -> dict[str, tuple[str, ...]]:
    import numpy as np

    examples = shared.examples
    labels, columns = examples.target.labels, [examples.table.column(name) for name in texts]
    if not _has_classes(shared):
        return {}
    commonest = np.argsort(-np.asarray(examples.target.counts), kind="stable")[:most]
    samples = {}
    for number in commonest.tolist():
        has = examples.members[:, number] if examples.members is not None else np.asarray(examples.strata) == number
        first = np.flatnonzero(has)[:each].tolist()
        samples[labels[number]] = tuple(" · ".join(_cut(column, place) for column in columns) for place in first)
    return samples
