"""Which rows of a table hold a text, and which were changed by steps: window by window, without copying the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.data.rows import Rows

if TYPE_CHECKING:
    import numpy as np

WINDOW = 65_536
"""Rows looked at together."""


def rows_with_text(table: Any, columns: Sequence[str], text: str, among: np.ndarray) -> np.ndarray:
    """A boolean mask over the rows: those of the mask ``among`` that hold the text, in any case."""
    import numpy as np

    found = np.zeros(table.num_rows, dtype=bool)
    for start in _windows(among):
        for name in columns:
            column = table.column(name).slice(start, WINDOW)
            there = [_holding(chunk, text) for chunk in column.chunks]
            found[start : start + len(column)] |= np.concatenate(there)
    return found & among


def changed_rows(rows: Rows, steps: Sequence[Any], among: np.ndarray) -> np.ndarray:
    """A boolean mask over the rows: those of the mask ``among`` in which a step wrote another value."""
    import numpy as np

    from core.data.steps import columns_used

    changed = np.zeros(rows.table.num_rows, dtype=bool)
    names = [name for name in columns_used(steps) if name in rows.table.column_names]
    if not names:
        return changed
    before = rows.files.joined(tuple(rows.table.column_names))
    for start in _windows(among):
        positions = rows.positions[start : start + WINDOW]
        wanted = np.flatnonzero(among[start : start + WINDOW])
        low, high = int(wanted[0]), int(wanted[-1]) + 1
        for name in (name for name in names if name in before.column_names):
            now = rows.table.column(name).slice(start + low, high - low)
            differs = _differs(_taken(before.column(name), positions[low:high]), now)
            changed[start + low : start + high] |= differs
    return changed & among


def _windows(among: np.ndarray) -> list[int]:
    """Where the windows begin that hold any of the rows."""
    return [start for start in range(0, len(among), WINDOW) if among[start : start + WINDOW].any()]


def _taken(column: Any, positions: np.ndarray) -> Any:
    """The values at ascending positions, out of the stretch in which they lie."""
    import pyarrow as pa

    first, last = int(positions[0]), int(positions[-1])
    stretch = column.slice(first, last - first + 1)
    return stretch if len(stretch) == len(positions) else stretch.take(pa.array(positions - first))


def _differs(before: Any, now: Any) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_nested(before.type) or pa.types.is_nested(now.type):
        return np.array([old != new for old, new in zip(before.to_pylist(), now.to_pylist(), strict=True)], dtype=bool)
    if before.type != now.type:
        before, now = before.cast(pa.large_string()), now.cast(pa.large_string())
    same = pc.fill_null(pc.equal(before, now), False)
    both_missing = pc.and_(pc.is_null(before), pc.is_null(now))
    return np.asarray(pc.invert(pc.or_(same, both_missing)))


def _holding(values: Any, text: str) -> np.ndarray:
    """Which values of an array hold the text, however deep it lies in lists and records."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind, nothing = values.type, np.zeros(len(values), dtype=bool)
    if pa.types.is_dictionary(kind):
        found = np.append(_holding(values.dictionary, text), False)
        return found[np.asarray(values.indices.fill_null(len(values.dictionary)))]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        parents = np.asarray(pc.list_parent_indices(values))
        nothing[parents[_holding(pc.list_flatten(values), text)]] = True
        return nothing
    if pa.types.is_struct(kind):
        for part in values.flatten():
            nothing |= _holding(part, text)
        return nothing
    if not _has_words(kind):
        return nothing
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        values = values.cast(pa.large_string())
    return np.asarray(pc.fill_null(pc.match_substring(values, text, ignore_case=True), False))


def _has_words(kind: Any) -> bool:
    import pyarrow as pa

    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return is_text or is_number or pa.types.is_boolean(kind) or pa.types.is_date(kind) or pa.types.is_timestamp(kind)
