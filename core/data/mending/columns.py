"""Mending whole Arrow columns: of texts, or of lists and records with texts in them at any depth.

Columns are gone through in slices: what needs no mending stays where it is, memory-mapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from core.data.mending.types import Mend

if TYPE_CHECKING:
    import numpy as np

SLICE = 1 << 14
"""Rows that are looked at in one go."""
LOOKED_AT = 200_000
"""Of longer texts, the check sees so many characters. A step mends them whole."""


def has_texts(kind: Any) -> bool:
    """Whether an Arrow type is text, or has text in it."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return has_texts(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return has_texts(kind.value_type)
    if pa.types.is_struct(kind):
        return any(has_texts(kind.field(place).type) for place in range(kind.num_fields))
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def mended(column: Any, mend: Mend) -> Any:
    """A ``pyarrow.ChunkedArray`` with its texts mended; the very same where none needs it."""
    import pyarrow as pa

    slices = list(_slices(column))
    changed = [_changed(part, lambda texts: _mended_texts(texts, mend)) for part in slices]
    if all(new is old for new, old in zip(changed, slices, strict=True)):
        return column
    return pa.chunked_array(changed, changed[0].type)


def to_mend(column: Any, mend: Mend) -> np.ndarray:
    """A boolean for each row: whether a text in it needs mending."""
    return rows_where(column, lambda texts: _in_need(texts, mend))


def rows_where(column: Any, test: Callable[[Any], np.ndarray]) -> np.ndarray:
    """A boolean for each row: whether ``test`` (array of texts -> a boolean for each) is true of a text in it."""
    import numpy as np

    return np.concatenate([np.zeros(0, dtype=bool), *(_any_text(part, test) for part in _slices(column))])


def matching(pattern: str) -> Callable[[Any], np.ndarray]:
    """A test for ``rows_where``: texts in which a regular expression (RE2) is found."""
    import pyarrow.compute as pc

    return lambda texts: _booleans(pc.match_substring_regex(texts, pattern))


def _slices(column: Any) -> Iterator[Any]:
    import pyarrow as pa

    for chunk in column.chunks:
        for start in range(0, len(chunk), SLICE):
            part = chunk.slice(start, SLICE)
            yield part.dictionary_decode() if pa.types.is_dictionary(part.type) else part


def _booleans(values: Any) -> np.ndarray:
    import numpy as np
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)


# --- Texts wherever they stand ---------------------------------------------------------------------------------------


def _changed(array: Any, change: Callable[[Any], Any]) -> Any:
    """An array with ``change`` made to all texts in it; the same object where nothing changed."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not has_texts(array.type):
        return array
    if pa.types.is_struct(array.type):
        old = array.flatten()
        new = [_changed(field, change) for field in old]
        if all(one is other for one, other in zip(new, old, strict=True)):
            return array
        fields = [array.type.field(place).with_type(one.type) for place, one in enumerate(new)]
        return pa.StructArray.from_arrays(new, fields=fields, mask=array.is_null())
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        flat = array.flatten()
        values = _changed(flat, change)
        if values is flat:
            return array
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        large = pa.types.is_large_list(array.type)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64 if large else np.int32)
        made = pa.LargeListArray if large else pa.ListArray
        return made.from_arrays(pa.array(offsets), values, mask=array.is_null())
    return change(array)


def _any_text(array: Any, test: Callable[[Any], np.ndarray]) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not has_texts(array.type):
        return np.zeros(len(array), dtype=bool)
    if pa.types.is_struct(array.type):
        return np.logical_or.reduce([_any_text(field, test) for field in array.flatten()])
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        found = np.concatenate([[0], np.cumsum(_any_text(array.flatten(), test))])
        ends = np.cumsum(lengths).astype(np.int64)
        return np.asarray(found[ends] > found[ends - lengths.astype(np.int64)])
    return test(array)


def _mended_texts(texts: Any, mend: Mend) -> Any:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    suspicious = matching(mend.suspicious())(texts)
    if not suspicious.any():
        return texts
    old = texts.filter(pa.array(suspicious)).to_pylist()
    new = [mend.mended(text) for text in old]
    changed = np.array([one != other for one, other in zip(new, old, strict=True)], dtype=bool)
    if not changed.any():
        return texts
    return pc.replace_with_mask(texts, pa.array(suspicious), pa.array(new, texts.type))


def _in_need(texts: Any, mend: Mend) -> np.ndarray:
    import numpy as np
    import pyarrow as pa

    suspicious = matching(mend.suspicious())(texts)
    if mend.sure or not suspicious.any():
        return suspicious
    candidates = (text[:LOOKED_AT] for text in texts.filter(pa.array(suspicious)).to_pylist())
    suspicious[np.flatnonzero(suspicious)] = [mend.mended(text) != text for text in candidates]
    return suspicious
