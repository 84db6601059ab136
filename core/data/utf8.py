"""Texts of Parquet and Arrow files that are not the UTF-8 that such files promise."""

from __future__ import annotations

from typing import Any

from core.data.types import Finding
from core.said import said, said_many, together


def with_valid_texts(batch: Any) -> tuple[Any, int]:
    """A ``pyarrow.RecordBatch`` whose texts are all UTF-8, and how many characters had to become U+FFFD for it.

    Raises ``pyarrow.ArrowInvalid`` where something else is wrong, or texts inside of lists and records are.
    """
    import pyarrow as pa

    columns, damaged = [], 0
    for column in batch.columns:
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            column, count = _mended(column)
            damaged += count
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema), damaged


def _mended(column: Any) -> tuple[Any, int]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        words, count = _mended(column.dictionary)
        return pa.DictionaryArray.from_arrays(column.indices, words, ordered=column.type.ordered), count
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    raw = column.view(pa.binary() if pa.types.is_string(column.type) else pa.large_binary()) if is_text else column
    raw.validate(full=True)
    values = raw.to_pylist()
    texts = [None if value is None else value.decode("utf-8", "replace") for value in values]
    own = sum(value.count(b"\xef\xbf\xbd") for value in values if value is not None)
    return pa.array(texts, column.type), sum(text.count("\ufffd") for text in texts if text is not None) - own


def damaged_finding(count: int) -> tuple[Finding, ...]:
    """What is said of characters that could not be read."""
    if not count:
        return ()
    return (
        Finding(
            "damaged-letters",
            "warning",
            said_many(count, "{count} character could not be read.", "{count} characters could not be read."),
            together(
                said("It is shown as {sign}:" if count == 1 else "They are shown as {sign}:", sign="\ufffd"),
                said("the file holds texts that are not UTF-8, as they should be. The rest of the file is fine."),
            ),
            said("Make the file again with the program it came from, if these letters matter."),
            count,
        ),
    )
