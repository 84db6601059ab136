"""A collator that makes several batches of one, in parts of like length. The Trainer adds up what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.models.types import Note
from core.training.batching.planning import Cost, parts_of

Collate = Callable[[list[dict[str, Any]]], Mapping[str, Any]]
Parts = list[Mapping[str, Any]]
"""One batch, cut into several."""


class Splitting:
    """Puts each part of a batch together by itself, with ``collate``.

    ``rows_at_once`` bounds memory: no part takes more than so many of the batch's longest examples would. ``writes``:
    the model reads one text and writes another, the labels.
    """

    pads = True
    """Whether short examples are filled up beside longer ones."""

    is_packed = False
    """Whether a part is one row of texts end to end, without padding."""
    most_tokens: int | None = None
    """At once, where they are; None for as many as memory holds."""

    def __init__(self, collate: Collate, cost: Cost, rows_at_once: int, writes: bool = False) -> None:
        self.collate = collate
        self.rows_at_once = rows_at_once
        self.writes = writes
        self.why_whole: Note | None = None
        """Why examples stay in their order, ``rows_at_once`` of them in a batch, if they do."""
        self._cost = cost
        # Only what leaves something to chance hears of epochs, and helpers that stay never would: see ``building``.
        if hasattr(collate, "set_epoch"):
            self.set_epoch = collate.set_epoch

    @property
    def is_whole(self) -> bool:
        return self.why_whole is not None

    def __call__(self, pieces: list[dict[str, Any]]) -> Parts:
        lengths = [len(piece["input_ids"]) for piece in pieces]
        written = [len(piece["labels"]) for piece in pieces] if self.writes else []
        return [self.collate([pieces[place] for place in part]) for part in self.plan(lengths, written)]

    def cut_by(self, cost: Cost) -> None:
        """Cut the batches to come by another cost: one that was measured."""
        self._cost = cost

    def plan(self, lengths: Sequence[int], written: Sequence[int] = ()) -> list[list[int]]:
        """The places of the examples in each part, from their lengths in tokens."""
        if self.is_whole:
            return stock_plan(len(lengths), self.rows_at_once)
        most = self.rows_at_once * (max(lengths) + max(written, default=0))
        return parts_of(lengths, self._cost, most, written)


def stock_plan(rows: int, rows_at_once: int) -> list[list[int]]:
    """The places of examples in batches as the stock Trainer makes them."""
    return [list(range(start, min(start + rows_at_once, rows))) for start in range(0, rows, rows_at_once)]
