"""Rows in common whose right answer was changed between two judgements: judged by the newer truth where that can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def differing(tables: Sequence[Any]) -> Any:
    """Where the truth is not the same in all tables, which have the same rows in the same order: booleans, (rows,)."""
    import numpy as np

    texts = [_plain(table.column("truth")) for table in tables]
    return np.logical_or.reduce([texts[0] != other for other in texts]) if tables else np.zeros(0, dtype=bool)


def settled(tables: Sequence[Any], newest: int, where: Any, are_classes: bool) -> tuple[list[Any], int]:
    """The tables with one truth for all, that of table ``newest``, and how many rows had to be left out for it.

    An answer that is a class is right or wrong by any truth. Any other was judged by its own truth alone, and goes.
    """
    import numpy as np
    import pyarrow as pa

    if not where.any():
        return list(tables), 0
    if not are_classes:
        return [table.take(np.flatnonzero(~where)) for table in tables], int(where.sum())
    truth = tables[newest].column("truth")
    wanted, found = _plain(truth), []
    for table in tables:
        error = np.where(where, _plain(table.column("answer")) != wanted, table.column("error").to_numpy())
        judged = table.set_column(table.column_names.index("error"), "error", pa.array(error.astype(float)))
        found.append(judged.set_column(table.column_names.index("truth"), "truth", truth))
    return found, 0


def _plain(column: Any) -> Any:
    """Its values as texts, in an array of objects; numbers are told apart by their value alone (1 is 1.0)."""
    import numpy as np

    return np.array([_word(value) for value in column.to_pylist()], dtype=object)


def _word(value: Any) -> str:
    return repr(float(value)) if isinstance(value, int | float) else str(value)
