"""Which column of a new file plays which role, for a model that learned from a table of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.data.columns import Columns, several
from core.errors import DataError
from core.judging.what import What
from core.said import enumerated, said
from core.tasks.base import Task


@dataclass(frozen=True)
class Understood:
    """How a file is understood: its columns, and the one for each role; "" where none was found."""

    names: tuple[str, ...]
    columns: Mapping[str, str | tuple[str, ...]]

    @property
    def lacks(self) -> bool:
        return not all(self.columns.values())


def understood(task: Task, trained_on: Columns, names: Sequence[str], what: What) -> Understood:
    """As was said, else as in the training, else by the name of the role, else as a new table of this task would be
    understood. Raises ``DataError`` where a column was named that is not there, or the file cannot be read.
    """
    given = {role: column for role, column in what.columns.items() if column}
    if strangers := [name for column in given.values() for name in several(column) if name not in names]:
        raise DataError(
            said("The file has no column `{column}`.", column=strangers[0]),
            said("Its columns are: {columns}.", columns=", ".join(names[:20])),
        )
    placed = {**{role: _placed(role, column, names) for role, column in trained_on.items()}, **given}
    if not all(placed.values()):
        way = next((way for way in task.ways if all(role in names for role in way)), None)
        guessed = None if way or given else _guessed(task, trained_on, what.file)
        placed = {role: role for role in way} if way else dict(guessed or placed)
    return Understood(tuple(names), placed)


def columns_of_file(task: Task, trained_on: Columns, names: Sequence[str], what: What) -> Columns:
    """The same, complete. Raises ``DataError`` where a role has no column."""
    found = understood(task, trained_on, names, what).columns
    lacking = [role for role, column in found.items() if not column] or [role.name for role in task.lacking(found)]
    if not lacking:
        return found
    raise DataError(
        said(
            "The file has no column for: {roles}.", roles=enumerated(*(said(task.role(role).label) for role in lacking))
        ),
        said(
            "Call it as in the table that the model learned from, `{column}`, or say which one it is. The file's "
            "columns are: {columns}.",
            column=trained_on.get(lacking[0], lacking[0]),
            columns=", ".join(names[:20]),
        ),
    )


def _placed(role: str, column: str | tuple[str, ...], names: Sequence[str]) -> str | tuple[str, ...]:
    if set(several(column)) <= set(names):
        return column
    return role if role in names else ""


def _guessed(task: Task, trained_on: Columns, file: str) -> Columns | None:
    from core.data.preview import preview

    guess = task.guess(preview(file))
    if guess is None or task.lacking(guess.columns) or not set(trained_on) <= set(guess.columns):
        return None
    return {role: guess.columns[role] for role in trained_on}
