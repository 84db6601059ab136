"""What kind of file it is: by its content first, by its name second."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data.encoding import Encoding, detect
from core.errors import DataError

Format = Literal["csv", "jsonl", "parquet"]

_SAVE_AS = "Export the table as CSV (UTF-8), JSONL or Parquet and use that file."
# First bytes -> what the file is, and what to do.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", _SAVE_AS),
    (b"\xff\xd8\xff", "a JPEG picture", _SAVE_AS),
    (b"GIF8", "a GIF picture", _SAVE_AS),
    (b"RIFF", "a picture, a sound or a film", _SAVE_AS),
    (b"%PDF-", "a PDF document", "Export the table from the program that made the PDF, as CSV (UTF-8)."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.xls or .doc)", "Open it and save it as CSV UTF-8."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first, then use the file inside."),
    (b"BZh9", "a bzip2 archive", "Unpack it first, then use the file inside."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it first, then use the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first, then use the file inside."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it first, then use the file inside."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first, then use the file inside."),
    (b"SQLite format 3\x00", "an SQLite database", "Export one table of it as CSV."),
    (b"ARROW1\x00\x00", "an Arrow file", "Save it as Parquet."),
    (b"\x80\x04\x95", "a Python pickle", _SAVE_AS),
    (b"\x7fELF", "a program", _SAVE_AS),
)
_WEB_PAGE = (b"<!doctype html", b"<html")
_JSON_NAMES = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Form:
    """The format of a file, and its encoding when it is text."""

    format: Format
    encoding: Encoding | None


def recognise(path: Path) -> Form:
    """Tell the format of a file from its content. Raises ``DataError`` that names what it is when it is no table."""
    with open(path, "rb") as file:
        head = file.read(1 << 16)
    if not head.strip():
        raise DataError(f"{path.name} is empty.", "Check the export that made it, or choose another file.")
    if head.startswith(b"PAR1"):
        return Form("parquet", None)
    _refuse_foreign(path, head)
    encoding = detect(path)
    if not encoding.codec.startswith(("utf-16", "utf-32")) and b"\x00" in head:
        raise DataError(f"{path.name} is not a text file: it holds binary data.", _SAVE_AS)
    return Form("jsonl" if _is_json(path, encoding) else "csv", encoding)


def _refuse_foreign(path: Path, head: bytes) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise _is_zip(path)
    start = head.lstrip()[:64].lower()
    if start.startswith(_WEB_PAGE):
        raise DataError(
            f"{path.name} is a web page, not a table.",
            "The download may have given a page instead of the file: look for a link to the raw file, or sign in.",
        )
    for magic, what, advice in _FOREIGN:
        if head.startswith(magic) and not (magic.isalnum() and b"\x00" not in head):
            raise DataError(f"{path.name} is {what}, not a table.", advice)


def _is_zip(path: Path) -> DataError:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        names = []
    if any(name.startswith("xl/") for name in names):
        return DataError(
            f"{path.name} is an Excel workbook, not a CSV file.",
            "Open it in your spreadsheet program and save the sheet as CSV UTF-8, then use that file.",
        )
    if any(name.startswith("word/") for name in names):
        return DataError(f"{path.name} is a Word document, not a table.", _SAVE_AS)
    if "content.xml" in names:
        return DataError(
            f"{path.name} is a LibreOffice document, not a CSV file.",
            "Open it and save the sheet as CSV with the character set UTF-8, then use that file.",
        )
    inside = f" It holds {', '.join(names[:3])}{' and more' if len(names) > 3 else ''}." if names else ""
    return DataError(
        f"{path.name} is a zip archive, not a table.", f"Unpack it first, then use the file inside.{inside}"
    )


def _is_json(path: Path, encoding: Encoding) -> bool:
    """Whether the lines are JSON. A file that is JSON, but not in lines, is refused with the way to change it."""
    with encoding.open(path) as file:
        text = file.read(1 << 16).lstrip()
    named_so = path.suffix.lower() in _JSON_NAMES
    if text.startswith("[") and (named_so or text[1:].lstrip().startswith(("{", "["))):
        raise DataError(
            f"{path.name} is one JSON list, not JSON lines.",
            "Save it with one object on each line (pandas: df.to_json('table.jsonl', orient='records', lines=True)).",
        )
    if not text.startswith("{"):
        return named_so
    first = text.splitlines()[0].strip()
    if first.endswith(("{", "[", ",", ":")) and "\n" in text:
        raise DataError(
            f"{path.name} is one JSON object over several lines, not JSON lines.",
            'Save it with one whole object on each line, as {"text": "...", "label": "..."}.',
        )
    return named_so or _parses(first) or len(first) >= (1 << 15)


def _parses(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
