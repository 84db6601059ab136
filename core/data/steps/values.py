"""Steps on the values of a column: give a class another name, bring several under one, take some out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from core.data.steps.base import Step
from core.said import Figures, enumerated, said

if TYPE_CHECKING:
    from core.data.rows import Rows

_SHOWN = 4
"""So many values are named."""


class RenameValues(Step):
    """Old value -> new value, in every row. Two values that get one name are one class from then on.

    Spaces around a value count as nothing. In a column of lists the values are those in the lists.
    """

    by_row = True
    kind: Literal["rename_values"] = "rename_values"
    column: str
    values: dict[str, str] = Field(min_length=1)

    @property
    def words(self) -> str:
        """What it does, to be told."""
        shown = list(self.values.items())[:_SHOWN]
        return said(
            "In `{column}`: {pairs} and {more} more" if len(self.values) > _SHOWN else "In `{column}`: {pairs}",
            column=self.column,
            pairs=enumerated(*(said("“{old}” becomes “{new}”", old=old, new=new) for old, new in shown)),
            more=Figures(len(self.values) - _SHOWN),
        )

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.column,)

    def applied(self, rows: Rows) -> Rows:
        """The rows with the new values, as texts. A value that becomes empty is missing from then on."""
        import pyarrow as pa

        self.require_columns(rows)
        column = rows.table.column(self.column)
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            chunks = [_renamed_lists(chunk, self.values) for chunk in column.chunks]
            return rows.with_column(self.column, pa.chunked_array(chunks))
        return rows.with_column(self.column, _renamed(column, self.values))


class DropValues(Step):
    """Take out the rows that have one of these values, as to leave out a class."""

    by_row = True
    kind: Literal["drop_values"] = "drop_values"
    column: str
    values: tuple[str, ...] = Field(min_length=1)

    @property
    def words(self) -> str:
        """What it does, to be told."""
        return said(
            "Takes out the rows with {values} and {more} more in `{column}`"
            if len(self.values) > _SHOWN
            else "Takes out the rows with {values} in `{column}`",
            column=self.column,
            values=enumerated(*(said("“{value}”", value=value) for value in self.values[:_SHOWN])),
            more=Figures(len(self.values) - _SHOWN),
        )

    @property
    def uses(self) -> tuple[str, ...]:
        return (self.column,)

    def applied(self, rows: Rows) -> Rows:
        """The rows that have none of the values."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        from core.data.cleaning import class_name

        self.require_columns(rows)
        encoded = rows.table.column(self.column).combine_chunks().dictionary_encode()
        encoded = pa.concat_arrays(encoded.chunks) if isinstance(encoded, pa.ChunkedArray) else encoded
        names = [class_name(value) for value in encoded.dictionary.to_pylist()]
        wanted = np.array([name in self.values for name in names] + [False], dtype=bool)
        places = pc.fill_null(encoded.indices, len(names)).to_numpy(zero_copy_only=False)
        return rows.keep(~wanted[places], said("left out because of `{column}`", column=self.column))


def _renamed(column: Any, values: dict[str, str]) -> Any:
    """A column of single values as texts, with those that have another name now."""
    import pyarrow as pa

    from core.data.cleaning import class_name

    def renamed(chunk: Any) -> Any:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        names = [class_name(value) for value in encoded.dictionary.to_pylist()]
        new = pa.array([values.get(name, name) or None for name in names], pa.large_string())
        return new.take(encoded.indices)

    return pa.chunked_array([renamed(chunk) for chunk in column.chunks], pa.large_string())


def _renamed_lists(chunk: Any, values: dict[str, str]) -> Any:
    import pyarrow as pa

    def renamed(cell: list[Any] | None) -> list[Any] | None:
        if cell is None:
            return None
        new = [values.get(str(value).strip(), value) if value is not None else None for value in cell]
        return list(dict.fromkeys(value for value in new if value != ""))

    return pa.array([renamed(cell) for cell in chunk.to_pylist()], pa.large_list(pa.large_string()))
