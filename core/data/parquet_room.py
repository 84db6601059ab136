"""How much of a Parquet file may be unpacked at a time: a few bytes of it can stand for more than any memory holds.

A column can say a value once, in the dictionary of a row group, and name it in each row by a number: 800 bytes of a
file then stand for terabytes. And values that are all alike are packed to almost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import ceilings
from core.data.unpacking import need_honest
from core.errors import DataError
from core.said import said

BATCH_ROWS = 10_000
_BATCH_BYTES = 1 << 29
"""Of one batch, as far as dictionaries tell."""
_SMALL = _BATCH_BYTES // BATCH_ROWS
"""Dictionaries of no more bytes than this cannot make a batch larger than that, and need no look."""


def batches(path: Path, file: Any) -> Iterator[Any]:
    """The ``pyarrow.RecordBatch``es of an open ``ParquetFile``, each of as many rows as memory holds.

    Raises ``DataError`` for a file that swells without end, or has a value that is longer than what is taken.
    """
    about = file.metadata
    for group in range(about.num_row_groups):
        chunks = [about.row_group(group).column(place) for place in range(about.num_columns)]
        need_honest(path.name, path.stat().st_size, sum(chunk.total_uncompressed_size for chunk in chunks))
        shared = [chunk for chunk in chunks if chunk.has_dictionary_page and chunk.physical_type == "BYTE_ARRAY"]
        rows = BATCH_ROWS
        if sum(chunk.total_uncompressed_size for chunk in shared) > _SMALL:
            longest = _longest(path, group, [chunk.path_in_schema for chunk in shared])
            if longest > 4 * ceilings.most("cell"):  # bytes of one letter, at the most
                title = said(
                    "A cell of {file} has more than {most} letters.", file=path.name, most=ceilings.in_words("cell")
                )
                raise DataError(title, ceilings.advice("cell"))
            rows = max(1, min(BATCH_ROWS, _BATCH_BYTES // max(1, longest)))
        yield from file.iter_batches(rows, row_groups=[group])


def _longest(path: Path, group: int, names: list[str]) -> int:
    """Bytes of the longest values that the dictionaries of these columns hold, in all: of a row at the most."""
    import pyarrow.compute as pc
    from pyarrow import parquet

    with parquet.ParquetFile(path, read_dictionary=names) as file:
        batch = next(file.iter_batches(1, row_groups=[group], columns=names), None)
    held = [] if batch is None else [values for column in batch.columns for values in _dictionaries(column)]
    return sum(pc.max(pc.binary_length(values)).as_py() or 0 for values in held if len(values))


def _dictionaries(column: Any) -> Iterator[Any]:
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(column.type):
        yield column.dictionary
    elif types.is_list(column.type) or types.is_large_list(column.type):
        yield from _dictionaries(column.values)
    elif types.is_struct(column.type):
        for place in range(column.type.num_fields):
            yield from _dictionaries(column.field(place))
