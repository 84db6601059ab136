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
from typing import Any, TextIO

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
ANNOUNCED = "sep="
"""Excel may write its separator into a line of its own above the header, as ``sep=;``."""
LONGEST_CELL = 64_000_000
"""Characters. A longer cell is nearly always a quote that was never closed, and would fill the memory."""

_SAMPLE = 1 << 19
_ROWS_WANTED = 20
_LARGEST_SAMPLE = 1 << 25


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
