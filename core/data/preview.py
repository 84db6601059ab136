"""A table at a glance: its first rows and columns, and what was noticed while reading it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core.data.arrow_files import portion
from core.data.origins import Origin, as_origin
from core.data.profile import profile, shown
from core.data.tables import LoadedTable, open_table
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
    meta = loaded.meta
    reading = {"encoding": meta.encoding, "delimiter": meta.delimiter}
    return Preview(
        source=as_origin(place).source,
        title=meta.title,
        format=meta.format,
        rows=meta.rows,
        bytes=meta.bytes,
        columns=columns_of(loaded, portion(progress, 0.8, 1.0)),
        head=_head(loaded.table),
        findings=meta.findings,
        reading={name: words for name, words in reading.items() if words},
    )


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
