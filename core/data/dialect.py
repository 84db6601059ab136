"""How a text table is written: what stands between cells, and whether quotes mean anything.

Each way of reading is tried on the first part of the file; the one whose rows agree best with the header is taken.
(Python's ``csv.Sniffer`` looks at letter frequencies and is misled by prose; ``clevercsv`` took single columns of prose
and tab-separated files with loose quotes for tables separated by spaces, and was twenty times slower.)
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TextIO

from core import ceilings
from core.data.origins import AS_DETECTED
from core.data_config import ReadingConfig

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
ANNOUNCED = "sep="
"""Excel may write its separator into a line of its own above the header, as ``sep=;``."""
LONGEST_CELL = ceilings.most("cell")
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

    def rows(self, text: Iterable[str]) -> Any:
        """A ``csv.reader`` that reads in this way, and raises ``csv.Error`` at a row whose quotes do not fit it."""
        csv.field_size_limit(LONGEST_CELL)
        return csv.reader(
            text,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
            escapechar="\\" if self.escapes else None,
            strict=True,
        )


def sniff(text: TextIO, chosen: ReadingConfig = AS_DETECTED) -> Dialect:
    """Find how the table that begins at ``text``'s present place is written. A single column reads as comma.

    What is ``chosen`` is not asked: the delimiter, whether quote marks mean anything.
    """
    sample = _sample(text)
    if chosen.delimiter is None and sample.startswith(ANNOUNCED) and sample[len(ANNOUNCED) :][:1] in DELIMITERS:
        return Dialect(sample[len(ANNOUNCED)], quotes=chosen.quotes is not False)
    tries = _tries(sample, chosen)
    best = Dialect(mark_of(chosen.delimiter), quotes=chosen.quotes is not False)
    best_score = (0.6, 0)
    for dialect in tries:
        score = _score(dialect, sample)
        if score > best_score:
            best, best_score = dialect, score
    return best


def mark_of(words: str | None) -> str:
    """The mark that a ``ReadingConfig`` calls by a word; a comma where it says nothing."""
    return next((mark for mark, named in DELIMITERS.items() if named == words), ",")


def _tries(sample: str, chosen: ReadingConfig) -> list[Dialect]:
    """The ways of reading that a text may be written for."""
    marks = [mark for mark in DELIMITERS if mark in sample and chosen.delimiter in (None, DELIMITERS[mark])]
    if chosen.quotes is False:
        return [Dialect(mark, quotes=False) for mark in marks]
    tries = [Dialect(mark) for mark in marks]
    if '\\"' in sample:
        tries += [replace(dialect, escapes=True) for dialect in tries]
    if '"' in sample and "\t" in marks and chosen.quotes is None:
        tries.append(Dialect("\t", quotes=False))  # quotes have no meaning in many tab-separated files
    return tries


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
    rows = [row for row in islice(_rows(dialect, sample), _ROWS_LOOKED_AT) if row is not None]
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
    widths = [-1 if row is None else len(row) for row in _rows(dialect, sample)]
    is_whole = len(sample) < _SAMPLE
    if len(widths) > 1 and not (is_whole and widths[-1] < 0):
        widths.pop()  # the sample may end in the middle of a row
    if not widths or widths[0] < 2:
        return (0.0, 0)
    agreeing = sum(width == widths[0] for width in widths) / len(widths)
    return (round(agreeing * 20) / 20, widths[0])


def _rows(dialect: Dialect, sample: str) -> Iterator[list[str] | None]:
    """The rows that are not empty; None for one whose quotes do not fit this way of reading."""
    reader = dialect.rows(io.StringIO(sample, newline=""))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None
            continue
        if row:
            yield row


def _sample(text: TextIO) -> str:
    sample = text.read(_SAMPLE)
    while sample.count("\n") + sample.count("\r") < _ROWS_WANTED and len(sample) < _LARGEST_SAMPLE:
        more = text.read(len(sample))
        if not more:
            break
        sample += more
    return sample
