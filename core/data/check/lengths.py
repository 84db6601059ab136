"""How long the texts are: those that stand out, and the lengths as a chart shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.check.subject import Subject
from core.data.check.written import named, written_columns
from core.data.types import Finding
from core.said import said, said_many

if TYPE_CHECKING:
    import numpy as np

A_TOKEN = 4.0
"""Characters of a token, roughly, as English has them. Other scripts have fewer."""
BARS = 40
_FAR = 20.0
"""A text is far longer when it is so many times as long as nine in ten of the others."""
_SHORT, _USUAL = 3, 60
"""A text of so few characters stands out where half of the others have so many."""
_FEWEST = 50


@dataclass(frozen=True)
class Histogram:
    """Lengths in characters: ``edges`` of the bars, one more than ``counts``, and where about the model stops to read.

    What is longer than the last edge is counted in the last bar.
    """

    edges: tuple[int, ...]
    counts: tuple[int, ...]
    limit: int


def length_histogram(subject: Subject) -> Histogram:
    """The lengths of what the model reads of each usable row, all texts of a row together."""
    import numpy as np
    import pyarrow.compute as pc

    lengths = np.zeros(subject.examples.num_rows, dtype=np.int64)
    for name in subject.texts:
        lengths += pc.utf8_length(subject.examples.column(name)).to_numpy()
    limit = round(subject.config.training.max_length * A_TOKEN)
    if not len(lengths):
        return Histogram((0, 1), (0,), limit)
    # A few giants must not press all others into one bar.
    end = max(1, int(np.quantile(lengths, 0.99) * 1.1), min(limit, int(lengths.max())))
    width = max(1, -(-end // BARS))
    counts = np.bincount(np.minimum(lengths // width, -(-end // width) - 1))
    return Histogram(tuple(width * place for place in range(len(counts) + 1)), tuple(counts.tolist()), limit)


def unusual_lengths(subject: Subject) -> Iterator[Finding]:
    """Texts that are far shorter or longer than the rest of their column."""
    for name in written_columns(subject):
        lengths = _lengths(subject.table.column(name))
        if lengths is None or int((lengths > 0).sum()) < _FEWEST:
            continue
        yield from _stand_out(subject, name, lengths)


def _lengths(column: Any) -> np.ndarray | None:
    """Characters of each text without spaces around it, 0 where there is none; None for columns of lists."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data.cleaning import as_text

    if pa.types.is_nested(column.type):
        return None
    chunks = [pc.utf8_length(as_text(pa.chunked_array([chunk]))).to_numpy() for chunk in column.chunks]
    return np.concatenate([np.zeros(0, dtype=np.int32), *chunks])


def _stand_out(subject: Subject, name: str, lengths: np.ndarray) -> Iterator[Finding]:
    import numpy as np

    filled = lengths[lengths > 0]
    middle, long = (float(value) for value in np.quantile(filled, [0.5, 0.9]))
    giants = lengths > _FAR * max(long, 10.0)
    if giants.any():
        yield Finding(
            "far-longer",
            "info",
            said_many(
                int(giants.sum()),
                "1 row has a text of up to {most} characters in {column}, where nine in ten have {usual} or fewer.",
                "{count} rows have a text of up to {most} characters in {column}, where nine in ten have {usual} or "
                "fewer.",
                most=int(lengths.max()),
                column=named([name]),
                usual=round(long),
            ),
            said(
                "A missing quotation mark in the file can glue many rows into one. Of a real text of this length, "
                "most may lie beyond what the model reads at once."
            ),
            said("Look at these rows."),
            **subject.at_rows(giants),
        )
    tiny = (lengths > 0) & (lengths <= _SHORT)
    if middle >= _USUAL and tiny.any():
        yield Finding(
            "far-shorter",
            "info",
            said_many(
                int(tiny.sum()),
                "1 row has a text of {most} characters or fewer in {column}, where half of the rows have {usual} or "
                "more.",
                "{count} rows have a text of {most} characters or fewer in {column}, where half of the rows have "
                "{usual} or more.",
                most=_SHORT,
                column=named([name]),
                usual=round(middle),
            ),
            said("So short a text often stands for a missing one, such as “n/a” or “-”."),
            said("Look at these rows, and take them out if they say nothing."),
            **subject.at_rows(tiny),
        )
