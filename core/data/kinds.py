"""The kinds of values that JSON holds, as Arrow types. Arrow's own guesses are checked: it would take ``true`` for 1.0
beside a fraction, 1.5 for 1 in a column of whole numbers, and a text for a list of its letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MIXED = "mixed"
"""Stands for values of several kinds, which no one type holds without a change."""
MOST_KEYS = 1000
"""Objects with more different keys than this are no record: the keys are values themselves, as numbers of rows are."""


def kind_of(values: Sequence[Any]) -> Any:
    """The Arrow type of the values of a column, or ``MIXED``."""
    import pyarrow as pa

    try:
        kind = pa.infer_type(values)
        if _breadth(kind) > MOST_KEYS or not _keeps_booleans(kind, values):
            return MIXED
        return pa.array(values, kind).type
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return MIXED


def common(one: Any, other: Any) -> Any:
    """The type that holds the values of both, or ``MIXED``."""
    import pyarrow as pa

    if MIXED in (one, other):
        return MIXED
    try:
        schemas = [pa.schema([("value", kind)]) for kind in (one, other)]
        both = pa.unify_schemas(schemas, promote_options="permissive").field("value").type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return MIXED
    return MIXED if _breadth(both) > MOST_KEYS else both


def array_of(values: Sequence[Any], kind: Any) -> Any:
    """The values as a ``pyarrow.Array`` of this type, or None where it does not hold each of them as it is."""
    import pyarrow as pa

    try:
        if common(kind, pa.infer_type(values)) == kind and _keeps_booleans(kind, values):
            return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        pass
    return None


def _breadth(kind: Any) -> int:
    """How many keys the objects have that a type describes, those within them included."""
    return sum(1 + _breadth(kind.field(place).type) for place in range(kind.num_fields))


def _keeps_booleans(kind: Any, values: Sequence[Any]) -> bool:
    """Whether no true or false stands where the type has a fraction."""
    import pyarrow as pa

    if "double" not in str(kind):
        return True
    there = [value for value in values if value is not None]
    if pa.types.is_list(kind):
        return _keeps_booleans(kind.value_type, [inner for value in there for inner in value])
    if pa.types.is_struct(kind):
        return all(_keeps_booleans(field.type, [value.get(field.name) for value in there]) for field in kind)
    return not any(isinstance(value, bool) for value in there)
