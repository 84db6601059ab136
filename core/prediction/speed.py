"""How far a table is answered, in words: rows, rows a second, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.said import Figures, said
from core.said_times import about

SECONDS_TO_TELL = 2.0
"""Before that, a speed says little."""


class Speed:
    """Measures from the first rows on, so that loading the model does not count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: tuple[float, int] | None = None

    def words(self, done: int, total: int) -> str:
        """``1,200 of 100,000 rows answered, 85 rows a second, about 19 minutes left``."""
        answered = said("{done} of {total} rows answered", done=done, total=total)
        now = self._clock()
        began, first = self._began = self._began or (now, done)
        if done >= total or done <= first or now - began < SECONDS_TO_TELL:
            return answered
        speed = (done - first) / (now - began)
        left = about((total - done) / speed)
        return said("{answered}, {speed}, {time} left", answered=answered, speed=in_words(speed), time=left)


def in_words(speed: float) -> str:
    """``85 rows a second``, ``0.4 rows a second``."""
    return said("{number} rows a second", number=Figures(f"{speed:,.0f}" if speed >= 9.5 else f"{speed:.1f}"))
