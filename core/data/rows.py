"""The rows of a config's files while they are changed step by step: where each came from is never lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from core.data.joined import Files


@dataclass(frozen=True)
class Aside:
    """Rows that were taken out, and why in words. ``positions`` count the rows of all files from 0."""

    reason: str
    positions: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Rows as they stand after some steps.

    ``table`` is a ``pyarrow.Table`` with the files' own columns; ``positions`` says of each of its rows where it stands
    among all rows of all files, from 0; ``aside`` are the rows that steps took out.
    """

    table: Any
    positions: np.ndarray
    files: Files
    aside: tuple[Aside, ...] = ()

    @staticmethod
    def of(files: Files, columns: tuple[str, ...]) -> Rows:
        """All rows as read. Several files share only ``columns``."""
        import numpy as np

        table = files.joined(columns)
        return Rows(table, np.arange(table.num_rows), files)

    def keep(self, kept: np.ndarray, reason: str) -> Rows:
        """Only the rows of a boolean mask; the others are set aside with the reason."""
        import pyarrow as pa

        if kept.all():
            return self
        aside = (*self.aside, Aside(reason, self.positions[~kept]))
        return replace(self, table=self.table.filter(pa.array(kept)), positions=self.positions[kept], aside=aside)

    def with_column(self, name: str, values: Any) -> Rows:
        """Other values (a ``pyarrow`` array, one a row) in a column."""
        return replace(self, table=self.table.set_column(self.table.column_names.index(name), name, values))

    def places_of(self, role: int, numbers: tuple[int, ...]) -> np.ndarray:
        """Where in ``table`` the rows stand that have these numbers in the file of a role (see ``core.data.joined``).

        Rows that were taken out before are left out.
        """
        import numpy as np

        inside = np.flatnonzero(self.files.roles_of(self.positions) == role)
        wanted = np.isin(self.files.row_numbers(self.positions[inside]), np.asarray(numbers))
        return inside[wanted]
