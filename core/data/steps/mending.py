"""The step that mends labels which people found wrong, and leaves every other row in its part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from core.data.columns import several
from core.data.steps.base import Step
from core.data.steps.rows import FileRole, role_number
from core.errors import DataError
from core.said import enumerated, said, said_many

if TYPE_CHECKING:
    from core.data.rows import Rows

DROPPED = said("taken out, as nobody could say its label")


class MendLabels(Step):
    """Give single rows another label, and take out others. Rows stay in the part that they had without this step, so
    that what is learned from the mended table can be compared with what was learned before.

    ``changes`` and ``drops`` name rows by their numbers in the source, or in the file of validation or test rows. A
    label is a text, or a list of texts where a row may have several.
    """

    keeps_parts: ClassVar[bool] = True

    kind: Literal["mend_labels"] = "mend_labels"
    column: str | tuple[str, ...]
    changes: dict[FileRole, dict[int, str | tuple[str, ...]]] = Field({})
    drops: dict[FileRole, tuple[int, ...]] = Field({})

    @property
    def words(self) -> str:
        """What it does, to be told."""
        changed, dropped = (sum(len(rows) for rows in one.values()) for one in (self.changes, self.drops))
        if dropped and not changed:
            return said_many(dropped, "Takes out {count} row", "Takes out {count} rows")
        mends = said_many(changed, "Mends {count} label", "Mends {count} labels")
        if not dropped:
            return mends
        takes = said_many(dropped, "takes out {count} row", "takes out {count} rows")
        return said("{mends} and {takes}", mends=mends, takes=takes)

    @property
    def uses(self) -> tuple[str, ...]:
        return several(self.column)

    def applied(self, rows: Rows) -> Rows:
        """The rows with the new labels. A row that is not there (any more) is nothing to change."""
        import numpy as np

        self.require_columns(rows)
        for file, changes in self.changes.items():
            rows = _relabelled(rows, self.uses, file, changes)
        kept = np.ones(rows.table.num_rows, dtype=bool)
        for file, numbers in self.drops.items():
            kept[rows.places_of(role_number(file), numbers)] = False
        return rows.keep(kept, DROPPED)


def _relabelled(rows: Rows, columns: Sequence[str], file: FileRole, changes: dict[int, str | tuple[str, ...]]) -> Rows:
    """The cells of the rows that change, written as those of another row with that label are: in any type and form."""
    import numpy as np
    import pyarrow as pa

    sources = np.arange(rows.table.num_rows)
    unwritten: dict[int, tuple[str, ...]] = {}
    known = _rows_by_label(rows.table, columns, any(isinstance(label, tuple) for label in changes.values()))
    for number, label in changes.items():
        for place in rows.places_of(role_number(file), (number,)).tolist():
            wanted = frozenset(label) if isinstance(label, tuple) else label
            if wanted in known:
                sources[place] = known[wanted]
            else:
                unwritten[place] = label if isinstance(label, tuple) else (label,)
    table = rows.table
    for name in columns:
        column = table.column(name).take(pa.array(sources))
        rows = rows.with_column(name, _written(column, unwritten, columns, table.column(name)) if unwritten else column)
    return rows


def _rows_by_label(table: Any, columns: Sequence[str], many: bool) -> dict[Any, int]:
    """A row for each label, or set of labels, that some row has."""
    from core.data import label_lists
    from core.data.cleaning import as_classes

    if not many:
        classes = as_classes(table.column(columns[0]))
        first: dict[Any, int] = {}
        for place, code in enumerate(classes.codes.tolist()):
            if code >= 0:
                first.setdefault(classes.names[code], place)
        return first
    found = label_lists.read(table, columns)
    first = {}
    for place, members in enumerate(found.members):
        if not (found.unreadable[place] or found.unknown[place]):
            first.setdefault(frozenset(name for name, has in zip(found.names, members, strict=True) if has), place)
    return first


def _written(column: Any, labels: dict[int, tuple[str, ...]], columns: Sequence[str], before: Any) -> Any:
    """``column`` with labels that no other row has just so, where it is known how to write them."""
    import pyarrow as pa

    write = writer_of(before) if len(columns) == 1 else None
    if write is None:
        listed = enumerated(*next(iter(labels.values()))) or said("no label")
        raise DataError(
            said("No row of the table has just these labels: {labels}.", labels=listed),
            said("How they would be written is not known here. Choose labels that some row has, or take the row out."),
        )
    cells = column.to_pylist()
    for place, names in labels.items():
        cells[place] = write(names)
    return pa.chunked_array([pa.array(cells, column.type)])


def writer_of(column: Any) -> Any:
    """A function that writes labels as the cells of a column are written; None where only copies of cells are safe."""
    import pyarrow as pa

    from core.data import label_lists
    from core.data.cleaning import as_text

    if label_lists.is_list(column.type):
        return list if _is_text(column.type.value_type) else None
    if pa.types.is_struct(column.type) or not _is_text(column.type):
        return None
    _, form = label_lists.tell_form([cell for cell in as_text(column).to_pylist() if cell])
    named = {words: mark for mark, words in label_lists.SEPARATORS.items() if mark not in "\n\t"}
    separator = (named | {"separated by spaces": " "}).get(form)
    if separator is None:
        return None
    return lambda names: separator.join(f'"{name}"' if separator in name else name for name in names)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
