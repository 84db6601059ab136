"""What has happened in the run of a trial, read as it grows: its checks, its end, and how long it has been at work."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from core import events, runs
from core.errors import RunError

REMEMBERED = 1000
"""Runs whose past is kept in memory."""
PER_EPOCH = 1000
"""Progress is counted in thousandths of an epoch, for batches of different sizes make steps that cannot be compared."""


@dataclass(frozen=True)
class Check:
    """What was measured on the validation part, at a step."""

    step: int
    progress: int
    metrics: dict[str, float | None]


@dataclass
class Past:
    """The events of a run so far. ``read`` takes in what is new, at a cost that does not grow with the run."""

    path: Path
    offset: int = 0
    total_steps: int = 0
    newest_step: int = 0
    seconds_left: float | None = None
    """Of its training, as it said itself."""
    checks: list[Check] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)
    """Begin and newest event of each time that a worker took it up, in seconds since the epoch."""
    failure: str = ""
    _is_stream: bool = False

    def read(self) -> Past:
        """Take in what was written since; returns itself."""
        news, self.offset = events.read(self.path, self.offset)
        for event in news:
            self._take(event)
        return self

    @property
    def seconds(self) -> float:
        """How long workers have been at it, judging included."""
        return sum(end - begin for begin, end in self.times)

    def measured(self, metric: str) -> list[tuple[int, float]]:
        """(progress, value) of each check that gave a number."""
        found = [(check.progress, check.metrics.get(metric)) for check in self.checks]
        return [(progress, value) for progress, value in found if value is not None]

    def _take(self, event: events.Event) -> None:
        if isinstance(event, events.Started):
            self.times.append((event.time, event.time))
            self.checks = [check for check in self.checks if check.step <= (event.resumed_from_step or 0)]
            self.failure = ""
        elif self.times:
            self.times[-1] = (self.times[-1][0], max(self.times[-1][1], event.time))
        match event:
            case events.Planned():
                self.total_steps = event.total_steps
                self._is_stream = not event.num_train_epochs
            case events.Evaluated():
                self.checks.append(Check(event.step, self._progress(event), event.metrics))
                self.newest_step = event.step
            case events.Stepped():
                self.newest_step, self.seconds_left = event.step, event.eta_s
            case events.Failed():
                self.failure = event.title

    def _progress(self, event: events.Evaluated) -> int:
        # Nobody knows how long an epoch of a stream is.
        share = event.step / max(1, self.total_steps) if self._is_stream else event.epoch
        return round(PER_EPOCH * share)


def spent(times: list[tuple[float, float]]) -> float:
    """Seconds in which at least one of several workers was at it."""
    total, until = 0.0, float("-inf")
    for begin, end in sorted(times):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


_pasts: OrderedDict[Path, Past] = OrderedDict()
_lock = threading.Lock()


def past_of(run_id: str) -> Past | None:
    """What has happened in a run up to now; None where it is not there any more."""
    try:
        path = runs.find(run_id).events_path
    except RunError:
        return None
    with _lock:
        past = _pasts.pop(path, None)
        if past is None or events.size(path) < past.offset:  # another file has taken this one's place
            past = Past(path)
        _pasts[path] = past
        if len(_pasts) > REMEMBERED:
            _pasts.popitem(last=False)
        return past.read()
