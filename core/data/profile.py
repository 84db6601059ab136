"""What each column of a table holds: its kind, what is missing, how many different values, some of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.data.arrow_files import portion
from core.data.hashes import text_hashes
from core.data.types import Column, ColumnKind, Progress
from core.said import said

MAX_CELL = 200
"""Characters of a cell that are shown."""

_EXAMPLES = 8
_WORDS = said("Looking at the columns")
_MOST_COUNTED = 200_000
_EARLY_ROWS = 2000
_HASHED_BYTES = 1 << 24
"""Above this size, different texts are counted by their hashes, so that memory stays bounded."""
_NUMBER = r"^\s*[-+]?(\d+([.,]\d+)?|[.,]\d+)([eE][-+]?\d+)?\s*$"
_BOOLEANS = ({"true", "false"}, {"yes", "no"})


def profile(table: Any, progress: Progress | None = None) -> tuple[Column, ...]:
    """Look at every column of a ``pyarrow.Table`` once."""
    columns = []
    for place, name in enumerate(table.column_names):
        report = portion(progress, place / table.num_columns, (place + 1) / table.num_columns)
        columns.append(_column(name, table.column(name), report))
        report(1.0, _WORDS)
    return tuple(columns)


def shown(value: Any) -> str:
    """A cell as text, cut to a readable length; nothing for a missing one."""
    import json

    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _column(name: str, values: Any, report: Progress) -> Column:
    import pyarrow as pa

    kind = _typed_kind(values.type)
    if kind in ("list", "other"):
        return _opaque(name, kind, values)
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        distinct = _count_distinct(values, report)
        return Column(name, kind, values.null_count, distinct, _examples(values, distinct))
    return _text_column(name, values, report)


def _text_column(name: str, values: Any, report: Progress) -> Column:
    import pyarrow.compute as pc

    lengths = pc.utf8_length(values)
    mean, longest = pc.mean(lengths).as_py() or 0.0, pc.max(lengths).as_py() or 0
    distinct, present = _count_distinct(values, report), len(values) - values.null_count
    kind = _text_kind(values, distinct, present, mean, longest)
    examples = _first_ones(values) if kind == "text" else _examples(values, distinct)
    return Column(name, kind, values.null_count, distinct, examples, mean, longest)


def _typed_kind(kind: Any) -> ColumnKind:
    import pyarrow as pa

    types = pa.types
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_string(kind) or types.is_large_string(kind):
        return "text"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return "list"
    return "other"


def _text_kind(values: Any, distinct: int, present: int, mean: float, longest: int) -> ColumnKind:
    """Texts that are all numbers are numbers; few, short, returning ones are categories."""
    if not present:
        return "text"
    if longest <= 40 and _all_numbers(values):
        return "number"
    if distinct == 2 and _lowered(values) in _BOOLEANS:
        return "boolean"
    returning = distinct <= max(2, present * (0.5 if present < 1000 else 0.2))
    return "category" if returning and mean <= 60 and longest <= MAX_CELL else "text"


def _all_numbers(values: Any) -> bool:
    import pyarrow.compute as pc

    for part in (values.slice(0, _EARLY_ROWS), values):
        if pc.all(pc.match_substring_regex(part, _NUMBER)).as_py() is False:
            return False
    return True


def _lowered(values: Any) -> set[str]:
    return {str(value).strip().lower() for value in _commonest(values, values.null_count)}


def _opaque(name: str, kind: ColumnKind, values: Any) -> Column:
    """A column of lists or records: counted, not compared."""
    first = [shown(value.as_py()) for value in values.slice(0, _EARLY_ROWS) if value.is_valid]
    examples = tuple(dict.fromkeys(first))
    present = len(values) - values.null_count
    return Column(name, kind, values.null_count, present, examples[:_EXAMPLES], fields=_fields(values.type))


def _fields(kind: Any) -> tuple[str, ...]:
    """What a cell is made of: the keys of its objects, or "string" or "number" for a list of these."""
    import pyarrow as pa

    types = pa.types
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = kind.value_type
        inner = inner.value_type if types.is_dictionary(inner) else inner
        return (
            _fields(inner)
            if types.is_struct(inner)
            else {"text": ("string",), "number": ("number",)}.get(_typed_kind(inner), ())
        )
    return tuple(kind.field(place).name for place in range(kind.num_fields)) if types.is_struct(kind) else ()


def _count_distinct(values: Any, report: Progress) -> int:
    import pyarrow.compute as pc

    if values.nbytes <= _HASHED_BYTES:
        return int(pc.count_distinct(values, mode="only_valid").as_py())
    import numpy as np

    hashes = text_hashes(_one_by_one(values.chunks, report))
    hashes.sort()  # several times as quick as np.unique, and in place
    return int(np.count_nonzero(hashes[1:] != hashes[:-1])) + bool(len(hashes))


def _one_by_one(chunks: list[Any], report: Progress) -> Iterator[Any]:
    for place, chunk in enumerate(chunks):
        yield chunk
        report(place / len(chunks), _WORDS)


def _examples(values: Any, distinct: int) -> tuple[str, ...]:
    """The commonest values, or the first ones where there are too many to count each."""
    return _commonest(values, values.null_count) if distinct <= _MOST_COUNTED else _first_ones(values)


def _commonest(values: Any, missing: int) -> tuple[str, ...]:
    """The values that occur most often, the most frequent first."""
    import pyarrow.compute as pc

    counted = pc.value_counts(values)
    order = pc.sort_indices(pc.struct_field(counted, "counts"), sort_keys=[("", "descending")])
    top = pc.struct_field(counted, "values").take(order[: _EXAMPLES + (missing > 0)]).to_pylist()
    return tuple(shown(value) for value in top if value is not None)[:_EXAMPLES]


def _first_ones(values: Any) -> tuple[str, ...]:
    early = values.slice(0, _EARLY_ROWS).drop_null().slice(0, 100).to_pylist()
    return tuple(dict.fromkeys(shown(value) for value in early))[:_EXAMPLES]
