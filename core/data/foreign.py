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


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise ``DataError`` when ``head``, a file's first bytes, are those of a picture, an archive, a web page, …"""
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


def binary_error(path: Path) -> DataError:
    """The error for a file of bytes that are no text and no known kind of file."""
    return DataError(f"{path.name} is not a text file: it holds binary data.", _SAVE_AS)
