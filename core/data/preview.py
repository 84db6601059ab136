"""A table at a glance: its first rows and columns, and what was noticed while reading it."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core import home
from core.data.arrow_files import portion
from core.data.large_files import first_part
from core.data.origins import Origin, as_origin
from core.data.profile import profile, shown
from core.data.sources import resolve, title_of
from core.data.tables import LoadedTable, TableMeta, import_into, load_folder, open_table
from core.data.types import Column, Preview, Progress
from core.runs import write_atomically

HEAD_ROWS = 20
_PROFILER = 2
"""Raised when profiles change, so that old ones are made again."""


def preview(place: str | Origin, progress: Progress | None = None) -> Preview:
    """Look at a ``data.source``. The first look reads the whole file; later looks take milliseconds.

    Raises ``DataError`` when there is no such file or it cannot be read as a table.
    """
    loaded = open_table(place, portion(progress, 0.0, 0.8))
    return _seen(as_origin(place).source, loaded, portion(progress, 0.8, 1.0))


def glance(place: str | Origin) -> Preview | None:
    """A large file told from its first part in a moment, with about how many rows it has; findings come later.

    None where the file is small, or of a kind that is not read row by row from its start. Raises ``DataError`` where
    the first part shows already that the file cannot be read.
    """
    origin = as_origin(place)
    if origin.is_on_hub:
        return None
    path = resolve(origin.source)
    folder = Path(tempfile.mkdtemp(dir=home.temp_dir(), prefix="glance-"))
    try:
        first = first_part(path, origin.reading, folder)
        if first is None:
            return None
        part, share = first
        import_into(folder / "table", part, origin.reading)
        loaded = load_folder(folder / "table", str(path), title_of(origin.source))
        assert loaded is not None, "an import that ended well can be loaded"
        rows = round((loaded.meta.rows + len(loaded.meta.skipped)) / share)
        seen = _seen(origin.source, loaded, None)
        return replace(seen, rows=rows, bytes=path.stat().st_size, findings=(), is_estimate=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seen(source: str, loaded: LoadedTable, progress: Progress | None) -> Preview:
    meta = loaded.meta
    return Preview(
        source=source,
        title=meta.title,
        format=meta.format,
        rows=meta.rows,
        bytes=meta.bytes,
        columns=columns_of(loaded, progress),
        head=_head(loaded.table),
        findings=meta.findings,
        reading=_reading(meta),
        read_as=None if meta.read_as.is_detected else meta.read_as,
        sheets=meta.sheets,
    )


def _reading(meta: TableMeta) -> dict[str, str]:
    """How a file was read, in words."""
    quotes, header = meta.read_as.quotes, meta.read_as.header
    words = {
        "packed as": meta.packed,
        "encoding": meta.encoding,
        "delimiter": meta.delimiter,
        "quote marks": "" if quotes is None else "around texts" if quotes else "as letters",
        "first row": "" if header is None else "names" if header else "data",
        "sheet": meta.read_as.sheet or "",
    }
    return {name: value for name, value in words.items() if value}


def columns_of(loaded: LoadedTable, progress: Progress | None = None) -> tuple[Column, ...]:
    """The columns as found; kept beside the imported table, so that they are looked at once."""
    kept = loaded.folder / f"profile-{_PROFILER}.json"
    try:
        records = json.loads(kept.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        columns = profile(loaded.table, progress)
        write_atomically(kept, json.dumps([asdict(column) for column in columns]))
        return columns
    return tuple(_column(record) for record in records)


def _column(record: dict[str, Any]) -> Column:
    """A column from its JSON record, whose lists were tuples."""
    return Column(**{**record, "examples": tuple(record["examples"]), "fields": tuple(record["fields"])})


def _head(table: Any) -> tuple[dict[str, str], ...]:
    rows = table.slice(0, HEAD_ROWS).to_pylist()
    return tuple({name: shown(value) for name, value in row.items()} for row in rows)
