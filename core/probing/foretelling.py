"""What a training will take, by what a probe has found: batches are cut as the run will cut them, and added up.

Asked before a start as well, so without torch.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from core.config import TrainingConfig
from core.probing.found import Probed
from core.training.batching.planning import parts_of
from core.training.steps import rows_a_step, steps_an_epoch, steps_in_all

FEWEST = 400
"""Texts that are cut into batches to tell what a text takes; fewer are drawn several times."""
SLACK = 1.12
"""What is free between pieces of unequal size cannot be used: memory is taken beyond what lies in it."""


@dataclass(frozen=True)
class Foretold:
    """Seconds of an epoch, of one check and of the whole training with its checks; bytes at the highest, None where
    that is not known.
    """

    epoch_s: float
    check_s: float
    training_s: float
    highest_bytes: int | None

    def at(self, share: float) -> Foretold:
        """The same where the processor gives only this share of its time."""
        return replace(
            self, epoch_s=self.epoch_s / share, check_s=self.check_s / share, training_s=self.training_s / share
        )


@dataclass(frozen=True)
class Part:
    """What is computed at once: its tokens, padding included, and the pairs of them that look at each other."""

    tokens: float
    pairs: float


def foretold(
    found: Probed,
    training: TrainingConfig,
    lengths: Sequence[int],
    rows: int,
    checked: int,
    max_steps: int | None = None,
) -> Foretold:
    """What learning from ``rows`` pieces takes, of which ``lengths`` (in tokens) are a sample, and checking on
    ``checked`` pieces each time. A stream ends after ``max_steps``.
    """
    known = [max(1, min(length, training.max_length)) for length in lengths] or [training.max_length]
    tokens = rows * sum(known) / len(known)
    together = max(1, round(rows_a_step(training, rows, tokens)))
    drawn = _drawn(training, known, together)
    parts = list(_parts(found, training, drawn, together))
    learning = sum(found.cost.call + _share(found, part) for part in parts) / len(drawn) + found.row
    a_step = steps_an_epoch(training, rows, tokens)
    steps = max_steps or steps_in_all(training, rows, tokens)
    epoch = rows * learning + a_step * found.correction
    check = answering(found, known, checked)
    highest = None
    if (memory := found.memory) is not None:
        highest = max(memory.fixed + memory.token * one.tokens + memory.pair * one.pairs for one in parts)
    return Foretold(
        epoch_s=epoch,
        check_s=check,
        training_s=epoch * steps / a_step + check * _checks(training, steps, a_step),
        highest_bytes=None if highest is None else round(SLACK * highest),
    )


def answering(found: Probed, lengths: Sequence[int], rows: int) -> float:
    """Seconds to answer ``rows`` texts: they come sorted by length and many at once, so that hardly anything is padding
    and calls hardly count.
    """
    each = sum(_share(found, _one(found, length)) for length in lengths) / max(1, len(lengths))
    return rows * (found.forward * each + found.row)


def _checks(training: TrainingConfig, steps: int, steps_an_epoch: int) -> int:
    if training.eval_strategy == "no":
        return 0
    return ceil(steps / steps_an_epoch) if training.eval_strategy == "epoch" else steps // training.eval_steps


def _share(found: Probed, part: Part) -> float:
    """Seconds of a part without the call."""
    return found.cost.token * part.tokens + found.cost.pair * part.pairs


def _drawn(training: TrainingConfig, lengths: Sequence[int], together: int) -> list[int]:
    """Lengths in an order like that of the run, of several corrections of so many texts ``together``."""
    drawn = list(lengths) * ceil(max(FEWEST, 2 * together) / len(lengths))
    if training.train_sampling_strategy == "group_by_length":
        return sorted(drawn, reverse=True)
    random.Random(0).shuffle(drawn)
    return drawn


def _parts(found: Probed, training: TrainingConfig, drawn: Sequence[int], together: int) -> Iterator[Part]:
    batch = training.per_device_train_batch_size
    size = min(batch, together) if found.laid == "whole" else together
    for start in range(0, len(drawn), size):
        lengths = drawn[start : start + size]
        if found.laid == "packed":
            yield from _packed(found, lengths, batch * max(lengths))
            continue
        whole = found.laid == "whole"
        cut = [list(range(len(lengths)))] if whole else parts_of(lengths, found.cutting, batch * max(lengths))
        for places in cut:
            one = _one(found, max(lengths[place] for place in places))
            yield Part(one.tokens * len(places), one.pairs * len(places))


def _packed(found: Probed, lengths: Sequence[int], most: int) -> Iterator[Part]:
    """Texts end to end, about alike in each part: see ``core.training.batching.packing``."""
    each = [_one(found, length) for length in lengths]
    tokens, pairs = sum(one.tokens for one in each), sum(one.pairs for one in each)
    count = ceil(tokens / max(max(lengths), min(most, found.packed_tokens or most)))
    yield from [Part(tokens / count, pairs / count)] * count


def _one(found: Probed, width: int) -> Part:
    """A text of so many tokens, with what is written from it: as ``core.probing.probe`` measures it."""
    written, more = found.written * width, found.cost.written / (found.cost.token or 1.0)
    return Part(width + more * written, width**2 + written * (width + written))
