"""Who is signed in, by the name in their cookie: in memory, until they sign out or stay away for long."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable

from core.people.types import Person

IDLE_SECONDS = 12 * 3600.0
MOST = 10_000
"""So many are kept at once; who was not seen for longest goes first."""


class Sessions:
    """Only a hash of what a browser shows is kept."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Person, float]] = {}

    def begin(self, person: Person) -> str:
        """Somebody has signed in. Returns what their browser is to show from now on; nobody can guess it."""
        shown = secrets.token_urlsafe(32)
        with self._lock:
            self._sweep(room_for=1)
            self._kept[_mark(shown)] = person, self._clock()
        return shown

    def of(self, shown: str) -> Person | None:
        """Who this is, or None. Being asked for counts as being there."""
        mark = _mark(shown)
        with self._lock:
            self._sweep()
            found = self._kept.pop(mark, None)
            if found is None:
                return None
            self._kept[mark] = found[0], self._clock()  # whoever was seen last stands last
            return found[0]

    def end(self, shown: str) -> None:
        """They have signed out."""
        with self._lock:
            self._kept.pop(_mark(shown), None)

    def end_all(self, person: Person) -> None:
        """Sign somebody out wherever they are."""
        with self._lock:
            for mark in [mark for mark, (known, _) in self._kept.items() if known.key == person.key]:
                del self._kept[mark]

    def last_seen(self) -> dict[str, float]:
        """Seconds since each person was last there, by their keys."""
        now = self._clock()
        with self._lock:
            return {person.key: now - seen for person, seen in self._kept.values()}

    def _sweep(self, room_for: int = 0) -> None:
        now = self._clock()
        for mark, (_, seen) in list(self._kept.items()):
            if now - seen <= self._idle_seconds and len(self._kept) + room_for <= MOST:
                return
            del self._kept[mark]


def _mark(shown: str) -> str:
    return hashlib.blake2b(shown.encode("utf-8", "replace"), digest_size=16, person=b"session").hexdigest()
