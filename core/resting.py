"""Runs that are over stay as they are: what was read of one counts until something in its folder changes.

Looking at a thousand runs then costs a few looks at each folder, and no file is read again. What goes on, waits or has
changed within the last moments is always read anew.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from core.runs import Run, State

What = TypeVar("What")
Stamp = tuple[int, ...]
"""When the folder of a run and its files changed, in nanoseconds since the epoch, and how long its events are."""

SETTLES = 2_000_000_000
"""Nanoseconds. File systems count time in steps, of up to two seconds: a second change within a step does not show."""
MOST = 5000
"""Runs. Those of a public demo come and go for as long as it is open."""
_FILES = ("", "config.yaml", "events.jsonl", "report.json")
"""The folder itself changes with each file that is made, renamed or deleted in it; a file that grows changes alone."""


def stamp_of(run: Run) -> Stamp:
    """Equal while nothing has changed in the run's folder."""
    found = []
    for name in _FILES:
        try:
            status = os.stat(f"{run.path}/{name}")  # noqa: PTH116  (many a second)
        except FileNotFoundError:
            found += [0, 0]
        else:
            found += [status.st_mtime_ns, status.st_size]
    return tuple(found)


class Remembered(Generic[What]):
    """What ``read`` says of runs, kept of the last ``MOST`` for which ``is_over`` says that it is final."""

    def __init__(self, read: Callable[[Run], What], is_over: Callable[[What], bool]) -> None:
        self._read = read
        self._is_over = is_over
        self.known: dict[Path, tuple[Stamp, What]] = {}
        self._lock = threading.Lock()

    def __call__(self, run: Run) -> What:
        stamp = stamp_of(run)
        known = self.known.get(run.path)
        if known is not None and known[0] == stamp:
            return known[1]
        said = self._read(run)
        if self._is_over(said) and max(stamp[::2]) < time.time_ns() - SETTLES:
            self._keep(run.path, (stamp, said))
        else:
            self._keep(run.path, None)
        return said

    def _keep(self, path: Path, entry: tuple[Stamp, What] | None) -> None:
        with self._lock:
            self.known.pop(path, None)
            if entry is not None:
                self.known[path] = entry
            if len(self.known) > MOST:
                del self.known[next(iter(self.known))]


state_of: Remembered[State] = Remembered(lambda run: run.state, lambda state: state.is_over)
"""What a run is doing now."""
