"""A split read as a stream: its first rows written as a table, or all its rows in blocks, from any place on.

For processes that may import the library ``datasets``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.hub.heads import COLUMNS
from core.data.hub.loading import builder_of
from core.data.hub.stream import Stream, stream_of
from core.data.origins import Origin
from core.data.types import Finding, Progress
from core.errors import DataError
from core.said import said

_TIMES_FURTHER = 5
"""A head grows to so many times its size, as long as classes that the dataset names have not been seen: many datasets
are sorted by them."""


def write_head(
    repo: str, commit: str, subset: str, split: str, rows: int, folder: str, progress: Progress
) -> dict[str, Any]:
    """Write the first rows of a split, about ``rows``, as ``core.data.tables`` keeps tables; returns its record."""
    stream = stream_of(builder_of(repo, commit, subset), split)
    tables = _first(stream, rows, progress)
    if not tables:
        title = said("The split {split} has no rows.", split=split)
        raise DataError(title, said("Choose another split, or another dataset."))
    fields = stream.fields_of(tables)
    schema = stream.schema_of(fields)
    target = Path(folder) / "table.arrow"
    batches = (batch for table in tables for batch in stream.plain(table, fields, schema).to_batches())
    written = arrow_files.write(target, schema, batches)
    (Path(folder) / COLUMNS).write_text(json.dumps(list(fields)), encoding="utf-8")
    return {
        "format": "hub",
        "bytes": 0,
        "rows": written,
        "encoding": "",
        "delimiter": "",
        "findings": [finding.as_record() for finding in (_first_rows(written, stream.rows), *stream.findings())],
        "skipped": [],
        "arrow_bytes": target.stat().st_size,
    }


@dataclass(frozen=True)
class Blocks:
    """The rows of a split, in their order, as tables of ``size`` rows in the form of its head.

    ``names`` are the columns' own names and ``schema`` is that of the head; ``place`` is settled.
    """

    place: Origin
    names: Sequence[str]
    schema: Any
    size: int

    def after(self, state: dict[str, Any] | None) -> Iterator[tuple[Any, dict[str, Any]]]:
        """(a ``pyarrow.Table``, the state after it), from a state on that was given before; None is the beginning.

        Whatever goes wrong with the connection or the files is raised as it comes.
        """
        stream = self._stream()
        dataset = stream.dataset().with_format("arrow")
        if state is not None:
            dataset.load_state_dict(state)
        fields = dict(zip(self.names, self.schema.types, strict=True))
        for table in dataset.iter(batch_size=self.size):
            yield stream.plain(table, fields, self.schema), copy.deepcopy(dataset.state_dict())

    def _stream(self) -> Stream:
        builder = builder_of(self.place.repo, str(self.place.revision), str(self.place.subset))
        return stream_of(builder, str(self.place.split))


def _first(stream: Stream, rows: int, progress: Progress) -> list[Any]:
    """Tables of the first ``rows`` rows; of more where not all classes are among them."""
    tables: list[Any] = []
    number = 0
    unseen = {name: set(names) for name, names in stream.names.items()}
    for table in stream.tables():
        for part in (table.slice(0, max(0, rows - number)), table.slice(max(0, rows - number))):
            if part.num_rows:
                tables.append(part)
                number += part.num_rows
                unseen = {name: left - _classes_in(part, name, stream.names[name]) for name, left in unseen.items()}
            if number >= rows and (not any(unseen.values()) or number >= rows * _TIMES_FURTHER):
                return tables
        progress(min(1.0, number / rows), said("Reading the first rows: {rows}", rows=number))
    return tables


def _classes_in(table: Any, name: str, names: Sequence[str]) -> set[str]:
    """The classes that a column of class numbers has; those in lists are not looked for."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name not in table.column_names or not pa.types.is_integer(table.column(name).type):
        return set(names)
    there = pc.unique(table.column(name)).to_pylist()
    return {names[number] for number in there if number is not None and 0 <= number < len(names)}


def _first_rows(number: int, rows: int | None) -> Finding:
    title = (
        said(
            "These are the first {count} of {rows} rows; the others are read while the model learns.",
            count=number,
            rows=rows,
        )
        if rows
        else said("These are the first {count} rows; the others are read while the model learns.", count=number)
    )
    detail = said("Classes, lengths and the rows to judge by are taken from them.")
    return Finding("first-rows", "info", title, detail)
