"""From a file, an archive or a folder to a table: what it is, and the reader that knows its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.data.accepted import Format
from core.data.archives import unzipped
from core.data.arrow_files import Imported, portion
from core.data.conll_files import import_conll
from core.data.csv_files import import_csv
from core.data.encoding import Encoding
from core.data.folders import import_folder
from core.data.formats import Form, recognise
from core.data.ipc_files import import_arrow
from core.data.json_files import import_json
from core.data.jsonl_files import import_jsonl
from core.data.parquet_files import import_parquet
from core.data.text_files import import_text
from core.data.types import Finding, Progress
from core.data.unpacking import packing_of, unpacked
from core.data.workbook_child import import_workbook
from core.data_config import ReadingConfig
from core.errors import DataError
from core.said import said, said_many, together

_TEXT_READERS: dict[Format, Callable[[Path, Encoding, Path, Progress], Imported]] = {
    "jsonl": import_jsonl,
    "json": import_json,
    "conll": import_conll,
    "text": import_text,
}
_CHOICES = {
    "delimiter": said("what stands between cells"),
    "quotes": said("what quote marks mean"),
    "encoding": said("the encoding"),
    "header": said("what the first row is"),
    "sheet": said("the sheet"),
}
_DEEPEST = 3
"""Archives inside of archives, and no more."""


@dataclass(frozen=True)
class Read:
    """What came of reading a source, and how it was read.

    ``format`` is a ``Format``, or ``tsv``; ``encoding`` and ``packed`` (how it was compressed) are words, empty where
    there is nothing to say.
    """

    imported: Imported
    format: str
    encoding: str = ""
    packed: str = ""


def read(path: Path, target: Path, chosen: ReadingConfig, progress: Progress | None = None, depth: int = 0) -> Read:
    """Write what stands at ``path`` to the Arrow file ``target``, read as ``chosen``, else as its content says.

    Raises ``DataError`` for what is no table, or cannot be read in the chosen way.
    """
    try:
        return _read(path, target, chosen, progress, depth)
    except DataError as exc:
        way_back = "" if depth or chosen.is_detected else _way_back(chosen)
        raise DataError(exc.title, together(exc.advice, way_back), cause=exc.cause) from exc


def encoding_name(codec: str) -> str:
    """An encoding as words on screen."""
    return {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252 (Latin-1)"}.get(codec, codec.upper())


def _read(path: Path, target: Path, chosen: ReadingConfig, progress: Progress | None, depth: int) -> Read:
    if depth > _DEEPEST:
        raise DataError(
            said("{file} is an archive inside of several others.", file=path.name),
            said("Unpack it first, then use the table."),
        )
    if path.is_dir():
        return Read(import_folder(path, path.name, target, chosen, progress, _reader(depth)), "folder")
    packing = packing_of(path)
    if packing:
        inner = unpacked(path, packing, portion(progress, 0.0, 0.3))
        found = read(inner, target, chosen, portion(progress, 0.3, 1.0), depth + 1)
        return replace(found, packed=packing)
    form = recognise(path, chosen, portion(progress, 0.0, 0.1))
    if form.format == "zip":
        folder = unzipped(path, portion(progress, 0.0, 0.3))
        rest = portion(progress, 0.3, 1.0)
        return Read(import_folder(folder, path.name, target, chosen, rest, _reader(depth)), "zip")
    return _table(path, form, target, chosen, portion(progress, 0.1, 1.0))


def _reader(depth: int) -> Callable[[Path, Path, ReadingConfig, Progress | None], Imported]:
    """A reader for the tables that were found inside of something."""
    return lambda path, target, chosen, progress: read(path, target, chosen, progress, depth + 1).imported


def _table(path: Path, form: Form, target: Path, chosen: ReadingConfig, progress: Progress) -> Read:
    encoding = form.encoding
    if encoding is None:
        if form.format == "workbook":
            return Read(import_workbook(path, target, progress, chosen), form.format)
        reader = import_arrow if form.format == "arrow" else import_parquet
        return Read(reader(path, target, progress), form.format)
    if form.format == "csv":
        imported = import_csv(path, encoding, target, progress, chosen)
    else:
        imported = _TEXT_READERS[form.format](path, encoding, target, progress)
    read_as = imported.read_as.model_copy(update={"encoding": encoding.codec})
    findings = (*imported.findings, *_encoding_findings(encoding))
    format = "tsv" if form.format == "csv" and read_as.delimiter == "tab" else form.format
    return Read(replace(imported, read_as=read_as, findings=findings), format, encoding_name(encoding.codec))


def _way_back(chosen: ReadingConfig) -> str:
    what, *others = [_CHOICES[name] for name in _CHOICES if getattr(chosen, name) is not None]
    for other in others:
        what = said("{first} and {last}", first=what, last=other)
    return said("You chose {what} for this file: choose “as found” to go back to what its content says.", what=what)


def _encoding_findings(encoding: Encoding) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if encoding.guessed:
        found.append(
            Finding(
                "encoding-guessed",
                "info",
                said("The file is not UTF-8; it was read as {encoding}.", encoding=encoding_name(encoding.codec)),
                said("The encoding says which letters the bytes stand for. It was guessed from the text."),
                said("If accented letters look wrong in the first rows, choose another encoding."),
            )
        )
    if encoding.damaged:
        found.append(
            Finding(
                "damaged-letters",
                "warning",
                said_many(
                    encoding.damaged,
                    "{count} character could not be read.",
                    "{count} characters could not be read.",
                ),
                said("What could not be read is shown as {sign}. The rest of the file is fine.", sign="\ufffd"),
                said("Save the file as UTF-8 again from the program it came from, if these letters matter."),
                encoding.damaged,
            )
        )
    return tuple(found)
