"""How a text table is written: what stands between cells, and whether quotes mean anything.

Each way of reading is tried on the first part of the file; the one whose rows agree best with the header is taken.
(Python's ``csv.Sniffer`` looks at letter frequencies and is misled by prose; ``clevercsv`` took single columns of prose
and tab-separated files with loose quotes for tables separated by spaces, and was twenty times slower.)
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TextIO

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
ANNOUNCED = "sep="
"""Excel may write its separator into a line of its own above the header, as ``sep=;``."""
LONGEST_CELL = 64_000_000
"""Characters. A longer cell is nearly always a quote that was never closed, and would fill the memory."""

_SAMPLE = 1 << 19
_ROWS_WANTED = 20
_LARGEST_SAMPLE = 1 << 25
_ROWS_LOOKED_AT = 200


@dataclass(frozen=True)
class Dialect:
    """``quotes`` is False where quote marks are ordinary letters; ``escapes`` where a backslash protects a quote."""

    delimiter: str = ","
    quotes: bool = True
    escapes: bool = False

    def rows(self, text: TextIO) -> Any:
        """A ``csv.reader`` that reads in this way, and raises ``csv.Error`` at a row whose quotes do not fit it."""
        csv.field_size_limit(LONGEST_CELL)
        return csv.reader(
            text,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
            escapechar="\\" if self.escapes else None,
            strict=True,
        )


def sniff(text: TextIO) -> Dialect:
    """Find how the table that begins at ``text``'s present place is written. A single column reads as comma."""
    sample = _sample(text)
    if sample.startswith(ANNOUNCED) and sample[len(ANNOUNCED) :][:1] in DELIMITERS:
        return Dialect(sample[len(ANNOUNCED)])
    tries = [Dialect(delimiter) for delimiter in DELIMITERS if delimiter in sample]
    if '\\"' in sample:
        tries += [replace(dialect, escapes=True) for dialect in tries]
    if '"' in sample and "\t" in sample:  # quotes have no meaning in many tab-separated files
        tries.append(Dialect("\t", quotes=False))
    best, best_score = Dialect(), (0.6, 0)
    for dialect in tries:
        score = _score(dialect, sample)
        if score > best_score:
            best, best_score = dialect, score
    return best


def is_clear_table(text: TextIO) -> bool:
    """Whether a text is surely a table rather than prose: rows of one width, under a header unless tabs part them.

    Prose has commas too, with a space after them, and its first line does not read like names.
    """
    sample = _sample(text)
    if sample.startswith(ANNOUNCED):
        return True
    dialect = sniff(io.StringIO(sample, newline=""))
    share, width = _score(dialect, sample)
    if share < 0.95 or width < 2:
        return False
    rows = list(islice(dialect.rows(io.StringIO(sample, newline="")), _ROWS_LOOKED_AT))
    rows = [row for row in rows if row]
    if len(rows) < 2:
        return False
    if dialect.delimiter == "\t":  # prose may begin its paragraphs with one
        return sum(bool(row[0].strip()) for row in rows) > len(rows) / 2
    spaced = sum(cell.startswith(" ") for row in rows for cell in row[1:])
    return all(map(_is_name, rows[0])) and len(set(rows[0])) == width and spaced <= (width - 1) * len(rows) / 2


def _is_name(cell: str) -> bool:
    return len(cell) <= 40 and len(cell.split()) in (1, 2, 3) and not cell.rstrip().endswith((".", "!", ":"))


def _score(dialect: Dialect, sample: str) -> tuple[float, int]:
    """The share of rows as wide as the header (in twentieths, bad quotes count against it), then the width."""
    widths = list(_widths(dialect, sample))
    if len(widths) > 1:
        widths.pop()  # the sample may end in the middle of a row
    if not widths or widths[0] < 2:
        return (0.0, 0)
    agreeing = sum(width == widths[0] for width in widths) / len(widths)
    return (round(agreeing * 20) / 20, widths[0])


def _widths(dialect: Dialect, sample: str) -> Iterator[int]:
    """Cells in each row; -1 for a row whose quotes do not fit this way of reading."""
    reader = dialect.rows(io.StringIO(sample, newline=""))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield -1
            continue
        if row:
            yield len(row)


def _sample(text: TextIO) -> str:
    sample = text.read(_SAMPLE)
    while sample.count("\n") + sample.count("\r") < _ROWS_WANTED and len(sample) < _LARGEST_SAMPLE:
        more = text.read(len(sample))
        if not more:
            break
        sample += more
    return sample
