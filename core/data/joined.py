"""The files of a config as one table: the source, and those that its split names for validation and test."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import DataConfig
from core.data.arrow_files import portion
from core.data.origins import Origin, origin_of
from core.data.sources import resolve
from core.data.tables import LoadedTable, digest_of, last_change_of, open_table
from core.data.types import Finding, Progress, in_file
from core.errors import ConfigError, DataError
from core.said import enumerated, said

if TYPE_CHECKING:
    import numpy as np

SOURCE, VALIDATION, TEST = 0, 1, 2


@dataclass(frozen=True)
class Files:
    """Files opened side by side, the source first. ``roles`` says of each: source, validation or test.

    Positions count the rows of all files from 0, one file after the other.
    """

    tables: tuple[LoadedTable, ...]
    roles: tuple[int, ...]

    @property
    def rows(self) -> int:
        """All rows of all files, those that could not be read included."""
        return sum(file.table.num_rows + len(file.meta.skipped) for file in self.tables)

    def joined(self, columns: tuple[str, ...]) -> Any:
        """One ``pyarrow.Table`` of all rows. Several files share only ``columns``; where types differ, text is taken.

        Raises ``DataError`` when a file lacks a column that the source has.
        """
        import pyarrow as pa

        first = self.tables[0].table
        if len(self.tables) == 1:
            return first
        known = [name for name in dict.fromkeys(columns) if name in first.column_names]
        for file in self.tables[1:]:
            _require(file, known)
        return pa.table({name: _chained([file.table.column(name) for file in self.tables]) for name in known})

    def roles_of(self, positions: np.ndarray) -> np.ndarray:
        """Which kind of file each row stands in."""
        import numpy as np

        return np.asarray(self.roles)[self._places(positions)]

    def row_numbers(self, positions: np.ndarray) -> np.ndarray:
        """The number of each row in its own file; the first row under the header is 1."""
        import numpy as np

        places = self._places(positions)
        numbers = positions - self._starts()[places] + 1
        for place, file in enumerate(self.tables):
            numbers = np.where(places == place, file.row_numbers(numbers), numbers)
        return numbers

    def renumbered(self, findings: tuple[Finding, ...], positions: np.ndarray) -> tuple[Finding, ...]:
        """Findings on a table, whose rows stand at these positions, with the row numbers of the source; a number of
        another file would mislead.
        """
        import numpy as np

        def rows(finding: Finding) -> tuple[int, ...]:
            places = positions[np.asarray(finding.rows, dtype=np.int64) - 1]
            return tuple(self.row_numbers(places[places < self._starts()[1]]).tolist())

        return tuple(replace(finding, rows=rows(finding)) if finding.rows else finding for finding in findings)

    def findings(self) -> tuple[Finding, ...]:
        """What was noticed while the files were read, with the file's name where there are several."""
        if len(self.tables) == 1:
            return self.tables[0].meta.findings
        return tuple(
            replace(finding, title=in_file(file.meta.title, finding.title))
            for file in self.tables
            for finding in file.meta.findings
        )

    def _starts(self) -> np.ndarray:
        """Where each file begins, and the end of the last one."""
        import numpy as np

        return np.cumsum([0, *(file.table.num_rows for file in self.tables)])

    def _places(self, positions: np.ndarray) -> np.ndarray:
        import numpy as np

        return np.searchsorted(self._starts(), positions, side="right") - 1


def open_files(data: DataConfig, progress: Progress | None = None) -> Files:
    """Open the source and the files that its split names."""
    if data.split.column is None and data.split.train is not None and not origin_of(data).is_on_hub:
        raise ConfigError(
            said("data.split.train names rows of a column, but data.split.column names no column."),
            said("Name the column, or leave train out: the source is what the model learns from."),
            field="data.split.train",
        )
    named = named_files(data)
    width = 1 / len(named)
    tables = [open_table(origin, portion(progress, i * width, (i + 1) * width)) for i, (_, origin) in enumerate(named)]
    return Files(tuple(tables), tuple(role for role, _ in named))


def named_files(data: DataConfig) -> list[tuple[int, Origin]]:
    """(role, origin) of each file of a config, the source first.

    What the split names are paths, relative to the source's folder, or splits of a Hub dataset.
    """
    source = origin_of(data)
    aside = replace(source, head=data.streaming.evaluation_rows) if data.streaming else source
    named = [(SOURCE, source)]
    if data.split.column is None:
        others = ((VALIDATION, data.split.validation), (TEST, data.split.test))
        named += [(role, _beside(aside, name)) for role, name in others if isinstance(name, str)]
    return named


def _beside(source: Origin, name: str) -> Origin:
    if source.is_on_hub:
        return replace(source, split=name)
    return replace(source, source=str(resolve(source.source).parent / Path(name).expanduser()))


def data_hash(data: DataConfig) -> str:
    """A hash of what a config learns from: all its files and the changes made to them. Unchanged files are not read
    again for it.
    """
    changes = [step.model_dump_json() for step in data.steps]
    changed = [hashlib.blake2b("\n".join(changes).encode(), digest_size=8).hexdigest()] if changes else []
    return "-".join([*(digest_of(origin) for _, origin in named_files(data)), *changed])


def last_change(data: DataConfig) -> int:
    """When any of a config's files last changed, in nanoseconds since the epoch."""
    return max(last_change_of(origin) for _, origin in named_files(data))


def _require(file: LoadedTable, columns: list[str]) -> None:
    lacking = [name for name in columns if name not in file.table.column_names]
    if lacking:
        there = enumerated(*(f"`{name}`" for name in file.table.column_names[:10]))
        raise DataError(
            said("{file} has no column `{column}`.", file=file.meta.title, column=lacking[0]),
            said("All files of one run need the same columns. This one has: {columns}.", columns=there),
        )


def _chained(columns: list[Any]) -> Any:
    """Columns one after the other, as text unless they are all of one type."""
    import pyarrow as pa

    if len({column.type for column in columns}) > 1:
        columns = [column.cast(pa.large_string()) for column in columns]
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type)
