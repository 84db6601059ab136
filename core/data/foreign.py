"""Files that are no table, told by their first bytes: what they are, and what to do."""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError
from core.said import said

_SAVE_AS = said("Export the table as CSV (UTF-8), JSONL or Parquet and use that file.")
_UNPACK = said("Unpack it first, then use the file inside.")
_PDF, _SEVEN_ZIP, _RAR, _SQLITE = b"%PDF-", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"SQLite format 3\x00"
# By the first bytes of a file.
_FOREIGN = {
    b"\x89PNG\r\n\x1a\n": "{file} is a PNG picture, not a table.",
    b"\xff\xd8\xff": "{file} is a JPEG picture, not a table.",
    b"GIF8": "{file} is a GIF picture, not a table.",
    b"RIFF": "{file} is a picture, a sound or a film, not a table.",
    _PDF: "{file} is a PDF document, not a table.",
    _SEVEN_ZIP: "{file} is a 7-Zip archive, not a table.",
    _RAR: "{file} is a RAR archive, not a table.",
    _SQLITE: "{file} is an SQLite database, not a table.",
    b"\x80\x04\x95": "{file} is a Python pickle, not a table.",
    b"\x7fELF": "{file} is a program, not a table.",
}
_ADVICE = {
    _PDF: said("Export the table from the program that made the PDF, as CSV (UTF-8)."),
    _SEVEN_ZIP: _UNPACK,
    _RAR: _UNPACK,
    _SQLITE: said("Export one table of it as CSV."),
}
_PROGRAM = "META-INF/MANIFEST.MF"
# By the name of a file inside of a zip archive.
_DOCUMENTS = {
    "word/": "{file} is a Word document, not a table.",
    "ppt/": "{file} is a PowerPoint presentation, not a table.",
    _PROGRAM: "{file} is a program, not a table.",
}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls begins, and other Office files of its time, and those that are locked with a password."""
_WEB_PAGE = (b"<!doctype html", b"<html")


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise ``DataError`` when ``head``, a file's first bytes, are those of a picture, an archive, a web page, …"""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _refuse_documents(path)
    if head[257:262] == b"ustar":
        raise DataError(
            said("{file} is a tar archive, which is not read.", file=path.name),
            said("Unpack it, and pack it as .zip instead."),
        )
    start = head.lstrip()[:64].lower()
    if start.startswith(_WEB_PAGE):
        raise DataError(
            said("{file} is a web page, not a table.", file=path.name),
            said(
                "The download may have given a page instead of the file: look for a link to the raw file, or sign in."
            ),
        )
    for magic in _FOREIGN:
        if head.startswith(magic) and not (magic.isalnum() and b"\x00" not in head):
            raise DataError(said(_FOREIGN[magic], file=path.name), _ADVICE.get(magic, _SAVE_AS))


def is_workbook(path: Path, head: bytes) -> bool:
    """Whether a file is a workbook of today, which is a zip archive of its parts."""
    names = _names_in(path) if head.startswith(b"PK") else []
    return any(name.startswith("xl/") for name in names) or "spreadsheet" in _kind_of(path, names)


def _names_in(path: Path) -> list[str]:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def _kind_of(path: Path, names: list[str]) -> str:
    """What an OpenDocument file, or a book, says it is."""
    import zipfile
    import zlib

    if "mimetype" not in names:
        return ""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("mimetype") as file:
            return file.read(200).decode("ascii", "replace")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError):
        return ""


def _refuse_documents(path: Path) -> None:
    """Raise ``DataError`` for a zip archive that is some document."""
    names = _names_in(path)
    for start in _DOCUMENTS:
        if any(name.startswith(start) for name in names) and ("[Content_Types].xml" in names or start == _PROGRAM):
            raise DataError(said(_DOCUMENTS[start], file=path.name), _SAVE_AS)
    kind = _kind_of(path, names)
    if "epub" in kind:
        raise DataError(said("{file} is a book, not a table.", file=path.name), _SAVE_AS)
    if "opendocument" in kind:
        raise DataError(said("{file} is a LibreOffice document, not a table.", file=path.name), _SAVE_AS)


def binary_error(path: Path) -> DataError:
    """The error for a file of bytes that are no text and no known kind of file."""
    return DataError(said("{file} is not a text file: it holds binary data.", file=path.name), _SAVE_AS)
