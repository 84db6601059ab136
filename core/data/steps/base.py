"""What a step is: one change of the table as plain data, replayed each time the table is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from core.errors import DataError
from core.said import said
from core.schema import Settings

if TYPE_CHECKING:
    import numpy as np

    from core.data.rows import Rows


Stage = Literal["rows", "parts"]


class Step(Settings):
    """One change. A kind of step is a class with its own ``kind`` and fields, listed in ``core.data.steps``.

    A step depends on nothing but the rows that it gets: made again, it does the same.
    """

    by_row: ClassVar[bool] = False
    """What it does to a row follows from that row alone, so it can be made in a stream too."""
    by_number: ClassVar[bool] = False
    """It means rows by their numbers in its own table, so it says nothing of any other."""
    stage: ClassVar[Stage] = "rows"
    """When it is made: while the table is read, by ``applied``; or when it is known which part each usable row is in,
    by ``left_out``."""

    keeps_parts: ClassVar[bool] = False
    """Rows are in the parts in which they would be without it, so that runs with and without it can be compared."""

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

    def left_out(self, texts: Any, part: np.ndarray) -> np.ndarray:
        """For a step on parts: the usable rows that it takes out, as a boolean mask.

        ``texts`` is a ``pyarrow.Table`` of what the model reads; ``part`` has the number of a part for each row.
        """
        raise NotImplementedError

    @property
    def reason(self) -> str:
        """For a step on parts: why rows are set aside, in words."""
        raise NotImplementedError

    def require_columns(self, rows: Rows) -> None:
        """Raises ``DataError`` when the table lacks one of ``uses``."""
        lacking = [name for name in self.uses if name not in rows.table.column_names]
        if lacking:
            raise DataError(
                said("A change of the table needs the column `{column}`, which is not there.", column=lacking[0]),
                said("Take the step “{step}” back, or bring the column back.", step=self.words),
            )
