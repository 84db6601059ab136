"""Work that is done one at a time, in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """A line of people. The first of it has the turn."""

    def __init__(self) -> None:
        self._line: deque[object] = deque()
        self._moved = threading.Condition()

    @contextmanager
    def take(self, on_wait: Callable[[int], None]) -> Iterator[None]:
        """Wait for the turn, and keep it for the length of the ``with`` block.

        ``on_wait`` hears how many come before, each time that changes; it is not called when nobody does.
        """
        place = object()
        with self._moved:
            self._line.append(place)
        try:
            before = self._wait(place, None)
            while before:
                on_wait(before)
                before = self._wait(place, before)
            yield
        finally:
            with self._moved:
                self._line.remove(place)
                self._moved.notify_all()

    def _wait(self, place: object, known: int | None) -> int:
        """How many come before, as soon as that is no longer ``known``."""
        with self._moved:
            self._moved.wait_for(lambda: self._line.index(place) != known)
            return self._line.index(place)
