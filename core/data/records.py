"""Objects with named values become columns: the way from JSON to Arrow that all JSON files share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.arrow_files import Imported, portion
from core.data.kinds import MIXED, array_of, common, kind_of
from core.data.types import Finding, Progress
from core.errors import DataError
from core.said import enumerated, said, said_many

BATCH_CHARACTERS = 1 << 23
"""About how much of a file is held at once."""
_MANY_COLUMNS, _SPARSE = 1000, 0.02
"""So many columns of which an object has so small a share are no table: each object has keys of its own."""

Record = dict[str, Any]
Reader = Callable[[Progress | None], Iterator[list[Record]]]
"""Reads the records of a file from its start, some at a time."""


def import_records(
    read: Reader, target: Path, progress: Progress | None = None, *, types: dict[str, Any] | None = None
) -> Imported:
    """Write all records to the Arrow file ``target``, with the types they have. Memory stays bounded.

    The columns are those of the first records; where a later one does not fit them, all are looked through first.
    A column whose values are of several kinds is kept as text. A file without a record gives no rows.
    ``types`` (column -> Arrow type) says it all beforehand where the form of the file is known.
    """
    if types is not None:
        return Imported(_write(read(portion(progress, 0.0, 1.0)), types, target))
    try:
        types = _types(islice(read(None), 1))
        if any("struct" in str(kind) for kind in types.values()):
            raise _Misfit  # a key inside an object that the first records did not have would be lost unseen
        rows = _write(read(portion(progress, 0.0, 1.0)), types, target)
    except _Misfit:
        types = _types(read(portion(progress, 0.0, 0.5)))
        rows = _write_mixed(lambda: read(portion(progress, 0.5, 1.0)), types, target)
    _, findings = arrow_files.tidy_names(list(types))
    mixed = [name for name, kind in types.items() if kind == MIXED]
    return Imported(rows, findings + (_mixed_finding(mixed) if mixed else ()))


def whole(value: Any) -> Any:
    """Half of a surrogate pair is no character and cannot be stored; it becomes a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    if isinstance(value, dict):
        return {whole(key): whole(inner) for key, inner in value.items()}
    return value


class _Misfit(Exception):
    """A record does not, or may not, fit the types of the first ones: in ``column``, or with a key of its own."""

    def __init__(self, column: str | None = None) -> None:
        super().__init__(column)
        self.column = column


def _write_mixed(read: Callable[[], Iterable[list[Record]]], types: dict[str, Any], target: Path) -> int:
    """Write the records. ``types`` come to have ``MIXED`` where a type that was found for all does not hold each."""
    while True:
        try:
            return _write(read(), types, target)
        except _Misfit as misfit:
            if misfit.column is None:
                raise
            types[misfit.column] = MIXED


def _write(batches: Iterable[list[Record]], types: dict[str, Any], target: Path) -> int:
    import pyarrow as pa

    names, _ = arrow_files.tidy_names(list(types))
    kinds = [pa.string() if kind == MIXED else kind for kind in types.values()]
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    return arrow_files.write(target, schema, (_record_batch(records, types, schema) for records in batches))


def _record_batch(records: list[Record], types: dict[str, Any], schema: Any) -> Any:
    import pyarrow as pa

    if any(record.keys() - types.keys() for record in records):
        raise _Misfit
    arrays = []
    for (name, kind), field in zip(types.items(), schema, strict=True):
        values = [record.get(name) for record in records]
        array = array_of([_as_text(value) for value in values] if kind == MIXED else values, field.type)
        if array is None:
            raise _Misfit(name)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _types(batches: Iterable[list[Record]]) -> dict[str, Any]:
    """Column -> its Arrow type, or ``MIXED``. Raises ``DataError`` when nearly each record has keys of its own."""
    import pyarrow as pa

    types: dict[str, Any] = {}
    rows = keys = 0
    for records in batches:
        names = dict.fromkeys(key for record in records for key in record)
        rows, keys = rows + len(records), keys + sum(map(len, records))
        width = len(types.keys() | names.keys())
        if width > _MANY_COLUMNS and keys < _SPARSE * width * rows:
            raise _no_table(width)
        for name in names:
            if types.get(name) != MIXED:
                found = kind_of([record.get(name) for record in records])
                types[name] = common(types[name], found) if name in types else found
    return {name: pa.string() if kind != MIXED and pa.types.is_null(kind) else kind for name, kind in types.items()}


def _no_table(width: int) -> DataError:
    return DataError(
        said("The objects of the file have {keys} different keys, and each object only a few of them.", keys=width),
        said(
            "The keys are the columns of the table. Give all objects the same keys, as in {example}.",
            example='{"text": "...", "label": "..."}',
        ),
    )


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _mixed_finding(names: list[str]) -> tuple[Finding, ...]:
    return (
        Finding(
            "mixed-kinds",
            "info",
            said_many(
                len(names), "A column holds values of several kinds.", "{count} columns hold values of several kinds."
            ),
            said(
                "{columns}: numbers, texts, lists or unlike objects are mixed, so all are kept as text.",
                columns=enumerated(*names[:5]),
            ),
            count=len(names),
        ),
    )
