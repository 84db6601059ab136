"""The kinds of files that can be read: their usual names, and what they are called on screen."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Format = Literal["csv", "jsonl", "json", "parquet", "arrow", "workbook", "conll", "text", "zip", "folder"]

ACCEPTED = (
    "CSV, TSV, JSON, JSONL, Parquet, Arrow, Excel, CoNLL or plain text; packed as .gz, .zst or .zip too, or a folder"
)
"""The kinds of files that can be read, as words for labels and messages."""

ENDINGS: dict[Format, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".tab"),
    "jsonl": (".jsonl", ".ndjson"),
    "json": (".json",),
    "parquet": (".parquet", ".pq"),
    "arrow": (".arrow", ".feather", ".ipc"),
    "workbook": (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"),
    "conll": (".conll", ".conllu", ".iob", ".iob2", ".bio"),
    "text": (".txt", ".text", ".md", ".markdown"),
    "zip": (".zip",),
}
"""The usual ends of their names. A file may have any other: its content is looked at first."""

_TITLES = {
    "csv": "CSV",
    "tsv": "TSV",
    "jsonl": "JSON lines",
    "json": "JSON",
    "conll": "CoNLL",
    "text": "Plain text",
    "zip": "Zip archive",
}


def title_of_format(format: str) -> str:
    """A format as words on screen: ``json`` is JSON, ``text`` is Plain text."""
    return _TITLES.get(format, format.capitalize())


def named_format(name: str) -> Format | None:
    """The format that the end of a file's name says, or None."""
    suffix = Path(name).suffix.lower()
    return next((format for format, endings in ENDINGS.items() if suffix in endings), None)
