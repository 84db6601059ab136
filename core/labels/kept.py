"""The ranking of a run's rows, in its folder: ``labels.parquet``, the most disputed row first.

Columns: ``file`` and ``row`` (which of the config's files, and the row's number there), ``part``, the texts that the
model reads, ``label``, ``suggested``, ``quality`` (0 surely wrong, 1 surely right, null where it cannot be judged),
``probability`` and ``suggested_probability`` of the two, ``is_issue`` (estimated to be wrong). The file's metadata
says in which ``way`` they were found.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core.errors import RunError
from core.labels.types import Label, Way
from core.runs import Run
from core.said import said

_WAY = b"way"
MOST = 200
"""Rows that are given out at once."""
ABOUT = ("file", "row", "part", "label", "suggested", "quality", "probability", "suggested_probability", "is_issue")


@dataclass(frozen=True)
class Suspect:
    """A row of the ranking. ``key`` names it for good; ``place`` counts from 0."""

    key: str
    place: int
    file: str
    row: int
    part: str
    texts: Mapping[str, str]
    label: Label
    suggested: Label
    probability: float
    suggested_probability: float
    quality: float | None
    is_issue: bool


@dataclass(frozen=True)
class Found:
    """What there is to look at: rows in all, how many are estimated to be wrong, how many cannot be judged; and in
    which way that was found.
    """

    rows: int
    wrong: int
    unjudged: int
    way: Way = "quick"


def path_of(run: Run) -> Path:
    """Where the ranking is, once it was made."""
    return run.path / "labels.parquet"


def write(run: Run, table: Any, way: Way = "quick") -> None:
    """Keep a ranking, whole or not at all."""
    import pyarrow.parquet as pq

    path = path_of(run)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        pq.write_table(table.replace_schema_metadata({_WAY: way}), draft, compression="zstd")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read(run: Run, columns: list[str] | None = None) -> Any:
    """The ranking as a ``pyarrow.Table``. Raises ``RunError`` where there is none."""
    import pyarrow.parquet as pq

    if not path_of(run).is_file():
        raise RunError(
            said("The labels of this run were not checked yet."), said("Begin it on the page “Check the labels”.")
        )
    return pq.read_table(path_of(run), columns=columns)


def found(run: Run) -> Found:
    """The ranking in figures."""
    table = read(run, ["quality", "is_issue"])
    wrong = table.column("is_issue").to_pylist().count(True)
    way = (table.schema.metadata or {}).get(_WAY, b"quick").decode()
    return Found(table.num_rows, wrong, table.column("quality").null_count, cast("Way", way))


def suspects(run: Run, start: int, count: int) -> list[Suspect]:
    """Rows of the ranking, from place ``start`` on."""
    table = read(run).slice(max(0, start), min(max(0, count), MOST))
    return [_suspect(place, row) for place, row in enumerate(table.to_pylist(), max(0, start))]


def suspect(run: Run, key: str) -> Suspect:
    """The row of this key. Raises ``RunError`` where there is none."""
    found = suspects_of(run, [key])
    if not found:
        raise RunError(
            said("There is no such row among those that were checked."), said("Load the page anew, then try again.")
        )
    return found[key]


def suspects_of(run: Run, keys: Iterable[str]) -> dict[str, Suspect]:
    """The rows of these keys, by them, as far as there are such rows."""
    import pyarrow as pa

    table = read(run)
    names = zip(table.column("file").to_pylist(), table.column("row").to_pylist(), strict=True)
    wanted = set(keys)
    places = [place for place, (file, row) in enumerate(names) if f"{file}-{row}" in wanted]
    chosen = table.take(pa.array(places, pa.int64())).to_pylist()
    rows = [_suspect(place, row) for place, row in zip(places, chosen, strict=True)]
    return {row.key: row for row in rows}


def labels(run: Run) -> list[Label]:
    """Every label, or set of labels, that some row has, the most frequent first."""
    from collections import Counter

    cells = read(run, ["label"]).column("label").to_pylist()
    counted = Counter(tuple(cell) if isinstance(cell, list) else cell for cell in cells)
    return [list(label) if isinstance(label, tuple) else label for label, _ in counted.most_common()]


def _suspect(place: int, row: Mapping[str, Any]) -> Suspect:
    texts = {name: str(value or "") for name, value in row.items() if name not in ABOUT}
    about = {name: row[name] for name in ABOUT}
    return Suspect(key=f"{row['file']}-{row['row']}", place=place, texts=texts, **about)
