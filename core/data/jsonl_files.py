"""Read JSON lines: one object a line, its keys are the columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from core.data.arrow_files import Imported
from core.data.encoding import Encoding
from core.data.records import BATCH_CHARACTERS, Record, import_records, whole
from core.data.types import Progress
from core.data.written import is_too_deep, too_deep
from core.errors import DataError


def import_jsonl(path: Path, encoding: Encoding, target: Path, progress: Progress | None = None) -> Imported:
    """Write the objects at ``path`` to the Arrow file ``target``; see ``import_records`` for how they become columns.

    Raises ``DataError`` with the line that is no JSON, or goes too deep.
    """
    imported = import_records(lambda progress: _batches(path, encoding, progress), target, progress)
    if not imported.rows:
        raise DataError(f"{path.name} is empty.", "Check the export that made it, or choose another file.")
    return imported


def _batches(path: Path, encoding: Encoding, progress: Progress | None) -> Iterator[list[Record]]:
    size = path.stat().st_size
    read = held = 0
    records: list[Record] = []
    with encoding.open(path) as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                records.append(_parse(path, number, line, text))
                held += len(line)
            if held > BATCH_CHARACTERS:
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
    except RecursionError as exc:
        raise too_deep(f"Line {number:,} of {path.name}") from exc
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
    if is_too_deep(line, record):
        raise too_deep(f"Line {number:,} of {path.name}")
    if "\\ud" in line or "\\uD" in line:
        return {whole(key): whole(value) for key, value in record.items()}
    return record
