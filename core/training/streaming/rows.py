"""From a block of a stream to the examples in it: the same steps and the same task as for a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.data.leakage import text_keys
from core.data.rows import Rows
from core.data.steps import apply_steps
from core.data.streamed import Flow
from core.data.types import Examples, Target
from core.tasks import TASKS
from core.training.streaming.place import Tally

if TYPE_CHECKING:
    import numpy as np

    from core.data.parts import DataParts

UNUSABLE = "not in the form that the task needs"
UNKNOWN = "with a label that the first rows do not have"
KEPT_ASIDE = "kept aside to judge by, or a copy of such a row"


@dataclass(frozen=True)
class Sieve:
    """What may be learned from: rows that can be used, with known labels, and none that stands among ``aside``."""

    config: RunConfig
    target: Target
    together: tuple[str, ...]
    aside: np.ndarray
    """Keys of the examples that are judged by."""

    @staticmethod
    def of(config: RunConfig, parts: DataParts) -> Sieve:
        import numpy as np

        task = TASKS[config.task]
        together = tuple(name for name in task.kept_together if name in parts.validation.column_names)
        keys = [text_keys(part, together) for part in (parts.validation, parts.test)]
        return Sieve(config, parts.target, together, np.unique(np.concatenate(keys)))

    def examples(self, table: Any, first: int) -> tuple[Any, Tally]:
        """(the examples of some rows as a ``pyarrow.Table``, what became of the others). ``first`` is the place of the
        first row in the stream, from 0.
        """
        import numpy as np
        import pyarrow as pa

        config, task = self.config, TASKS[self.config.task]
        rows = Rows(table, np.arange(first, first + table.num_rows), Flow((), ()))
        rows = apply_steps(config.data.steps, rows)
        found = task.examples(rows.table, config.data.columns, task.options_of_data(config.options))
        aside = {one.reason: len(one.positions) for one in rows.aside}
        aside[UNUSABLE] = rows.table.num_rows - found.table.num_rows
        known = ~unknown(found, self.target.labels)
        aside[UNKNOWN] = int((~known).sum())
        fresh = ~np.isin(text_keys(found.table, self.together), self.aside) if found.table.num_rows else known
        aside[KEPT_ASIDE] = int((known & ~fresh).sum())
        examples = found.table.filter(pa.array(known & fresh))
        return examples, Tally(read=table.num_rows, aside={reason: count for reason, count in aside.items() if count})


def unknown(examples: Examples, labels: Sequence[str]) -> np.ndarray:
    """Which rows have a label that is not among ``labels``: the model has no answer for it."""
    import numpy as np

    strange = ~np.isin(np.asarray(examples.target.labels, dtype=object), np.asarray(labels, dtype=object))
    if not strange.any() or (examples.members is None and examples.strata is None):
        return np.zeros(examples.table.num_rows, dtype=bool)
    if examples.members is not None:
        return np.asarray(examples.members[:, strange].any(1))
    return np.asarray(strange[np.asarray(examples.strata)])
