"""Odd types of Arrow and Parquet files as plain ones: what was encoded, viewed or extended becomes its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.data import class_names
from core.data.far_dates import known_zone


def plain_type(kind: Any) -> Any:
    """The type in which a column is kept: dictionaries, runs, views and extensions unpacked, nulls as text."""
    import pyarrow as pa

    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if types.is_null(kind) or types.is_string_view(kind):
        return pa.string()
    if types.is_binary_view(kind):
        return pa.binary()
    if types.is_float16(kind):
        return pa.float32()
    if types.is_timestamp(kind):
        return known_zone(kind)
    if types.is_struct(kind):
        return pa.struct([(field.name, plain_type(field.type)) for field in kind])
    if types.is_large_list(kind):
        return pa.large_list(plain_type(kind.value_type))
    if types.is_list(kind) or types.is_list_view(kind) or types.is_large_list_view(kind):
        return pa.list_(plain_type(kind.value_type))
    if types.is_fixed_size_list(kind):
        return pa.list_(plain_type(kind.value_type), kind.list_size)
    return pa.string() if types.is_union(kind) else kind


def plain_batch(batch: Any, schema: Any, called: Mapping[str, Sequence[str]]) -> Any:
    """A ``pyarrow.RecordBatch`` in the plain types of ``schema``, with names in place of the class numbers of the
    columns that are ``called`` so.
    """
    import pyarrow as pa

    arrays = [
        class_names.named(column, called[field.name]) if field.name in called else _plain(column, kept.type)
        for column, field, kept in zip(batch.columns, batch.schema, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _plain(column: Any, kind: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column.type, pa.BaseExtensionType):
        return _plain(column.storage, kind)
    if column.type == kind:
        return column
    if pa.types.is_run_end_encoded(column.type):
        return _plain(pc.run_end_decode(column), kind)
    if pa.types.is_dictionary(column.type):
        return _plain(column.dictionary_decode(), kind)
    if pa.types.is_union(column.type):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], kind)
    try:
        return column.cast(kind)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array(column.to_pylist(), kind)
