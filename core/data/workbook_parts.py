"""How far the sheets of an .xlsx workbook reach and how many errors they hold, told before one is opened.

A lone cell far away from a table makes a sheet of billions of empty cells, which no memory holds.
"""

from __future__ import annotations

import errno
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from core.errors import DataError
from core.said import said

_BLOCK = 1 << 22
_LARGEST_PART = 4 << 30
_CELL = re.compile(rb"<(?:\w+:)?c(?:\s([^>]*)|/)?>")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)(\d+)["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["'](\d+)["']""")
_ROW_START = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)(?:<(?:\w+:)?v></(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?</(?:\w+:)?c>"
)
"""The end of a cell that holds a formula and not what came of it."""
_LONGEST_TAG = 4096
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Extent:
    """How far down and right a sheet's cells reach, how many of them hold errors, and how many a formula whose result
    was not saved with it.
    """

    rows: int
    columns: int
    errors: int
    unreckoned: int = 0

    @property
    def cells(self) -> int:
        return self.rows * self.columns


def extents(path: Path) -> dict[str, Extent]:
    """The extent of each sheet by its name; nothing for a workbook that is not written as .xlsx is.

    Raises ``DataError`` for one that is damaged, or whose parts are too large to be opened.
    """
    if not zipfile.is_zipfile(path):
        return {}
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _LARGEST_PART:
                raise DataError(
                    said("{file} is too large to be opened as a workbook.", file=path.name),
                    said("Unpacked it takes more than 4 GB. Save the sheet as CSV UTF-8 in your spreadsheet program."),
                )
            return {name: _extent(archive, part) for name, part in _sheets(archive).items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, SyntaxError, RuntimeError, ValueError, OSError) as exc:
        if isinstance(exc, OSError) and exc.errno not in (None, errno.EINVAL):
            raise
        raise damaged(path, str(exc)) from exc  # what cannot be measured may take all memory when it is opened


def damaged(path: Path, cause: str) -> DataError:
    """The error for a workbook that cannot be opened."""
    return DataError(
        said("{file} could not be opened as a workbook.", file=path.name),
        said(
            "It may be damaged, locked with a password, or another kind of Office file. Open it in your spreadsheet "
            "program and save the sheet as .xlsx without a password, or as CSV UTF-8."
        ),
        cause=cause,
    )


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> its part in the archive."""
    if "xl/workbook.xml" not in archive.namelist():
        return {}
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    parts = {one.get("Id"): one.get("Target", "") for one in relations}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    found = {one.get("name", ""): parts.get(one.get(_RELATION), "") for one in book.iter() if one.tag.endswith("sheet")}
    whole = {name: posixpath.normpath(posixpath.join("/xl", part)).lstrip("/") for name, part in found.items() if part}
    return {name: part for name, part in whole.items() if part in archive.namelist()}


def _extent(archive: zipfile.ZipFile, part: str) -> Extent:
    with archive.open(part) as xml:
        return _measured(xml)


def _measured(xml: IO[bytes]) -> Extent:
    rows = errors = unreckoned = started = widest = 0
    columns: set[bytes] = set()
    tail = b""
    while block := xml.read(_BLOCK):
        text = tail + block
        end = text.rfind(b"<")
        tail = text[end:] if 0 <= len(text) - end <= _LONGEST_TAG else b""
        text = text[: len(text) - len(tail)]
        unplaced = 0
        for match in _CELL.finditer(text):
            about = match[1] or b""
            if place := _PLACE.search(about):
                columns.add(place[1])
                rows = max(rows, int(place[2]))
            unplaced += place is None
            errors += _ERROR.search(about) is not None
        unreckoned += sum(1 for _ in _NO_RESULT.finditer(text))
        parts = _ROW_START.split(text)
        started += len(parts) - 1
        if unplaced:  # such cells stand one after the other
            widest = max(widest, *(sum(1 for _ in _CELL.finditer(part)) for part in parts))
        if numbers := _ROW.findall(text):
            rows = max(rows, *map(int, numbers))
    width = max(map(_column_number, columns), default=0)
    return Extent(max(rows, started), max(width, widest), errors, unreckoned)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:9]:
        number = 26 * number + letter - 64
    return number
