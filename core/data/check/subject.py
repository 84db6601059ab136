"""What a check looks at: the rows of a config after its steps, and the examples and parts that come of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.data.arrow_files import EARLY
from core.data.columns import several
from core.data.parts import SharedOut

if TYPE_CHECKING:
    import numpy as np

    from core.tasks.base import Task


@dataclass(frozen=True)
class Subject:
    """A config and its shared-out rows. ``shared.parts`` is None while an error stands; checks must bear that.

    Three tables stand beside each other: ``shared.rows.table`` has the files' own columns, ``shared.examples.table``
    one column a role for the rows that can be used, and ``shared.parts`` those of each part.
    """

    config: RunConfig
    task: Task
    shared: SharedOut

    @property
    def examples(self) -> Any:
        """The usable rows as a ``pyarrow.Table``: one column a role, and ``row``."""
        return self.shared.examples.table

    @property
    def table(self) -> Any:
        """All rows after the steps, with the files' own columns."""
        return self.shared.rows.table

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The columns of ``examples`` that the model reads and that hold plain text."""
        import pyarrow as pa

        names = [name for name in self.task.read_columns if name in self.examples.column_names]
        kinds = {name: self.examples.schema.field(name).type for name in names}
        return tuple(name for name in names if pa.types.is_string(kinds[name]) or pa.types.is_large_string(kinds[name]))

    def columns_of(self, *roles: str) -> tuple[str, ...]:
        """The files' columns that play these roles."""
        return tuple(column for role in roles for column in several(self.config.data.columns.get(role)))

    @cached_property
    def places(self) -> np.ndarray:
        """Where in ``table`` each example stands."""
        return self.examples.column("row").to_numpy() - 1

    def at(self, mask: np.ndarray) -> dict[str, Any]:
        """``count`` and the first ``rows`` of a ``Finding``, from a boolean mask over the examples.

        Only rows of the source are numbered: the number of a row in another file would mislead.
        """
        import numpy as np

        return self._numbered(self.places[np.flatnonzero(mask)])

    def at_rows(self, mask: np.ndarray) -> dict[str, Any]:
        """The same from a boolean mask over the rows of ``table``."""
        import numpy as np

        return self._numbered(np.flatnonzero(mask))

    def _numbered(self, places: np.ndarray) -> dict[str, Any]:
        from core.data.joined import SOURCE

        rows = self.shared.rows
        positions = rows.positions[places]
        # The first few are enough, and those of the source come first.
        early = positions[: 50 * EARLY]
        numbers = rows.files.row_numbers(early)[rows.files.roles_of(early) == SOURCE][:EARLY]
        return {"count": len(positions), "rows": tuple(int(number) for number in numbers)}
