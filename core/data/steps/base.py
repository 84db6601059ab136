"""What a step is: one change of the table as plain data, replayed each time the table is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import DataError
from core.schema import Settings

if TYPE_CHECKING:
    from core.data.rows import Rows


class Step(Settings):
    """One change. A kind of step is a class with its own ``kind`` and fields, listed in ``core.data.steps``.

    A step depends on nothing but the rows that it gets: made again, it does the same.
    """

    @property
    def words(self) -> str:
        """What it does, as a person would say it: ``Takes out 12 rows``."""
        raise NotImplementedError

    @property
    def uses(self) -> tuple[str, ...]:
        """The columns that it reads or changes."""
        return ()

    def applied(self, rows: Rows) -> Rows:
        """The rows after this step. Raises ``DataError`` where the table does not have what it needs."""
        raise NotImplementedError

    def require_columns(self, rows: Rows) -> None:
        """Raises ``DataError`` when the table lacks one of ``uses``."""
        lacking = [name for name in self.uses if name not in rows.table.column_names]
        if lacking:
            raise DataError(
                f"A change of the table needs the column `{lacking[0]}`, which is not there.",
                f"Take the step “{self.words}” back, or bring the column back.",
            )
