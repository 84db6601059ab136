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
from core.said import said, together


def import_jsonl(path: Path, encoding: Encoding, target: Path, progress: Progress | None = None) -> Imported:
    """Write the objects at ``path`` to the Arrow file ``target``; see ``import_records`` for how they become columns.

    Raises ``DataError`` with the line that is no JSON, or goes too deep.
    """
    imported = import_records(lambda progress: _batches(path, encoding, progress), target, progress)
    if not imported.rows:
        raise DataError(
            said("{file} is empty.", file=path.name), said("Check the export that made it, or choose another file.")
        )
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
                    progress(min(1.0, read / size), said("Reading the rows"))
    if records:
        yield records


def _parse(path: Path, number: int, line: str, rest: Iterator[str]) -> Record:
    try:
        record = json.loads(line)
    except RecursionError as exc:
        raise too_deep(said("Line {line} of {file}", line=number, file=path.name)) from exc
    except ValueError as exc:
        begins = said("Correct or remove that line: it begins with {begins}", begins=line.strip()[:60])
        if next(rest, None) is None:
            title = said("Line {line} of {file} is not complete JSON.", line=number, file=path.name)
            why = said("The file may have been cut off while it was written or copied.")
        else:
            title = said("Line {line} of {file} is not JSON.", line=number, file=path.name)
            why = said("Each line is one object.")
        raise DataError(title, together(why, begins), cause=str(exc)) from exc
    if not isinstance(record, dict):
        raise DataError(
            said("Line {line} of {file} is JSON, but not an object.", line=number, file=path.name),
            said("Each line should name its values, as {example}.", example='{"text": "...", "label": "..."}'),
        )
    if is_too_deep(line, record):
        raise too_deep(said("Line {line} of {file}", line=number, file=path.name))
    if "\\ud" in line or "\\uD" in line:
        return {whole(key): whole(value) for key, value in record.items()}
    return record
