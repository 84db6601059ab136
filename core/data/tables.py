"""A source as a table: imported once into the cache, memory-mapped ever after."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import home
from core.data import arrow_files
from core.data.arrow_files import portion
from core.data.content import content_hash, last_change, size_of
from core.data.origins import AS_DETECTED, Origin, as_origin
from core.data.reading import read
from core.data.sources import resolve, title_of
from core.data.types import Finding, Progress
from core.data.unpacking import inner_name
from core.data_config import ReadingConfig

_IMPORTER = 6
"""Raised when importing changes, so that tables imported in the old way are imported again."""

_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class TableMeta:
    """Where a table came from and how it was read. ``format`` is a ``Format``, or tsv. ``bytes`` is the file's size.

    ``encoding``, ``delimiter`` and ``packed`` (how the file was compressed) are words, empty where there is nothing to
    say; ``read_as`` says in plain data what was found or chosen. ``sheets`` are all those of a workbook. ``skipped``
    are the numbers of the file's rows that are not in the table (the first row under the header is 1), in order.
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
    packed: str = ""
    read_as: ReadingConfig = AS_DETECTED
    sheets: tuple[str, ...] = ()


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
    suffix = "".join(Path(path.name).suffixes[-2:] if inner_name(path.name) != path.name else path.suffix)
    suffix = suffix.lower().removeprefix(".")
    digest = digest_of(origin, portion(progress, 0.0, 0.1))
    folder = home.cache_dir() / "tables" / f"{digest}-{suffix or 'none'}-{_IMPORTER}"
    loaded = load_folder(folder, str(path), title_of(origin.source))
    if loaded is None:
        import_into(folder, path, origin.reading, portion(progress, 0.1, 1.0))
        loaded = load_folder(folder, str(path), title_of(origin.source))
    assert loaded is not None, "an import that ended well can be loaded"
    return loaded


def digest_of(origin: Origin, progress: Progress | None = None) -> str:
    """A short name for what a table holds: the bytes of its file, and how they are read."""
    if origin.is_on_hub:
        from core.data.hub.tables import digest_of_split

        return digest_of_split(origin)
    digest = content_hash(resolve(origin.source), progress)
    if origin.reading.is_detected:
        return digest
    return f"{digest}-{hashlib.blake2b(origin.reading.model_dump_json().encode(), digest_size=6).hexdigest()}"


def last_change_of(origin: Origin) -> int:
    """When the file of a table last changed, in nanoseconds since the epoch."""
    if origin.is_on_hub:
        from core.data.hub.tables import change_of_split

        return change_of_split(origin)
    return last_change(resolve(origin.source))


def load_folder(folder: Path, path: str, title: str) -> LoadedTable | None:
    """The table that was imported into a folder, or None when there is none that is whole."""
    record = _record(folder)
    if record is None:
        return None
    given: dict[str, Any] = {
        "findings": tuple(Finding.of(finding) for finding in record.pop("findings")),
        "skipped": tuple(record.pop("skipped")),
        "sheets": tuple(record.pop("sheets", ())),
        "read_as": ReadingConfig.model_validate(record.pop("read_as", {})),
    }
    meta = TableMeta(path=path, title=title, **given, **record)
    return LoadedTable(arrow_files.read(folder / "table.arrow"), meta, folder)


def _record(folder: Path) -> dict[str, Any] | None:
    """What ``meta.json`` holds, or None when it or the table is missing or cut short (the machine may go off)."""
    try:
        record: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        whole = (folder / "table.arrow").stat().st_size == record.pop("arrow_bytes")
    except (FileNotFoundError, ValueError):
        return None
    return record if whole else None


def import_into(folder: Path, path: Path, reading: ReadingConfig, progress: Progress | None = None) -> None:
    """Import the file under another name, and rename when whole: nobody sees half a table."""
    folder.parent.mkdir(exist_ok=True)
    _sweep(folder.parent)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".", suffix=".draft"))
    try:
        found = read(path, draft / "table.arrow", reading, progress)
        imported = found.imported
        record = {
            "format": found.format,
            "bytes": size_of(path),
            "rows": imported.rows,
            "encoding": found.encoding,
            "delimiter": imported.read_as.delimiter or "",
            "packed": found.packed,
            "read_as": imported.read_as.model_dump(),
            "sheets": imported.sheets,
            "findings": [finding.as_record() for finding in imported.findings],
            "skipped": imported.skipped,
            "arrow_bytes": (draft / "table.arrow").stat().st_size,
        }
        (draft / "meta.json").write_text(json.dumps(record), encoding="utf-8")
        put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


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
