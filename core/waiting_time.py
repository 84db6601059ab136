"""When a run that waits is likely to begin: from what goes on, and from what was reckoned of the runs before it."""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence

from core import events, machine, orders
from core.people.quotas import held_back
from core.resting import state_of
from core.runs import Run, State, everyones_runs, write_atomically
from core.said import said
from core.said_times import about

_FILE = "expected"
"""In a run's folder: seconds that it was reckoned to take, when it was queued behind others."""
_PLACES = (
    "first in the queue",
    "second in the queue",
    "third in the queue",
    "fourth in the queue",
    "fifth in the queue",
    "sixth in the queue",
    "seventh in the queue",
    "eighth in the queue",
    "ninth in the queue",
    "tenth in the queue",
)


def expect(run: Run, seconds: float) -> None:
    """Note how long a run that waits will take."""
    write_atomically(run.path / _FILE, f"{seconds:.0f}")


def until_each(queued: Sequence[Run]) -> list[float | None]:
    """Seconds until each of these begins, which are all that wait, the next one first. None where that cannot be told:
    nothing is known of a run before it.
    """
    ends: list[float] = []
    for run in everyones_runs():
        if state_of(run) is State.RUNNING:
            left = _left(run)
            if left is None:
                return [None] * len(queued)
            ends.append(left)
    ends += [0.0] * (len(machine.devices()) - len(ends))
    heapq.heapify(ends)
    begins: list[float | None] = []
    for run in queued:
        begin = heapq.heappop(ends) if ends else None
        begins.append(begin)
        takes = _expected(run)
        if begin is None or takes is None:
            ends = []  # who comes after it cannot be told
        else:
            heapq.heappush(ends, begin + takes)
    return begins


def standing(place: int | None, seconds: float | None, why: str = "") -> str:
    """``third in the queue, about 20 minutes``; empty for what does not wait. ``why``: what holds it back, though a
    device may be free.
    """
    if place is None:
        return ""
    where = said(_PLACES[place - 1]) if place <= len(_PLACES) else said("number {place} in the queue", place=str(place))
    if why:
        return said("{where}; {why}", where=where, why=why)
    return said("{where}, {time}", where=where, time=about(seconds)) if seconds else where


def standings(queued: Sequence[Run]) -> list[str]:
    """These words for each of all that wait."""
    going = [run.path for run in everyones_runs() if state_of(run) is State.RUNNING]
    times = enumerate(until_each(queued), start=1)
    return [
        standing(number, seconds, held_back(run, going)) for run, (number, seconds) in zip(queued, times, strict=True)
    ]


def _left(run: Run) -> float | None:
    """Seconds until a run that goes on ends; None where that cannot be told, as of one that rests."""
    if orders.is_resting(run):
        return None
    newest = events.last(run.events_path, events.Stepped)
    if isinstance(newest, events.Stepped) and newest.eta_s is not None:
        return max(0.0, newest.time + newest.eta_s - time.time())
    expected, begun = _expected(run), events.last(run.events_path)
    return None if expected is None or begun is None else max(0.0, begun.time + expected - time.time())


def _expected(run: Run) -> float | None:
    try:
        return float((run.path / _FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
