"""Wrong passwords make the next try wait, longer each time: per name, and per address that tries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FREE, FREE_OF_ADDRESS = 3, 20
"""Wrong tries that cost nothing: people mistype, and many may share an address."""
FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
"""The wait doubles from the first to the longest: a name can be kept busy, but its owner is never locked out."""
FORGOTTEN_SECONDS = 900.0
MOST = 10_000
"""Names and addresses that are kept in mind; the one that was quiet for longest goes first."""


@dataclass(frozen=True)
class _Tries:
    wrong: int
    last: float


class Slowing:
    """How long whoever tries has to wait. Kept in memory."""

    def __init__(self, free: int = FREE, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = free
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: dict[str, _Tries] = {}

    def take(self, mark: str) -> float:
        """Seconds until ``mark`` may try; 0 where it may try now. That try counts as wrong until ``was_right`` is said,
        so that many at the same moment are many.
        """
        now = self._clock()
        with self._lock:
            if left := self._left(mark):
                return left
            before = self._tries.pop(mark, _Tries(0, now))
            is_old = now - before.last > FORGOTTEN_SECONDS
            self._tries[mark] = _Tries(1 if is_old else before.wrong + 1, now)
            while len(self._tries) > MOST:
                del self._tries[next(iter(self._tries))]
            return 0.0

    def was_right(self, mark: str) -> None:
        """The try has succeeded: what went before it is forgotten."""
        with self._lock:
            self._tries.pop(mark, None)

    def _left(self, mark: str) -> float:
        tries = self._tries.get(mark)
        if tries is None or tries.wrong < self._free:
            return 0.0
        pause = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(tries.wrong - self._free, 32))
        return max(0.0, tries.last + pause - self._clock())
