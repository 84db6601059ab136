"""A stream as the Trainer takes it: pieces without an end, in an order that follows from the seed and the place alone.

Rows come in blocks as large as the shuffle buffer; within a block they are drawn by chance. So a run that is taken up
again needs to read no more than the block where it stood, and goes on with the very next piece.

Imported in workers only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from torch.utils.data import IterableDataset  # noqa: TID253  (imported in workers only)

from core.errors import DataError
from core.prediction.inference import encode
from core.said import said
from core.tasks.base import Context, Task
from core.training.streaming.place import Place
from core.training.streaming.rows import Sieve
from core.training.streaming.source import Source

ROWS_ENCODED = 256
"""At a time."""
_PLACES_KEPT = 8
"""Batches are fetched a little ahead of the step that learns from them."""


class Flow(IterableDataset):
    """Pieces to learn from, ``batch`` of them for each step, beginning after ``step`` steps at ``start``.

    ``heard`` is called with the number of each round when it begins: 0, 1, ...
    """

    def __init__(
        self, task: Task, context: Context, source: Source, sieve: Sieve, batch: int, start: Place, step: int
    ) -> None:
        self._task, self._context, self._source, self._sieve = task, context, source, sieve
        self._batch, self._start, self._step = batch, start, step
        self._places = {step: start}
        self.heard: Callable[[int], None] = lambda number: None

    def place_at(self, step: int) -> Place:
        """Where the stream stands once so many steps are learned."""
        return self._places[step]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for taken, (piece, place) in enumerate(self._from(self._start), start=1):
            if taken % self._batch == 0:
                self._keep(self._step + taken // self._batch, place)
            yield piece

    def _keep(self, step: int, place: Place) -> None:
        self._places[step] = place
        self._places.pop(step - _PLACES_KEPT, None)

    def _from(self, start: Place) -> Iterator[tuple[dict[str, Any], Place]]:
        """(a piece, the place after it), round after round."""
        begun, offset = start, start.offset
        while True:
            self.heard(begun.round)
            is_whole, learned = begun.block == 0, begun.before.learned
            for table, after in self._source.after(begun.state):
                place = begun
                for piece, place in self._block(table, begun, offset):
                    if piece is not None:
                        yield piece, place
                begun = Place(begun.round, begun.block + 1, begun.rows + table.num_rows, after, 0, place.tally)
                offset = 0
            if is_whole and begun.before.learned == learned:
                raise DataError(
                    said("The whole stream holds no row that could be learned from."),
                    said("Choose other columns, or take back changes that leave nothing."),
                )
            begun = Place(round=begun.round + 1, before=begun.before)

    def _block(self, table: Any, begun: Place, offset: int) -> Iterator[tuple[dict[str, Any] | None, Place]]:
        """The pieces of one block, each with the place after it; the first ``offset`` are None, and one before all."""
        import numpy as np

        examples, tally = self._sieve.examples(table, begun.rows)
        rows = self._task.training_rows(examples, self._context)
        chance = np.random.RandomState([self._context.seed % 2**32, begun.round, begun.block])
        rows = rows.take(chance.permutation(rows.num_rows))
        numbers: set[int] = set()
        done = 0
        total = begun.before.plus(tally)
        yield None, replace(begun, tally=total)
        for first in range(0, rows.num_rows, ROWS_ENCODED):
            some = rows.slice(first, ROWS_ENCODED).to_pydict()
            encoded = encode(self._task, self._context, some, "train")
            names = [name for name in self._task.model_inputs if name in encoded]
            for one in chance.permutation(len(encoded["row"])):
                numbers.add(some["row"][encoded["row"][one]])
                done += 1
                now = replace(total, learned=total.learned + len(numbers))
                piece = {name: encoded[name][one] for name in names} if done > offset else None
                yield piece, replace(begun, offset=done, tally=now)
