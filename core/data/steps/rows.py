"""Steps on single rows that a person chose: take them out, or write another value into a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from core.data.steps.base import Step
from core.said import said

if TYPE_CHECKING:
    from core.data.rows import Rows

FileRole = Literal["source", "validation", "test"]
"""Which of a config's files a row stands in; the row's number counts from 1 in that file."""


def role_number(file: FileRole) -> int:
    """The number of a file's role in ``core.data.joined``."""
    return ("source", "validation", "test").index(file)


class DropRows(Step):
    """Take out rows by their numbers."""

    by_row = True
    by_number = True
    kind: Literal["drop_rows"] = "drop_rows"
    rows: tuple[int, ...] = Field(min_length=1)
    file: FileRole = "source"

    @property
    def words(self) -> str:
        """What it does, to be told."""
        if len(self.rows) == 1:
            return said("Takes out row {row}", row=self.rows[0])
        return said("Takes out {count} rows", count=len(self.rows))

    def applied(self, rows: Rows) -> Rows:
        import numpy as np

        kept = np.ones(rows.table.num_rows, dtype=bool)
        kept[rows.places_of(role_number(self.file), self.rows)] = False
        return rows.keep(kept, said("taken out by hand"))


class SetCell(Step):
    """Write another value into one cell. Into a column of lists or numbers the value is written as JSON."""

    by_row = True
    by_number = True
    kind: Literal["set_cell"] = "set_cell"
    row: int = Field(ge=1)
    column: str
    value: str
    file: FileRole = "source"

    @property
    def words(self) -> str:
        """What it does, to be told."""
        shown = self.value if len(self.value) <= 40 else f"{self.value[:39]}…"
        return said("Writes “{value}” into `{column}` of row {row}", value=shown, column=self.column, row=self.row)

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.column,)

    def applied(self, rows: Rows) -> Rows:
        """The rows with the new value. A row that is not there (any more) is nothing to change."""
        import pyarrow as pa

        self.require_columns(rows)
        place = rows.places_of(role_number(self.file), (self.row,))
        if not len(place):
            return rows
        column = rows.table.column(self.column)
        before, after = column.slice(0, int(place[0])), column.slice(int(place[0]) + 1)
        cell = pa.array([_value(self.value, column.type)], column.type)
        chunks = [*before.chunks, cell, *after.chunks]
        return rows.with_column(self.column, pa.chunked_array(chunks, column.type))


def _value(text: str, kind: Any) -> Any:
    """A typed-in text as a value of an Arrow type. Raises ``DataError`` when it is none."""
    import json

    import pyarrow as pa

    from core.errors import DataError

    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return text or None
    if not text.strip():
        return None
    try:
        return pa.array([json.loads(text)], kind)[0].as_py()
    except (ValueError, pa.ArrowInvalid, pa.ArrowTypeError) as exc:
        raise DataError(
            said("“{text}” does not fit a column of the type {type}.", text=text[:60], type=kind),
            said("Write it as the other cells of the column are written."),
            cause=str(exc),
        ) from exc
