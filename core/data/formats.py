"""What kind of file it is: by its content first, by its name second."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, AnyStr

from core.data.accepted import Format, named_format
from core.data.conll_files import has_tags, looks_like_conll
from core.data.dialect import is_clear_table
from core.data.encoding import Encoding, chosen, detect
from core.data.foreign import OLD_OFFICE, binary_error, is_workbook, refuse_foreign
from core.data.ipc_files import MAGIC, OLD_FEATHER, STREAM
from core.data.origins import AS_DETECTED
from core.data.types import Progress
from core.data_config import ReadingConfig
from core.errors import DataError
from core.said import said

_HEAD = 1 << 16
_LONGEST_ROW = 1 << 24
"""Characters. No row is longer than half of this, so a longer line holds the rows, unless the file is called .jsonl."""
_MARKDOWN = (".md", ".markdown")
# How JSON begins, and neither a note in brackets nor a [[link]] of a wiki does.
_OBJECT = re.compile(r'\{\s*["}]')
_LIST = re.compile(r'\[\s*(\{\s*["}]|\[\s*["\d{])')


@dataclass(frozen=True)
class Form:
    """The format of a file, and its encoding when it is text."""

    format: Format
    encoding: Encoding | None


def recognise(path: Path, reading: ReadingConfig = AS_DETECTED, progress: Progress | None = None) -> Form:
    """Tell the format of a file from its content. Raises ``DataError`` that names what it is when it is no table.

    ``reading`` is what a person has chosen: an encoding is then not looked for, and cells make a text a table.
    """
    with open(path, "rb") as file:
        head = _beginning(file)
    if not head:
        raise _is_empty(path)
    if head.startswith(b"PAR1"):
        return Form("parquet", None)
    if head.startswith((MAGIC, OLD_FEATHER, STREAM)):
        return Form("arrow", None)
    if head.startswith(OLD_OFFICE) or is_workbook(path, head):
        return Form("workbook", None)
    refuse_foreign(path, head)
    if head.startswith(b"PK"):
        return Form("zip", None)
    encoding = chosen(path, reading.encoding, progress) if reading.encoding else detect(path, progress)
    if not encoding.codec.startswith(("utf-16", "utf-32")) and b"\x00" in head:
        raise binary_error(path)
    with encoding.open(path) as file:
        text = _beginning(file)
    if not text:
        raise _is_empty(path)
    if "\x00" in text:
        raise binary_error(path)
    return Form(_json_format(path, encoding, text.lstrip()) or _text_format(path, encoding, text, reading), encoding)


def _beginning(file: IO[AnyStr]) -> AnyStr:
    """The first part of a file that is more than white space; empty where there is none."""
    part = file.read(_HEAD)
    while part and not part.strip():
        part = file.read(_HEAD)
    return part


def _is_empty(path: Path) -> DataError:
    return DataError(
        said("{file} is empty.", file=path.name), said("Check the export that made it, or choose another file.")
    )


def _text_format(path: Path, encoding: Encoding, head: str, reading: ReadingConfig) -> Format:
    """CSV, CoNLL or plain text. A file that is called .csv is one; tags are looked for in all others."""
    if reading.delimiter is not None:
        return "csv"
    named = named_format(path.name)
    if named == "conll":
        return "conll"
    is_tabs = named == "csv" and path.suffix.lower() != ".csv"
    if has_tags(head) if is_tabs else named != "csv" and looks_like_conll(head):
        return "conll"
    if named != "text" and path.suffix:
        return "csv"
    with encoding.open(path) as text:
        return "csv" if path.suffix.lower() not in _MARKDOWN and is_clear_table(text) else "text"


# --- JSON ------------------------------------------------------------------------------------------------------------


def _json_format(path: Path, encoding: Encoding, head: str) -> Format | None:
    """One JSON text (a list, or an object around a list), JSON lines, or None for what is no JSON."""
    named = named_format(path.name)
    is_named_so = named in ("json", "jsonl")
    if head.startswith("["):
        return "json" if is_named_so or _LIST.match(head) else None
    if not (head.startswith("{") if is_named_so else _OBJECT.match(head)):
        return "jsonl" if is_named_so else None
    first, second = _first_lines(path, encoding)
    if named != "jsonl" and len(first) > _LONGEST_ROW // 2:
        return "json"
    if second and first.endswith(("{", "[", ",", ":")):
        return "json"
    record = _parsed(first)
    if record is None:  # a line that is cut or broken; the importer says where
        if named == "json" and second and not second.startswith("{"):
            return "json"
        return "jsonl" if is_named_so or len(first) >= _HEAD // 2 else None
    # A single object may be one row, or hold the rows.
    return "json" if named != "jsonl" and not second and _holds_records(record) else "jsonl"


def _first_lines(path: Path, encoding: Encoding) -> tuple[str, str]:
    """The first two lines that are not empty; longer ones are cut."""
    with encoding.open(path) as text:
        lines = (line.strip() for line in iter(lambda: text.readline(_LONGEST_ROW), "") if not line.isspace())
        return next(lines, ""), next(lines, "")


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _holds_records(record: Any) -> bool:
    lists = [value for value in record.values() if isinstance(value, list)]
    return any(value and isinstance(value[0], dict) for value in lists)
