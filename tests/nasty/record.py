"""What is declared of a nasty file: its bytes, and what must come of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Row = Sequence[Any]
HEADER = ("text", "label")
ENDINGS = (
    ".csv", ".tsv", ".txt", ".md", ".json", ".jsonl", ".conll", ".parquet", ".arrow", ".xlsx", ".zip",
    ".csv.gz", ".jsonl.zst", ".json.bz2", "",
)  # fmt: skip
NAMES = tuple(f"table{ending}" for ending in ENDINGS)
"""What files of any content may be called."""


@dataclass(frozen=True)
class Nasty:
    """A file that a careful reader must not trip over. ``name`` is the file's own and says what is nasty about it.

    Either ``refused`` has words of the one error that is right, or the whole table is told: its ``columns``, its
    ``rows`` from the first on (``more`` are in the file after them, not compared), the numbers of the rows ``skipped``,
    and the codes of all ``findings``. ``blocks`` tells that nothing can be learned from so few rows or such columns.
    """

    name: str
    make: Callable[[], bytes]
    refused: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    more: int = 0
    skipped: tuple[int, ...] = ()
    findings: frozenset[str] = frozenset()
    blocks: bool = False

    @property
    def count(self) -> int:
        """Rows of the table."""
        return len(self.rows) + self.more

    @property
    def read(self) -> int:
        """Rows of the file, those that could not be read included."""
        return self.count + len(self.skipped)


def refused(name: str, content: bytes | str | Callable[[], bytes], words: str) -> Nasty:
    """A file that is no table. ``words`` stand in what is said about it."""
    return Nasty(name, _maker(content, "utf-8"), refused=words)


def table(
    name: str,
    content: bytes | str | Callable[[], bytes],
    columns: Iterable[str],
    rows: Iterable[Row],
    *findings: str,
    encoding: str = "utf-8",
    more: int = 0,
    skipped: tuple[int, ...] = (),
    blocks: bool = False,
) -> Nasty:
    """A file that is a table, whole as it is."""
    make = _maker(content, encoding)
    kept = tuple(tuple(row) for row in rows)
    return Nasty(name, make, "", tuple(columns), kept, more, skipped, frozenset(findings), blocks)


def padding(width: int = 2) -> list[tuple[str, ...]]:
    """Rows that are nothing but ordinary, so that a file with them can be learned from."""
    further = [f"cell {place}" for place in range(3, width + 1)]
    return [(f"ordinary words number {n}", "odd" if n % 2 else "even", *further)[:width] for n in range(24)]


def padded(
    name: str,
    nasty: str,
    rows: Iterable[Row],
    *findings: str,
    header: Sequence[str] = HEADER,
    delimiter: str = ",",
    end: str = "\n",
    encoding: str = "utf-8",
    mark: bytes = b"",
    skipped: tuple[int, ...] = (),
) -> Nasty:
    """A CSV file: a header, ``nasty`` as it stands (it is read as ``rows``), and ordinary rows under it."""
    more = padding(len(header))
    text = delimiter.join(header) + end + nasty + "".join(delimiter.join(row) + end for row in more)
    return table(name, mark + text.encode(encoding), header, [*rows, *more], *findings, skipped=skipped)


def written(rows: Iterable[Row], **dialect: Any) -> str:
    """Rows as the ``csv`` module writes them."""
    out = io.StringIO()
    csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows(rows)
    return out.getvalue()


def _maker(content: bytes | str | Callable[[], bytes], encoding: str) -> Callable[[], bytes]:
    if isinstance(content, str):
        return lambda: content.encode(encoding)
    return content if callable(content) else lambda: content
