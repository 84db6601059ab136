"""Names of classes that a Parquet file keeps apart from its numbers, as the library ``datasets`` writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.data.types import Finding
from core.said import enumerated, said

_KEY = b"huggingface"


def class_names(schema: Any) -> dict[str, tuple[str, ...]]:
    """Column -> the names of its class numbers, from the metadata of a ``pyarrow.Schema``; only columns that have them.

    A column may hold one number a row, or a list of them.
    """
    try:
        features = json.loads((schema.metadata or {}).get(_KEY, b"{}"))["info"]["features"]
    except (ValueError, TypeError, KeyError, RecursionError):  # anybody may write anything there
        return {}
    found = {name: _names(feature) for name, feature in features.items()} if isinstance(features, dict) else {}
    return {name: names for name, names in found.items() if names and _is_numbered(schema, name)}


def _names(feature: Any) -> tuple[str, ...]:
    """``feature`` describes a value or, in one of three forms that were in use, a list of values."""
    if isinstance(feature, list) and feature:
        feature = feature[0]
    if isinstance(feature, Mapping) and feature.get("_type") in ("List", "LargeList", "Sequence"):
        feature = feature.get("feature")
    if isinstance(feature, Mapping) and feature.get("_type") == "ClassLabel":
        names = feature.get("names")
        return tuple(str(name) for name in names) if isinstance(names, list) else ()
    return ()


def _is_numbered(schema: Any, name: str) -> bool:
    import pyarrow as pa

    if name not in schema.names:
        return False
    kind = schema.field(name).type
    return bool(pa.types.is_integer(kind.value_type if _is_list(kind) else kind))


def named_type(kind: Any) -> Any:
    """The Arrow type of a column of numbers, or of lists of them, once they are names."""
    import pyarrow as pa

    return pa.list_(pa.string()) if _is_list(kind) else pa.string()


def named(column: Any, names: Sequence[str]) -> Any:
    """A ``pyarrow.Array`` of numbers, or of lists of them, as names. What has no name (-1) is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_list(column.type):
        inside = pc.and_(pc.greater_equal(column, 0), pc.less(column, len(names)))
        places = pc.if_else(inside, column, pa.scalar(None, column.type))
        return pa.array(names, pa.string()).take(places.cast(pa.int64()))
    texts = [
        None if row is None else [names[n] if n is not None and 0 <= n < len(names) else None for n in row]
        for row in column.to_pylist()
    ]
    return pa.array(texts, pa.list_(pa.string()))


def finding(columns: Mapping[str, Sequence[str]]) -> tuple[Finding, ...]:
    """What is said of columns whose numbers became names."""
    if not columns:
        return ()
    shown = enumerated(*(f"`{name}`" for name in list(columns)[:5]))
    return (
        Finding(
            "class-names",
            "info",
            said("The numbers in {columns} are shown by their names.", columns=shown),
            said(
                "The file says what its numbers mean, as the datasets library writes it."
                if len(columns) == 1
                else "The file says what their numbers mean, as the datasets library writes it."
            ),
            count=len(columns),
        ),
    )


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
