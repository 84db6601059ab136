"""Files that are no table, told by their first bytes: what they are, and what to do."""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError

_SAVE_AS = "Export the table as CSV (UTF-8), JSONL or Parquet and use that file."
# First bytes -> what the file is, and what to do.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", _SAVE_AS),
    (b"\xff\xd8\xff", "a JPEG picture", _SAVE_AS),
    (b"GIF8", "a GIF picture", _SAVE_AS),
    (b"RIFF", "a picture, a sound or a film", _SAVE_AS),
    (b"%PDF-", "a PDF document", "Export the table from the program that made the PDF, as CSV (UTF-8)."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first, then use the file inside."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it first, then use the file inside."),
    (b"SQLite format 3\x00", "an SQLite database", "Export one table of it as CSV."),
    (b"\x80\x04\x95", "a Python pickle", _SAVE_AS),
    (b"\x7fELF", "a program", _SAVE_AS),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls begins, and other Office files of its time, and those that are locked with a password."""
_WEB_PAGE = (b"<!doctype html", b"<html")


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise ``DataError`` when ``head``, a file's first bytes, are those of a picture, an archive, a web page, …"""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _refuse_documents(path)
    if head[257:262] == b"ustar":
        raise DataError(f"{path.name} is a tar archive, which is not read.", "Unpack it, and pack it as .zip instead.")
    start = head.lstrip()[:64].lower()
    if start.startswith(_WEB_PAGE):
        raise DataError(
            f"{path.name} is a web page, not a table.",
            "The download may have given a page instead of the file: look for a link to the raw file, or sign in.",
        )
    for magic, what, advice in _FOREIGN:
        if head.startswith(magic) and not (magic.isalnum() and b"\x00" not in head):
            raise DataError(f"{path.name} is {what}, not a table.", advice)


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
    parts = {"word/": "a Word document", "ppt/": "a PowerPoint presentation", "META-INF/MANIFEST.MF": "a program"}
    for start, what in parts.items():
        if any(name.startswith(start) for name in names) and ("[Content_Types].xml" in names or what == "a program"):
            raise DataError(f"{path.name} is {what}, not a table.", _SAVE_AS)
    kind = _kind_of(path, names)
    if "opendocument" in kind or "epub" in kind:
        what = "a book" if "epub" in kind else "a LibreOffice document"
        raise DataError(f"{path.name} is {what}, not a table.", _SAVE_AS)


def binary_error(path: Path) -> DataError:
    """The error for a file of bytes that are no text and no known kind of file."""
    return DataError(f"{path.name} is not a text file: it holds binary data.", _SAVE_AS)
