"""How much each of several people has brought to pages of late: it lies on the disk until Gradio deletes it, outside of
their homes, so that what they have there does not tell.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core import ceilings, figures, home
from core.errors import OverLimit
from core.people import quotas
from core.said import Figures, said

KEPT_HOURS = 24
"""For so long Gradio keeps what was uploaded. In a demo it goes sooner."""
_AT_ONCE = 600.0
"""Seconds whose bytes are counted together."""


@dataclass(frozen=True)
class Bounds:
    """What may lie there of somebody, and for how long it does."""

    whose: Path
    most: int
    seconds: float
    minutes: int = 0
    """The same as demos say it."""


_PERSON = "This file has no room. You brought {used} within a day, of {limit} that may come."
_VISITORS = (
    "This file has no room. Visitors of this demo brought {used} within {minutes} minutes, of {limit} that may come."
)


def bounds_of(place: Path) -> Bounds | None:
    """Those of whoever has this home; None of whoever has the app alone. Visitors of a demo have them together, since
    anybody can be as many of them as they like.
    """
    if home.is_visitors(place):
        minutes = ceilings.most("keep")
        return Bounds(place.parent, ceilings.most("home"), minutes * 60.0, minutes)
    if quotas.is_limited(place):
        return Bounds(place, quotas.most(quotas.DISK, place), KEPT_HOURS * 3600.0)
    return None


class Brought:
    """Kept in memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._bytes: dict[Path, dict[int, int]] = {}
        """Of each of them, by the ten minutes in which they came."""

    def take(self, bounds: Bounds, came: int, expected: int = 0) -> None:
        """Count bytes that came. Raises ``OverLimit`` where they, and those that are ``expected`` yet, are too many."""
        now = self._clock()
        with self._lock:
            known = self._bytes.get(bounds.whose, {})
            kept = {at: size for at, size in known.items() if now - (at + 1) * _AT_ONCE < bounds.seconds}
            kept[int(now // _AT_ONCE)] = kept.get(int(now // _AT_ONCE), 0) + came
            self._bytes[bounds.whose] = kept
            used = sum(kept.values())
        if used + expected > bounds.most:
            title = said(
                _VISITORS if bounds.minutes else _PERSON,
                used=Figures(figures.size(used)),
                minutes=bounds.minutes,
                limit=Figures(figures.size(bounds.most)),
            )
            raise OverLimit(title, said("Bring a smaller file, or come back later."))

    def give_back(self, bounds: Bounds, count: int) -> None:
        """So many of the bytes that came are gone already."""
        at = int(self._clock() // _AT_ONCE)
        with self._lock:
            kept = self._bytes[bounds.whose]
            kept[at] = kept.get(at, 0) - count
