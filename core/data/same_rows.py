"""Rows that are equal in some columns of a table as it was read, whatever the columns hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.data.hashes import text_hashes

if TYPE_CHECKING:
    import numpy as np

_ROWS = 65_536
_FACTOR = 0x9E3779B97F4A7C15
"""Odd, with its bits well mixed: 2 ** 64 divided by the golden ratio."""


def row_keys(table: Any, columns: Sequence[str], ignore_case: bool = False) -> np.ndarray:
    """A 64-bit number for each row, equal where all the columns are; spaces around a text count as nothing."""
    import numpy as np
    import pyarrow.compute as pc

    keys = np.zeros(table.num_rows, dtype=np.uint64)
    for name in columns:
        texts = as_texts(table, name)
        column = text_hashes(pc.utf8_lower(text) if ignore_case else text for text in texts)
        keys = keys * np.uint64(_FACTOR) + column
    return keys


def filled(table: Any, columns: Sequence[str]) -> np.ndarray:
    """Which rows have something in any of the columns."""
    import numpy as np
    import pyarrow.compute as pc

    found = np.zeros(table.num_rows, dtype=bool)
    for name in columns:
        parts = [pc.not_equal(text, "").to_numpy(zero_copy_only=False) for text in as_texts(table, name)]
        found |= np.concatenate([np.zeros(0, dtype=bool), *parts])
    return found


def numbered(keys: np.ndarray) -> np.ndarray:
    """A number from 0 for each row, in place of keys that say the same."""
    import pandas as pd

    return pd.factorize(keys)[0]


def first_places(groups: np.ndarray) -> np.ndarray:
    """Which rows are the first of their group."""
    import pandas as pd

    return ~pd.Series(groups).duplicated().to_numpy()


def as_texts(table: Any, name: str) -> Iterator[Any]:
    """A column as ``pyarrow`` arrays of large strings, stripped; missing is empty, lists and records are JSON."""
    for batch in table.select([name]).to_batches(max_chunksize=_ROWS):
        yield plain(batch.column(0))


def plain(values: Any) -> Any:
    """One array of any type as large strings; see ``as_texts``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        written = [None if value is None else _written(value) for value in values.to_pylist()]
        values = pa.array(written, pa.large_string())
    return pc.utf8_trim_whitespace(pc.fill_null(values.cast(pa.large_string()), ""))


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if value else ""
