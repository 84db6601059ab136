"""A collator that makes several batches of one, in parts of like length. The Trainer adds up what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.training.batching.planning import Cost, parts_of

Collate = Callable[[list[dict[str, Any]]], Mapping[str, Any]]
Parts = list[Mapping[str, Any]]
"""One batch, cut into several."""


class Splitting:
    """Puts each part of a batch together by itself, with ``collate``.

    ``rows_at_once`` bounds memory: no part takes more than so many of the batch's longest examples would.
    """

    def __init__(self, collate: Collate, cost: Cost, rows_at_once: int) -> None:
        self._collate = collate
        self._cost = cost
        self._rows_at_once = rows_at_once
        # Only what leaves something to chance hears of epochs, and helpers that stay never would: see ``building``.
        if hasattr(collate, "set_epoch"):
            self.set_epoch = collate.set_epoch

    def __call__(self, pieces: list[dict[str, Any]]) -> Parts:
        lengths = [_length(piece) for piece in pieces]
        plan = parts_of(lengths, self._cost, self._rows_at_once * max(lengths))
        return [self._collate([pieces[place] for place in part]) for part in plan]


def _length(piece: Mapping[str, Sequence[Any]]) -> int:
    return len(piece["input_ids"])
