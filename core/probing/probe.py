"""The probe: a few real steps of some shapes, and from their times what the whole training will take.

Called in workers only, once the model is built and before the first step. It takes about ``SECONDS``, and leaves
nothing behind: see ``core.probing.bench.untouched``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

from core.prediction.batches import width_of
from core.probing.bench import Bench, Shape, untouched
from core.probing.fitting import fitted
from core.probing.found import Laid, Memory, Probed, Way
from core.probing.highest import Highest
from core.probing.kept import ENOUGH_SHARE
from core.training.batching.planning import Cost, by_size
from core.training.batching.splitting import Splitting

SECONDS = 1.5
"""That a probe may compute. A step is begun only if it will most likely be over by then. Of more it says the same."""
PATIENCE = 2.0
"""So many times as long it may take where others compute as well."""
PAIR_TIMES = 2.5
"""What a pair of tokens takes, in times of what its operations alone would: its numbers come from memory."""
WORTH = 1.1
"""So many times as fast has another way to be before it is taken."""
WORTH_BITS = 1.3
"""The same of a way that computes with fewer digits."""
ALIKE = 0.02
"""How far the loss of a text may be off with fewer digits: so much of it, or of 1."""
ROUNDS = 3
TURNS = 2
CLEAR = 1.3
"""So many times as fast as it would have to be, or as slow, is a way that needs no second turn."""
LEAST_TOKENS, MOST_TOKENS = 64, 4096
"""That ways to compute are compared on."""
USUAL_ATTENTION = "sdpa"
SAMPLE = 32
"""Pieces that are looked at to tell how long it takes to fetch one."""


@dataclass(frozen=True)
class Wish:
    """What is to be found out, and for what."""

    lengths: Sequence[int]
    """Tokens of a sample of the pieces that are learned from."""
    rows: int
    """Pieces that come to the model at once."""
    tokens: float
    """Of the whole training."""
    shortest: float
    """Seconds of a training that is measured; before a shorter one nothing is."""
    chooses: bool = True
    """Whether the fastest way is looked for, too."""
    precisions: tuple[str, ...] = ()
    """That may be taken instead of all 32 bits."""
    attentions: bool = False
    """Whether another way to compute attention may be taken."""


def probe(trainer: Any, wish: Wish) -> Probed | None:
    """What is found; None where the training will be over soon. Everything is as it was afterwards."""
    pieces = trainer.train_dataset
    with untouched(trainer) as copied:
        some = [pieces[place] for place in range(min(SAMPLE, len(pieces)))]
        return _Probe(trainer, Bench(trainer, some), wish, copied).find()


class _Probe:
    def __init__(self, trainer: Any, bench: Bench, wish: Wish, copied: int) -> None:
        self._trainer, self._bench, self._wish, self._copied = trainer, bench, wish, copied
        self._highest = Highest(trainer.args.device.type == "cuda")
        self._ordered = sorted(max(1, length) for length in wish.lengths)
        self._widest, self._usual, self._narrow = self._ordered[-1], self._quantile(1 / 2), self._quantile(1 / 10)
        self._is_packed = _laid(trainer.data_collator) == "packed"
        self._token = 0.0
        """Seconds a token, roughly."""

    def find(self) -> Probed | None:
        self._bench.learn(self._bench.batch(Shape.alike(1, self._narrow)))
        first = self._bench.batch(small := self._shape(self._usual, LEAST_TOKENS))
        self._token = self._bench.learn(first) / small.tokens
        if self._token * self._wish.tokens <= self._wish.shortest:
            return None
        way, times = self._fastest() if self._wish.chooses else (Way(), 1.0)
        answered = min(self._bench.answer(first)[0] for _ in range(2))
        seconds, highest = self._measured()
        # After what takes most memory: the notes of the optimizer come on top of it.
        correction, notes = self._bench.correct()
        usual, written = by_size(width_of(self._trainer.model)), self._bench.written
        expected, more = PAIR_TIMES * usual.pair / usual.token, usual.written / usual.token
        # What is written grows with what is read, so the two cannot be told apart: the usual proportion is taken.
        sizes = [_size(one, written, more) for one in seconds]
        call, token, pair = fitted(sizes, list(seconds.values()), expected)
        tokens, pairs = _size(small, written, more)
        memory = self._memory(sizes, list(highest.values()), notes - self._copied, expected)
        row = self._row()
        return Probed(
            cost=Cost(call, token, pair, more * token if written else 0.0),
            correction=correction,
            row=row,
            forward=min(1.0, answered / (call + token * tokens + pair * pairs)),
            widest=self._widest,
            took=self._bench.seconds(),
            share=self._bench.share(),
            way=way,
            times=times,
            memory=memory,
            written=written,
            laid=_laid(self._trainer.data_collator),
            packed_tokens=getattr(self._trainer.data_collator, "most_tokens", None),
        )

    def _fastest(self) -> tuple[Way, float]:
        """The fastest way, and how many times as fast as the usual one it is. Of what is compared one thing after the
        other, each is compared with what was found before.
        """
        way, times = Way(), 1.0
        for compare, share in ((self._threads, 0.3), (self._precision, 0.25), (self._attention, 0.15)):
            way, faster = compare(way, share * SECONDS)
            times *= faster
        return way, times

    def _threads(self, way: Way, seconds: float) -> tuple[Way, float]:
        """As many as there are, or fewer. Not asked while others compute: the answer would be about them."""
        import torch

        most = torch.get_num_threads()
        counts = [count for count in dict.fromkeys((most, most // 2, 1)) if count]
        if self._bench.is_cuda or len(counts) == 1 or self._bench.share() < ENOUGH_SHARE:
            return way, 1.0
        take = [partial(torch.set_num_threads, count) for count in counts]
        place, faster = self._compared(take, seconds, self._bench.on_the_wall)
        return replace(way, threads=counts[place]), faster

    def _precision(self, way: Way, seconds: float) -> tuple[Way, float]:
        """All 32 bits, or fewer: where the units for it are there, it is much faster, and the loss stays what it is."""
        names = ("fp32", *(name for name in self._wish.precisions if self._says_the_same(name)))
        if len(names) == 1:
            return way, 1.0
        take = [partial(self._bench.take_precision, name) for name in names]
        # It changes what is computed, so it is always compared, not only where there is time to spare.
        seconds = max(seconds, len(names) * (1 + TURNS) * LEAST_TOKENS * self._token)
        place, faster = self._compared(take, seconds, self._bench.learn, WORTH_BITS)
        return replace(way, precision=names[place] if place else None), faster

    def _says_the_same(self, precision: str) -> bool:
        batch = self._bench.batch(Shape.alike(1, self._usual))
        _, usual = self._bench.answer(batch)
        self._bench.take_precision(precision)
        _, loss = self._bench.answer(batch)
        self._bench.take_precision("fp32")
        return abs(loss - usual) <= ALIKE * (1 + abs(usual))

    def _attention(self, way: Way, seconds: float) -> tuple[Way, float]:
        model = self._trainer.model
        if not self._wish.attentions or getattr(model.config, "_attn_implementation", None) != USUAL_ATTENTION:
            return way, 1.0
        names = (USUAL_ATTENTION, "eager")
        take = [partial(model.set_attn_implementation, name) for name in names]
        place, faster = self._compared(take, seconds, self._bench.learn)
        return replace(way, attention=names[place] if place else None), faster

    def _compared(
        self,
        ways: Sequence[Callable[..., object]],
        seconds: float,
        clock: Callable[[list[Any]], float],
        worth: float = WORTH,
    ) -> tuple[int, float]:
        """(the place of the way that is worth taking, how many times as fast as the first it is); it is taken. All of
        them are tried in turns on a text or more, where there is time for it; else the first is as good as any.
        """
        tokens = seconds / (len(ways) * (1 + TURNS)) / self._token
        best, faster = 0, 1.0
        if tokens >= min(self._usual, LEAST_TOKENS):
            batch = self._bench.batch(self._shape(min(self._usual, int(tokens)), min(tokens, MOST_TOKENS)))
            found = _least(ways, batch, clock, worth)
            fastest = min(range(len(ways)), key=found.__getitem__)
            if found[0] > worth * found[fastest]:
                best, faster = fastest, found[0] / found[fastest]
        ways[best]()
        return best, faster

    def _measured(self) -> tuple[dict[Shape, float], dict[Shape, int]]:
        """(the usual seconds of each shape, the highest memory), the smallest first. Not the least seconds: the steps
        of a training are as often disturbed as those here.
        """
        batches = {one: self._bench.batch(one) for one in self._shapes()}
        took: dict[Shape, list[float]] = {one: [] for one in batches}
        highest = dict.fromkeys(batches, 0)
        for turn in range(ROUNDS):
            for one, batch in batches.items():
                if turn and not self._has_time_for(took[one][-1]):
                    break
                self._highest.begin()
                took[one].append(self._bench.learn(batch))
                highest[one] = max(self._highest.bytes() or 0, highest[one])
        return {one: median(times) for one, times in took.items()}, highest

    def _has_time_for(self, seconds: float) -> bool:
        return max(self._bench.computed(), self._bench.seconds() / PATIENCE) + seconds <= SECONDS

    def _shapes(self) -> list[Shape]:
        """A few texts, many, long ones: as many tokens as there is time for twice."""
        tokens = max(0.0, SECONDS - self._bench.computed()) / self._token / 2
        found = {
            Shape.alike(1, self._narrow),
            self._mixed(0.15 * tokens),
            self._shape(self._widest, 0.35 * tokens),
            self._mixed(0.45 * tokens),
        }
        return sorted(found, key=lambda one: one.tokens)

    def _shape(self, width: int, tokens: float) -> Shape:
        return Shape.alike(max(1, min(self._wish.rows, round(tokens / width))), width)

    def _mixed(self, tokens: float) -> Shape:
        """Texts as they come in a part of a batch: of like length, but where nothing is filled up of any length. Each
        length is looked at by itself there, and many short calls take longer than a long one.
        """
        if not self._is_packed:
            return self._shape(self._usual, tokens)
        rows = max(1, min(self._wish.rows, round(tokens * len(self._ordered) / sum(self._ordered))))
        return Shape(tuple(self._quantile((row + 0.5) / rows) for row in reversed(range(rows))))

    def _quantile(self, part: float) -> int:
        return self._ordered[min(len(self._ordered) - 1, int(part * len(self._ordered)))]

    def _memory(
        self, sizes: list[tuple[float, float]], highest: list[int], more: float, expected: float
    ) -> Memory | None:
        """None where the system does not tell. ``more`` is what a training has beside what the probe had."""
        if not all(highest):
            return None
        fixed, token, pair = fitted(sizes, highest, expected)
        return Memory(max(0.0, fixed + more), token, pair)

    def _row(self) -> float:
        """Seconds of fetching a piece and putting it into a batch, without the stretching done here."""
        pieces, rows = self._trainer.train_dataset, min(SAMPLE, len(self._trainer.train_dataset))
        began = time.perf_counter()
        self._trainer.data_collator([pieces[place] for place in range(rows)])
        return (time.perf_counter() - began) / rows


def _least(
    ways: Sequence[Callable[..., object]], batch: list[Any], clock: Callable[[list[Any]], float], worth: float
) -> list[float]:
    """The least seconds of each way, tried in turns until it is clear which are so many times as fast as the first, or
    are not; the first try of each does not count.
    """
    times: list[list[float]] = [[] for _ in ways]
    for turn in range(1 + TURNS):
        for place, take in enumerate(ways):
            take()
            times[place].append(clock(batch))
        if turn and all(not 1 / CLEAR < times[0][-1] / (worth * one[-1]) < CLEAR for one in times[1:]):
            break
    return [min(one[1:]) for one in times]


def _laid(collate: Any) -> Laid:
    """How the batches are laid out: see ``core.training.batching``."""
    if not isinstance(collate, Splitting) or collate.why_whole is not None:
        return "whole"
    return "packed" if collate.is_packed else "parts"


def _size(shape: Shape, written: float, more: float) -> tuple[float, float]:
    """(tokens, pairs) of a shape; a token that is written, ``written`` of which go with each that is read, counts
    ``more`` times.
    """
    pairs = shape.pairs * (1 + written * (1 + written))
    return shape.tokens * (1 + more * written), pairs
