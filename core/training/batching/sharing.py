"""Which examples of each step a process of several learns from: together they make the steps that one would make.

Every process knows the order of all examples, cuts it into steps, and takes its own share of each. However many there
are, a step rests on the same examples; a shorter one at the end of an epoch too, where stock samplers begin to read the
epoch anew so that all have as many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

IDLE = "idle"
"""In a piece or a batch: it is computed so that this process keeps time with the others, and counts for nothing."""


@dataclass(frozen=True)
class Sharing:
    """``rows`` make up a step of all processes; each computes its share in ``times`` batches, of ``rows_at_once`` at
    the most. ``together``: (batch, accumulation) as one process would have them.
    """

    rows: int
    times: int
    rows_at_once: int
    processes: int
    number: int
    together: tuple[int, int]
    drops_last: bool = False
    """Whether what fills no batch is left out, as one process would."""

    def batches(self, rows: int) -> int:
        """How many batches each process makes of a step of so many rows: the same for all."""
        return min(self.times, max(1, ceil(ceil(rows / self.processes) / self.rows_at_once)))

    def mine(self, step: Sequence[int]) -> list[list[int]]:
        """This process's batches of a step, as places of examples. One that nothing is left for has a place that is
        marked: see ``marked``.
        """
        share = _part(step, self.number, self.processes)
        count = self.batches(len(step))
        return [list(_part(share, one, count)) or [marked(step[0])] for one in range(count)]


def sharing_of(rows_at_once: int, times: int, processes: int, number: int, at_once: bool, drops: bool) -> Sharing:
    """The share of one process in steps of ``rows_at_once`` × ``times`` rows. ``at_once``: all that it computes for a
    step is handed over as one batch, which it cuts up itself.
    """
    rows = rows_at_once * times
    own = 1 if at_once else max(1, ceil(ceil(rows / processes) / rows_at_once))
    return Sharing(rows, own, rows if at_once else rows_at_once, processes, number, (rows_at_once, times), drops)


class SharedBatches:
    """A batch sampler: the batches of one process, in the ``order`` of all examples."""

    def __init__(self, order: Iterable[int], total: int, sharing: Sharing) -> None:
        self._order, self._sharing = order, sharing
        batch = sharing.together[0]
        self._total = total // batch * batch if sharing.drops_last else total

    def __iter__(self) -> Iterator[list[int]]:
        step: list[int] = []
        for taken, place in enumerate(self._order):
            if taken == self._total:
                break
            step.append(int(place))
            if len(step) == self._sharing.rows:
                yield from self._sharing.mine(step)
                step = []
        if step:
            yield from self._sharing.mine(step)

    def __len__(self) -> int:
        whole, rest = divmod(self._total, self._sharing.rows)
        return whole * self._sharing.times + (self._sharing.batches(rest) if rest else 0)


@dataclass(frozen=True)
class Marking:
    """Examples, of which those at marked places come with a mark."""

    pieces: Any

    def __len__(self) -> int:
        return len(self.pieces)

    def __getitems__(self, places: list[int]) -> list[Any]:
        found = self.pieces.__getitems__([_plain(place) for place in places])
        return [piece | {IDLE: True} if place < 0 else piece for place, piece in zip(places, found, strict=True)]


@dataclass(frozen=True)
class IdleToo:
    """A collator that carries a mark over to its batch."""

    collate: Callable[[list[Any]], Any]

    def __call__(self, pieces: list[Any]) -> Any:
        idle = any(IDLE in piece for piece in pieces)
        batch = self.collate([{name: value for name, value in piece.items() if name != IDLE} for piece in pieces])
        if not idle:
            return batch
        if isinstance(batch, list):
            return [{**part, IDLE: True} for part in batch]
        return {**batch, IDLE: True}


def marked(place: int) -> int:
    """A place that is there to keep time with the others."""
    return -place - 1


def _plain(place: int) -> int:
    return -place - 1 if place < 0 else place


def _part(items: Sequence[int], number: int, count: int) -> Sequence[int]:
    """One of ``count`` parts, in order, as equal as can be."""
    return items[len(items) * number // count : len(items) * (number + 1) // count]
