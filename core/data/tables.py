"""A source as a table: imported once into the cache, memory-mapped ever after."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import home
from core.data import arrow_files
from core.data.arrow_files import Imported, portion
from core.data.conll_files import import_conll
from core.data.content import content_hash
from core.data.csv_files import import_csv
from core.data.encoding import Encoding
from core.data.formats import Form, Format, recognise
from core.data.json_files import import_json
from core.data.jsonl_files import import_jsonl
from core.data.origins import Origin, as_origin
from core.data.parquet_files import import_parquet
from core.data.sources import resolve, title_of
from core.data.text_files import import_text
from core.data.types import Finding, Progress

_IMPORTER = 3
"""Raised when importing changes, so that tables imported in the old way are imported again."""

_TEXT_READERS: dict[Format, Callable[[Path, Encoding, Path, Progress], Imported]] = {
    "csv": import_csv,
    "jsonl": import_jsonl,
    "json": import_json,
    "conll": import_conll,
    "text": import_text,
}
_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class TableMeta:
    """Where a table came from and how it was read. ``format`` is csv, tsv, jsonl, json, parquet, conll or text.

    ``bytes`` is the file's size.

    ``encoding`` and ``delimiter`` are words, empty where the format has none. ``skipped`` are the numbers of the file's
    rows that are not in the table (the first row under the header is 1), in order.
    """

    path: str
    title: str
    format: str
    bytes: int
    rows: int
    encoding: str
    delimiter: str
    findings: tuple[Finding, ...]
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True)
class LoadedTable:
    """A memory-mapped ``pyarrow.Table`` and what is known of it. ``folder`` is its place in the cache."""

    table: Any
    meta: TableMeta
    folder: Path

    def row_numbers(self, positions: Any) -> Any:
        """The row numbers in the file for rows counted from 1 in the table (a numpy array for a numpy array)."""
        import numpy as np

        if not self.meta.skipped:
            return positions
        # The k-th skipped row (k from 0) moves every row that stands after it; k rows before it are gone already.
        skipped = np.asarray(self.meta.skipped)
        before = np.searchsorted(skipped - np.arange(len(skipped)), positions, side="right")
        return positions + before


def open_table(place: str | Origin, progress: Progress | None = None) -> LoadedTable:
    """The table of a ``data.source``. The first use imports the file; later uses only map it into memory.

    Raises ``DataError`` when there is no such file or it cannot be read as a table.
    """
    origin = as_origin(place)
    if origin.is_on_hub:
        from core.data.hub.tables import open_split

        return open_split(origin, progress)
    path = resolve(origin.source)
    suffix = path.suffix.lower().removeprefix(".")
    digest = digest_of(origin)
    folder = home.cache_dir() / "tables" / f"{digest}-{suffix or 'none'}-{_IMPORTER}"
    loaded = load_folder(folder, str(path), title_of(origin.source))
    if loaded is None:
        _import(path, folder, progress)
        loaded = load_folder(folder, str(path), title_of(origin.source))
    assert loaded is not None, "an import that ended well can be loaded"
    return loaded


def digest_of(origin: Origin) -> str:
    """A short name for what a table holds: the bytes of its file, and how they are read."""
    if origin.is_on_hub:
        from core.data.hub.tables import digest_of_split

        return digest_of_split(origin)
    digest = content_hash(resolve(origin.source))
    if origin.reading.is_detected:
        return digest
    return f"{digest}-{hashlib.blake2b(origin.reading.model_dump_json().encode(), digest_size=6).hexdigest()}"


def last_change_of(origin: Origin) -> int:
    """When the file of a table last changed, in nanoseconds since the epoch."""
    if origin.is_on_hub:
        from core.data.hub.tables import change_of_split

        return change_of_split(origin)
    return resolve(origin.source).stat().st_mtime_ns


def load_folder(folder: Path, path: str, title: str) -> LoadedTable | None:
    """The table that was imported into a folder, or None when there is none that is whole."""
    record = _record(folder)
    if record is None:
        return None
    findings = tuple(Finding.of(finding) for finding in record.pop("findings"))
    meta = TableMeta(
        path=path,
        title=title,
        findings=findings,
        skipped=tuple(record.pop("skipped")),
        **record,
    )
    return LoadedTable(arrow_files.read(folder / "table.arrow"), meta, folder)


def _record(folder: Path) -> dict[str, Any] | None:
    """What ``meta.json`` holds, or None when it or the table is missing or cut short (the machine may go off)."""
    try:
        record: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        whole = (folder / "table.arrow").stat().st_size == record.pop("arrow_bytes")
    except (FileNotFoundError, ValueError):
        return None
    return record if whole else None


def _import(path: Path, folder: Path, progress: Progress | None) -> None:
    """Import the file under another name, and rename when whole: nobody sees half a table."""
    folder.parent.mkdir(exist_ok=True)
    _sweep(folder.parent)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".", suffix=".draft"))
    try:
        form = recognise(path)
        imported = _read(path, form, draft / "table.arrow", portion(progress, 0.05, 1.0))
        record = {
            "format": _format_name(path, form, imported),
            "bytes": path.stat().st_size,
            "rows": imported.rows,
            "encoding": _encoding_name(form.encoding),
            "delimiter": imported.delimiter,
            "findings": [asdict(finding) for finding in (*imported.findings, *_encoding_findings(form.encoding))],
            "skipped": imported.skipped,
            "arrow_bytes": (draft / "table.arrow").stat().st_size,
        }
        (draft / "meta.json").write_text(json.dumps(record), encoding="utf-8")
        put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _read(path: Path, form: Form, target: Path, progress: Progress) -> Imported:
    if form.encoding is None:
        return import_parquet(path, target, progress)
    return _TEXT_READERS[form.format](path, form.encoding, target, progress)


def put_in_place(draft: Path, folder: Path) -> None:
    """Give a whole table its place. One that somebody else has put there meanwhile stays."""
    try:
        os.rename(draft, folder)
    except OSError:
        if _record(folder) is None:  # a broken one is there; a whole one was made meanwhile by somebody else
            shutil.rmtree(folder, ignore_errors=True)
            os.rename(draft, folder)


def _sweep(tables: Path) -> None:
    """Remove what imports that were killed have left."""
    for draft in tables.glob(".*.draft"):
        with contextlib.suppress(FileNotFoundError):  # another import may end at this moment
            if time.time() - draft.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(draft, ignore_errors=True)


def _format_name(path: Path, form: Form, imported: Imported) -> str:
    return "tsv" if form.format == "csv" and imported.delimiter == "tab" else form.format


def _encoding_name(encoding: Encoding | None) -> str:
    if encoding is None:
        return ""
    return {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252 (Latin-1)"}.get(encoding.codec, encoding.codec.upper())


def _encoding_findings(encoding: Encoding | None) -> tuple[Finding, ...]:
    if encoding is None:
        return ()
    found: list[Finding] = []
    if encoding.guessed:
        found.append(
            Finding(
                "encoding-guessed",
                "info",
                f"The file is not UTF-8; it was read as {_encoding_name(encoding)}.",
                "The encoding says which letters the bytes stand for. It was guessed from the text.",
                "If accented letters look wrong in the first rows, save the file as UTF-8.",
            )
        )
    if encoding.damaged:
        one = encoding.damaged == 1
        found.append(
            Finding(
                "damaged-letters",
                "warning",
                f"{encoding.damaged:,} {'character' if one else 'characters'} could not be read.",
                f"{'It is' if one else 'They are'} shown as \ufffd. The rest of the file is fine.",
                "Save the file as UTF-8 again from the program it came from, if these letters matter.",
                encoding.damaged,
            )
        )
    return tuple(found)
