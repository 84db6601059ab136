"""The columns with what people wrote, as the checks look at them: those that the model reads or learns to write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.check.subject import Subject
from core.data.columns import several
from core.said import in_a_row, said

if TYPE_CHECKING:
    import numpy as np

    from core.data.mending import Mend

MOST_ROWS = 1_000_000
"""Of larger tables, so many rows are looked at, drawn by chance but always the same ones."""
SEED = 42
_WRITTEN = ("text", "chat")
_PLACED = ("spans", "answer")
"""Kinds of roles that count the characters of a text: it must not become longer or shorter."""


@dataclass(frozen=True)
class Found:
    """Rows (a mask over ``Subject.table``) in which something was found, and in which columns."""

    mask: np.ndarray
    columns: tuple[str, ...]

    @property
    def count(self) -> int:
        return int(self.mask.sum())


def written_columns(subject: Subject) -> tuple[str, ...]:
    """The files' columns with texts that the model reads or learns to write."""
    from core.data.mending.columns import has_texts

    names = [
        name for role in subject.task.roles if role.kind in _WRITTEN
        for name in several(subject.config.data.columns.get(role.name))
    ]  # fmt: skip
    there = subject.table.column_names
    return tuple(name for name in dict.fromkeys(names) if name in there and has_texts(subject.table.field(name).type))


def may_change(subject: Subject, columns: Sequence[str]) -> bool:
    """Whether texts may become longer or shorter: not where marks in them are counted in characters."""
    import pyarrow as pa

    placed = any(role.kind in _PLACED and subject.columns_of(role.name) for role in subject.task.roles)
    return not placed or all(pa.types.is_nested(subject.table.field(name).type) for name in columns)


def to_mend(subject: Subject, mend: Mend) -> Found:
    """The rows whose texts this way of mending would change."""
    from core.data.mending import columns as mending

    return look(subject, lambda column: mending.to_mend(column, mend))


def look(subject: Subject, rows_of: Callable[[Any], np.ndarray]) -> Found:
    """Put each written column (or the drawn rows of it) to ``rows_of``, which says yes or no for each row."""
    import numpy as np

    drawn = drawn_rows(subject)
    mask, columns = np.zeros(subject.table.num_rows, dtype=bool), []
    for name in written_columns(subject):
        column = subject.table.column(name)
        found = rows_of(column if drawn is None else column.filter(drawn))
        if found.any():
            columns.append(name)
            mask[np.flatnonzero(found) if drawn is None else np.flatnonzero(drawn)[found]] = True
    return Found(mask, tuple(columns))


def drawn_rows(subject: Subject) -> Any:
    """A mask (numpy) of ``MOST_ROWS`` rows of a larger table; None where all are looked at."""
    import numpy as np

    rows = subject.table.num_rows
    if rows <= MOST_ROWS:
        return None
    mask = np.zeros(rows, dtype=bool)
    mask[np.random.RandomState(SEED).choice(rows, MOST_ROWS, replace=False)] = True
    return mask


def of_how_many(subject: Subject) -> str:
    """What to add to a finding where not all rows were looked at; empty otherwise."""
    if subject.table.num_rows <= MOST_ROWS:
        return ""
    return looked_at(MOST_ROWS, subject.table.num_rows)


def looked_at(rows: int, total: int) -> str:
    """A sentence on how many of the rows were looked at."""
    return said("Looked at: {rows} of the {total} rows, drawn by chance.", rows=rows, total=total)


def named(columns: Iterable[str]) -> str:
    """```text` and `title```."""
    return in_a_row(*(f"`{name}`" for name in columns))


def words_of(value: Any) -> str:
    """All that is written in a cell, also in lists and records, as one text."""
    match value:
        case str():
            return value
        case dict():
            return "\n".join(
                words for key, one in value.items() if key not in ("role", "from") and (words := words_of(one))
            )
        case list() | tuple():
            # Lists of single words are sentences.
            return (" " if all(isinstance(one, str) for one in value) else "\n").join(words_of(one) for one in value)
        case _:
            return ""
