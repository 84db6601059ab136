"""The processes that train one run together: which is the first, and how they agree.

The first one decides, writes and reports; what it decides by looking at the folder or at the clock has to be the same
for all, or they would wait for each other for ever. With one process all of this is nothing, and costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from core.events import Event

T = TypeVar("T")

LONGEST_REST = timedelta(days=365)
"""A pause has no end of its own. One that has died is noticed at once: its connections close."""


_is_alone = False


def count() -> int:
    """How many processes there are, as long as they go together."""
    return 1 if _is_alone else int(os.environ.get("WORLD_SIZE", "1"))


def number() -> int:
    """Which one this is, from 0."""
    return int(os.environ.get("RANK", "0")) if count() > 1 else 0


def leads() -> bool:
    """Whether this is the first, or the only one."""
    return number() == 0


def join() -> None:
    """Meet the others. Whatever is agreed upon later waits for nobody who is not there."""
    if count() > 1:
        _talk()


@cache
def _talk() -> Any:
    """A group for agreements alone, whose patience is that of a person and not of a GPU."""
    import torch
    from torch import distributed

    if not distributed.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        distributed.init_process_group(backend, timeout=timedelta(hours=1))
    return distributed.new_group(backend="gloo", timeout=LONGEST_REST)


def agree(value: T) -> T:
    """The same for all: what the first has."""
    if count() == 1:
        return value
    from torch import distributed

    held = [value]
    distributed.broadcast_object_list(held, src=0, group=_talk())
    return held[0]


def gathered(value: T) -> list[T] | None:
    """What all have, in their order, for the first; None for the others."""
    if count() == 1:
        return [value]
    from torch import distributed

    found: list[Any] | None = [None] * count() if leads() else None
    distributed.gather_object(value, found, dst=0, group=_talk())
    return found


def highest(values: list[int]) -> list[int]:
    """The highest of all processes, place by place: cheap enough for each step."""
    if count() == 1:
        return values
    import torch
    from torch import distributed

    held = torch.tensor(values)
    distributed.all_reduce(held, distributed.ReduceOp.MAX, group=_talk())
    return [int(one) for one in held]


def part() -> bool:
    """The work of all is done: the first goes on alone, the others go home. Whether this is the first."""
    global _is_alone
    first = leads()
    wait()
    _is_alone = True
    return first


def wait() -> None:
    """Go on when all are here."""
    if count() > 1:
        from torch import distributed

        distributed.barrier(group=_talk())


@contextmanager
def first_alone() -> Iterator[None]:
    """What is inside is done by the first before the others: they find what it has made, in a cache or a folder."""
    first = leads()
    if not first:
        wait()
    yield
    if first:
        wait()


class Silent:
    """The event log of those who are not the first."""

    def append(self, event: Event) -> None:
        """Nobody writes but the first."""

    def close(self) -> None: ...
