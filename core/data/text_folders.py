"""Read text files by class: the folder in which a text stands is its label, as in ``spam/1.txt``."""

from __future__ import annotations

import codecs
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.arrow_files import EARLY, Imported
from core.data.dialect import LONGEST_CELL
from core.data.encoding import guess_codec
from core.data.guess_files import part_of
from core.data.types import Finding, Progress
from core.errors import DataError
from core.said import first_of, said, said_many

_BATCH_BYTES = 1 << 23
_SHOWN = 5
"""Names in a finding."""
_GUESSES = 200
"""So many texts that are not UTF-8 are each guessed by themselves; the rest are read as most of them."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class TextFile:
    """A text, its name, its class, and the part of the data where its folders say one."""

    path: Path
    name: str
    label: str
    part: str | None


def texts_by_class(folder: Path, files: list[Path]) -> list[TextFile]:
    """The texts that stand in folders of their classes, ``spam/1.txt`` or ``train/spam/1.txt``; none where fewer than
    two folders are classes.
    """
    nested = [file for file in files if file.parent != folder]
    if not nested:
        return []
    root = Path(os.path.commonpath([str(file.parent) for file in nested]))
    names = [file.relative_to(root).parts for file in nested]
    has_parts = all(part_of(name[0]) for name in names if len(name) > 1) and any(len(name) > 2 for name in names)
    place = 1 if has_parts else 0
    found = [
        TextFile(file, "/".join(name), name[place], part_of(name[0]) if has_parts else None)
        for file, name in zip(nested, names, strict=True)
        if len(name) > place + 1
    ]
    return found if len({text.label for text in found}) > 1 else []


@dataclass
class _Notes:
    """What was noticed while texts were read. ``skipped`` are their numbers, the first text is 1."""

    codecs: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    skipped: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def import_texts(texts: list[TextFile], target: Path, encoding: str | None, progress: Progress | None) -> Imported:
    """Write one row a text to the Arrow file ``target``, with the columns text, label, file, and split where the
    folders say it. What is no text is left out, with its name. Raises ``DataError`` when none is one.
    """
    import pyarrow as pa

    notes = _Notes()
    columns = ["text", "label", "file"] + (["split"] if any(text.part for text in texts) else [])
    schema = pa.schema([(name, pa.string()) for name in columns])
    rows = arrow_files.write(target, schema, _batches(texts, schema, encoding, notes, progress))
    if not rows:
        raise DataError(
            said("{file} and the other files are not texts.", file=notes.names[0]),
            said("Texts are plain files, as spam/1.txt."),
        )
    return Imported(rows, _findings(texts, rows, notes), tuple(notes.skipped))


def _batches(
    texts: list[TextFile], schema: Any, encoding: str | None, notes: _Notes, progress: Progress | None
) -> Iterator[Any]:
    rows: list[tuple[str | None, ...]] = []
    held = 0
    for number, text in enumerate(texts, start=1):
        content = _content(text, encoding, notes)
        if content is None:
            notes.skipped.append(number)
            notes.names.append(text.name)
        else:
            rows.append((content or None, text.label, text.name, text.part)[: len(schema)])
            held += len(content)
        if held > _BATCH_BYTES or len(rows) == 10_000:
            yield _batch(rows, schema)
            rows, held = [], 0
        if progress is not None and not number % 100:
            progress(number / len(texts), said("Reading the texts"))
    if rows:
        yield _batch(rows, schema)


def _batch(rows: list[tuple[str | None, ...]], schema: Any) -> Any:
    import pyarrow as pa

    arrays = [pa.array(_storable(values), pa.string()) for values in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _storable(values: tuple[str | None, ...]) -> list[str | None]:
    """Names of files may hold bytes that are no letters."""
    return [value if value is None else value.encode("utf-8", "replace").decode() for value in values]


def _content(text: TextFile, encoding: str | None, notes: _Notes) -> str | None:
    """What a file says, or None when it is no text."""
    if text.path.stat().st_size > LONGEST_CELL:
        return None
    raw = text.path.read_bytes()
    codec = next((codec for mark, codec in _BOMS if raw.startswith(mark)), encoding)
    if codec is None:
        if b"\x00" in raw:
            return None
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            codec = _guessed(raw, notes)
    decoded = raw.decode(codec, "replace")
    notes.damaged += decoded.count("\ufffd")
    return decoded


def _guessed(raw: bytes, notes: _Notes) -> str:
    if notes.codecs.total() < _GUESSES:
        codec = guess_codec(b"".join(line for line in raw.splitlines(keepends=True) if not line.isascii())[: 1 << 16])
    else:
        codec = notes.codecs.most_common(1)[0][0]
    notes.codecs[codec] += 1
    return codec


def _findings(texts: list[TextFile], rows: int, notes: _Notes) -> tuple[Finding, ...]:
    labels = list(dict.fromkeys(text.label for text in texts))
    found = [
        Finding(
            "text-files",
            "info",
            said("{rows} text files were read as rows, with their folders as labels.", rows=rows),
            said(
                "There are {folders} folders: {names}. The column `file` says where a text stood.",
                folders=len(labels),
                names=first_of(labels, _SHOWN),
            ),
            count=rows,
        )
    ]
    if notes.codecs:
        count = notes.codecs.total()
        usual = notes.codecs.most_common(1)[0][0]
        found.append(
            Finding(
                "encoding-guessed",
                "info",
                said_many(
                    count,
                    "{count} of the texts is not UTF-8; it was read as {encoding}.",
                    "{count} of the texts are not UTF-8; most were read as {encoding}.",
                    encoding=usual,
                ),
                said("The encoding says which letters the bytes stand for. It was guessed from each text."),
                said("If accented letters look wrong, choose another encoding."),
                count,
            )
        )
    if notes.damaged:
        found.append(
            Finding(
                "damaged-letters",
                "warning",
                said_many(
                    notes.damaged, "{count} character could not be read.", "{count} characters could not be read."
                ),
                said("They are shown as {sign}.", sign="\ufffd"),
                said("Save the texts as UTF-8 again, if these letters matter."),
                notes.damaged,
            )
        )
    if notes.skipped:
        count = len(notes.skipped)
        found.append(
            Finding(
                "not-texts",
                "warning",
                said_many(count, "{count} file is no text and left out.", "{count} files are no text and left out."),
                said(
                    "Binary data, or longer than {most} characters: {names}.",
                    most=LONGEST_CELL,
                    names=first_of(notes.names, _SHOWN),
                ),
                "",
                count,
                tuple(notes.skipped[:EARLY]),
            )
        )
    return tuple(found)
