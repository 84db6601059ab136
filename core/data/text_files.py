"""Read plain text: cut into paragraphs, or into lines where nothing parts paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.arrow_files import Imported, portion
from core.data.dialect import LONGEST_CELL
from core.data.encoding import Encoding
from core.data.types import Finding, Progress
from core.errors import DataError
from core.said import said, said_many

_BATCH_CHARACTERS = 1 << 23
_LINES_A_PARAGRAPH = 100
"""More lines than this between two empty ones, on average, and the empty ones are no paragraph marks."""


def import_text(path: Path, encoding: Encoding, target: Path, progress: Progress | None = None) -> Imported:
    """Write the text at ``path`` to the Arrow file ``target``, one paragraph a row, in the column ``text``.

    Where empty lines part the text, what stands between two of them is a paragraph (its line breaks are kept); else
    every line that is not empty is one. Memory stays bounded. Raises ``DataError`` for a paragraph of absurd length.
    """
    import pyarrow as pa

    in_blocks = _has_paragraphs(path, encoding)
    schema = pa.schema([("text", pa.string())])
    paragraphs = _blocks(path, encoding) if in_blocks else _lines(path, encoding)
    rows = arrow_files.write(target, schema, _batches(path, paragraphs, schema, portion(progress, 0.0, 1.0)))
    if not rows:
        raise DataError(
            said("{file} is empty.", file=path.name), said("Check the export that made it, or choose another file.")
        )
    return Imported(rows, (_finding(rows, in_blocks),))


def _has_paragraphs(path: Path, encoding: Encoding) -> bool:
    lines = blocks = 0
    with encoding.open(path) as text:
        for is_blank, group in groupby(text, str.isspace):
            if not is_blank:
                blocks += 1
                lines += sum(1 for _ in group)
    return blocks > 1 and lines <= _LINES_A_PARAGRAPH * blocks


def _blocks(path: Path, encoding: Encoding) -> Iterator[str]:
    with encoding.open(path) as text:
        for is_blank, group in groupby(text, str.isspace):
            if not is_blank:
                yield "\n".join(line.rstrip() for line in group)


def _lines(path: Path, encoding: Encoding) -> Iterator[str]:
    with encoding.open(path) as text:
        yield from (line.strip() for line in text if not line.isspace())


def _batches(path: Path, paragraphs: Iterator[str], schema: Any, progress: Progress) -> Iterator[Any]:
    import pyarrow as pa

    size = path.stat().st_size
    read = held = 0
    kept: list[str] = []
    for number, paragraph in enumerate(paragraphs, start=1):
        if len(paragraph) > LONGEST_CELL:
            raise _too_long(path, number)
        kept.append(paragraph)
        held += len(paragraph)
        if held > _BATCH_CHARACTERS:
            yield pa.RecordBatch.from_arrays([pa.array(kept, pa.string())], schema=schema)
            read += held
            kept, held = [], 0
            progress(read / size, said("Reading the rows"))
    if kept:
        yield pa.RecordBatch.from_arrays([pa.array(kept, pa.string())], schema=schema)


def _too_long(path: Path, number: int) -> DataError:
    return DataError(
        said(
            "Paragraph {number} of {file} is longer than {most} characters.",
            number=number,
            file=path.name,
            most=LONGEST_CELL,
        ),
        said("Put line breaks, or empty lines, where one text ends and the next begins."),
    )


def _finding(rows: int, in_blocks: bool) -> Finding:
    if in_blocks:
        title = said("The text was cut into {rows} rows at its empty lines.", rows=rows)
        meaning = said("What stands between two empty lines is one row.")
        fix = said("Remove the empty lines if every line should be a row of its own.")
    else:
        title = said_many(
            rows,
            "The text was cut into {count} row, one for each line.",
            "The text was cut into {count} rows, one for each line.",
        )
        meaning = said("No empty lines part it into paragraphs, so each line that is not empty is one row.")
        fix = said("Put an empty line between paragraphs if each should be one row.")
    return Finding("text-rows", "info", title, meaning, fix, rows)
