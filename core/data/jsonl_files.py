"""Read JSON lines: one object a line, its keys are the columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.arrow_files import Imported, portion
from core.data.encoding import Encoding
from core.data.types import Finding, Progress
from core.errors import DataError

_BATCH_CHARACTERS = 1 << 23
_MIXED = "mixed"

Record = dict[str, Any]


def import_jsonl(path: Path, encoding: Encoding, target: Path, progress: Progress | None = None) -> Imported:
    """Write the objects at ``path`` to the Arrow file ``target``, with the types they have. Memory stays bounded.

    The columns are those of the first lines; where a later line does not fit them, all lines are looked through first.
    A column whose values are of several kinds is kept as text. Raises ``DataError`` with the line that is no JSON.
    """
    import pyarrow as pa

    try:
        types = _types(islice(_batches(path, encoding, None), 1))
        if any("struct" in str(kind) for kind in types.values()):
            raise _NewColumn  # a key inside an object that the first lines did not have would be lost unseen
        rows = _write(path, encoding, types, target, portion(progress, 0.0, 1.0))
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, _NewColumn):
        types = _types(_batches(path, encoding, portion(progress, 0.0, 0.5)))
        rows = _write(path, encoding, types, target, portion(progress, 0.5, 1.0))
    if not rows:
        raise DataError(f"{path.name} is empty.", "Check the export that made it, or choose another file.")
    _, findings = arrow_files.tidy_names(list(types))
    mixed = [name for name, kind in types.items() if kind == _MIXED]
    return Imported(rows, findings + (_mixed_finding(mixed) if mixed else ()))


class _NewColumn(Exception):
    """A line has, or may have, a key that the first lines did not have."""


def _write(path: Path, encoding: Encoding, types: dict[str, Any], target: Path, progress: Progress) -> int:
    import pyarrow as pa

    names, _ = arrow_files.tidy_names(list(types))
    kinds = [pa.string() if kind == _MIXED else kind for kind in types.values()]
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    batches = (_record_batch(records, types, schema) for records in _batches(path, encoding, progress))
    return arrow_files.write(target, schema, batches)


def _record_batch(records: list[Record], types: dict[str, Any], schema: Any) -> Any:
    import pyarrow as pa

    if any(record.keys() - types.keys() for record in records):
        raise _NewColumn
    arrays = []
    for (name, kind), field in zip(types.items(), schema, strict=True):
        values = [record.get(name) for record in records]
        arrays.append(pa.array([_as_text(value) for value in values] if kind == _MIXED else values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _types(batches: Iterable[list[Record]]) -> dict[str, Any]:
    """Column -> its Arrow type, or ``_MIXED``."""
    import pyarrow as pa

    types: dict[str, Any] = {}
    for records in batches:
        for name in dict.fromkeys(key for record in records for key in record):
            if types.get(name) == _MIXED:
                continue
            try:
                found = pa.array([record.get(name) for record in records]).type
                types[name] = _common(types[name], found) if name in types else found
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
                types[name] = _MIXED
    return {name: pa.string() if kind != _MIXED and pa.types.is_null(kind) else kind for name, kind in types.items()}


def _common(one: Any, other: Any) -> Any:
    import pyarrow as pa

    schemas = [pa.schema([("value", kind)]) for kind in (one, other)]
    return pa.unify_schemas(schemas, promote_options="permissive").field("value").type


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _batches(path: Path, encoding: Encoding, progress: Progress | None) -> Iterator[list[Record]]:
    size = path.stat().st_size
    read = held = 0
    records: list[Record] = []
    with encoding.open(path) as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                records.append(_parse(path, number, line, text))
                held += len(line)
            if held > _BATCH_CHARACTERS:
                read += held
                yield records
                records, held = [], 0
                if progress is not None:
                    progress(min(1.0, read / size), "Reading the rows")
    if records:
        yield records


def _parse(path: Path, number: int, line: str, rest: Iterator[str]) -> Record:
    try:
        record = json.loads(line)
    except ValueError as exc:
        is_last = next(rest, None) is None
        why = (
            "The file may have been cut off while it was written or copied." if is_last else "Each line is one object."
        )
        raise DataError(
            f"Line {number:,} of {path.name} is not complete JSON." if is_last else
            f"Line {number:,} of {path.name} is not JSON.",
            f"{why} Correct or remove that line: it begins with {line.strip()[:60]}",
            cause=str(exc),
        ) from exc  # fmt: skip
    if not isinstance(record, dict):
        raise DataError(
            f"Line {number:,} of {path.name} is JSON, but not an object.",
            'Each line should name its values, as {"text": "...", "label": "..."}.',
        )
    if "\\ud" in line or "\\uD" in line:
        return {_whole(key): _whole(value) for key, value in record.items()}
    return record


def _whole(value: Any) -> Any:
    """Half of a surrogate pair is no character and cannot be stored; it becomes a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return value


def _mixed_finding(names: list[str]) -> tuple[Finding, ...]:
    one = len(names) == 1
    return (
        Finding(
            "mixed-kinds",
            "info",
            f"{'A column holds' if one else f'{len(names)} columns hold'} values of several kinds.",
            f"{', '.join(names[:5])}: numbers, texts or lists are mixed, so all are kept as text.",
            count=len(names),
        ),
    )
