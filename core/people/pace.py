"""How fast somebody may ask: a bucket that fills by itself, and from which each request takes.

Whoever asks as people do never sees its bottom; whoever asks without end waits, and nobody else waits with them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

BURST_SECONDS = 15.0
"""So much of the pace may be used at once: a page asks for many things as it opens."""
MOST = 10_000
"""Buckets that are kept in mind; one that was quiet for longest goes first. It is full again by then."""


@dataclass(frozen=True)
class _Bucket:
    left: float
    at: float


class Pace:
    """Buckets by the marks of those who ask. ``a_minute`` says how many requests each may make; it is asked each time,
    so that it can change. Kept in memory.
    """

    def __init__(self, a_minute: Callable[[], float], clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute = a_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}

    def take(self, mark: str, cost: float = 1.0) -> float:
        """Seconds until ``mark`` may ask; 0 where it may ask now, which counts ``cost`` requests."""
        a_second = self._a_minute() / 60
        size, now = max(cost, a_second * BURST_SECONDS), self._clock()
        with self._lock:
            before = self._buckets.pop(mark, _Bucket(size, now))
            left = min(size, before.left + (now - before.at) * a_second)
            wait = max(0.0, (cost - left) / a_second)
            self._buckets[mark] = _Bucket(left if wait else left - cost, now)
            while len(self._buckets) > MOST:
                del self._buckets[next(iter(self._buckets))]
        return wait
