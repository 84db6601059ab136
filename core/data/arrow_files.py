"""Imported tables on disk: Arrow IPC files, written batch by batch and memory-mapped to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import ceilings
from core.data.origins import AS_DETECTED
from core.data.types import Finding, Progress
from core.data_config import ReadingConfig
from core.errors import DataError
from core.said import first_of, said, said_many

EARLY = 20
"""How many row numbers a finding names."""


_TOO_MANY = {
    "columns": "The table has more than {most} columns.",
    "rows": "The table has more than {most} rows.",
}
_LOOK_BYTES = 1 << 27
"""So much is written before the room on the disk is looked at again."""


@dataclass(frozen=True)
class Imported:
    """What came of reading a file: rows written, what was noticed, and the rows that had to be left out.

    ``skipped`` are their numbers in the file (the first row under the header is 1), in order.
    """

    rows: int
    findings: tuple[Finding, ...] = ()
    skipped: tuple[int, ...] = ()
    read_as: ReadingConfig = AS_DETECTED
    """How the file was read, as found or as chosen; empty where its kind leaves no choice."""
    sheets: tuple[str, ...] = ()
    """All sheets of a workbook."""


def write(target: Path, schema: Any, batches: Iterable[Any], on_rows: Callable[[int], None] | None = None) -> int:
    """Write ``pyarrow.RecordBatch``es of one schema to ``target``; returns the number of rows.

    Raises ``DataError`` where the table is larger than what is taken (``core.ceilings``).
    """
    import pyarrow as pa

    _need_fewer("columns", len(schema))
    rows = written = 0
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            rows += batch.num_rows
            _need_fewer("rows", rows)
            _need_short_cells(batch)
            writer.write_batch(batch)
            written += batch.nbytes
            if written > _LOOK_BYTES:
                ceilings.need_room(target.parent, 0, "This table")
                written = 0
            if on_rows is not None:
                on_rows(rows)
    return rows


def _need_fewer(name: str, found: int) -> None:
    if found > ceilings.most(name):
        raise DataError(said(_TOO_MANY[name], most=ceilings.in_words(name)), ceilings.advice(name))


def _need_short_cells(batch: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    most = ceilings.most("cell")
    # A batch with less than that in all has no such cell; bytes are at least as many as letters.
    if batch.nbytes <= most:
        return
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        if (pc.max(pc.utf8_length(column)).as_py() or 0) > most:
            raise DataError(
                said(
                    "A cell of the column `{column}` has more than {most} letters.",
                    column=name,
                    most=ceilings.in_words("cell"),
                ),
                ceilings.advice("cell"),
            )


def nothing_in(path: Path, has_rows: bool) -> DataError:
    """The error for a file without rows, or with nothing in them."""
    return DataError(
        said("{file} has no columns.", file=path.name) if has_rows else said("{file} has no rows.", file=path.name),
        said("Check the export that made it, or choose another file."),
    )


def read(path: Path) -> Any:
    """The ``pyarrow.Table`` of a file, memory-mapped: its rows are read from disk only where they are used."""
    import pyarrow as pa

    return pa.ipc.open_file(pa.memory_map(str(path), "r")).read_all()


def tidy_names(names: list[str]) -> tuple[list[str], tuple[Finding, ...]]:
    """Column names that are all different and not empty, and findings on those that had to be changed."""
    tidy: list[str] = []
    empty: list[str] = []
    doubled: list[str] = []
    taken, used = {name.strip() for name in names}, set[str]()
    copies: dict[str, int] = {}
    for place, raw in enumerate(names, start=1):
        name = raw.strip() or f"column_{place}"
        if name in used or (not raw.strip() and name in taken):
            copy = copies.get(name, 2)
            while f"{name}_{copy}" in used or f"{name}_{copy}" in taken:
                copy += 1
            copies[name] = copy + 1
            doubled.append(f"{name}_{copy}")
            name = f"{name}_{copy}"
        if not raw.strip():
            empty.append(name)
        tidy.append(name)
        used.add(name)
    return tidy, (*_name_finding("column-without-name", empty), *_name_finding("duplicate-column", doubled))


def portion(progress: Progress | None, start: float, end: float) -> Progress:
    """A callback for one part of the work: its 0 to 1 becomes ``start`` to ``end`` of the whole."""

    def report(fraction: float, words: str) -> None:
        if progress is not None:
            progress(start + (end - start) * min(1.0, fraction), words)

    return report


def _name_finding(code: str, names: list[str]) -> tuple[Finding, ...]:
    if not names:
        return ()
    shown = first_of(names, 5)
    if code == "duplicate-column":
        title = said_many(
            len(names), "Two columns have the same name.", "{count} columns share their name with another."
        )
        meaning = said("To tell them apart, they are called here: {names}.", names=shown)
    else:
        title = said_many(len(names), "One column has no name.", "{count} columns have no name.")
        meaning = said(
            "It is called here: {names}." if len(names) == 1 else "They are called here: {names}.", names=shown
        )
    fix = said("Name the columns in the file's first line, if they matter.")
    return (Finding(code, "warning" if code == "duplicate-column" else "info", title, meaning, fix, len(names)),)
