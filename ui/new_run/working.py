"""Work that takes a while, done beside the page: how far it is, how long it will go on, and its end on demand."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.data.types import Progress
from core.errors import StudioError
from core.hub.identity import carried
from ui.languages import tr

T = TypeVar("T")

PACE = 0.4
"""Seconds between two pictures of the progress."""
TELLING = 3.0
"""Seconds after which the time that is left can be told from the time that is gone."""


class Stopped(StudioError):
    """Somebody wanted the work to end."""

    def __init__(self) -> None:
        super().__init__(tr("It was stopped."), tr("Nothing was changed."))


@dataclass(frozen=True)
class Tick:
    """How far the work is: a fraction of 0 to 1, words for what goes on, and seconds left (None: not known)."""

    done: float = 0.0
    words: str = ""
    left: float | None = None


class Work(Generic[T]):
    """One piece of work. ``ticks`` does it in a thread of its own; after that, ``result`` has what it gave."""

    def __init__(self, do: Callable[[Progress], T]) -> None:
        self._do = do
        self._news: queue.Queue[Tick | None] = queue.Queue()
        self._stopped = threading.Event()
        self._given: list[T] = []
        self._raised: BaseException | None = None
        self.is_forgotten = False
        """Whether it was stopped because the page has turned to something else."""

    def stop(self) -> None:
        """End it at its next word about its progress; whoever watches goes on at once."""
        self._stopped.set()
        self._news.put(None)

    def forget(self) -> None:
        """Stop it, for nobody waits for it any more."""
        self.is_forgotten = True
        self.stop()

    def ticks(self) -> Generator[Tick, None, None]:
        """How far it is, now and then, until it is over. Who closes this stops the work."""
        begun, tick = time.monotonic(), Tick()
        threading.Thread(target=carried(self._run), daemon=True).start()
        try:
            while True:
                news = self._newest(tick)
                if news is None:
                    return
                tick = news
                yield Tick(tick.done, tick.words, left(tick.done, time.monotonic() - begun))
        finally:
            if not self.is_over:
                self._stopped.set()

    @property
    def is_over(self) -> bool:
        return bool(self._given) or self._raised is not None

    @property
    def result(self) -> T:
        """What it gave. Raises what it raised, and ``Stopped`` where it was stopped before its end."""
        if self._raised is not None:
            raise self._raised
        if not self._given:
            raise Stopped
        return self._given[0]

    def _newest(self, before: Tick) -> Tick | None:
        """The last news after a moment of waiting; what was known before when there is none."""
        deadline, newest = time.monotonic() + PACE, before
        while (wait := deadline - time.monotonic()) > 0:
            try:
                news = self._news.get(timeout=wait)
            except queue.Empty:
                break
            if news is None:
                return None
            newest = news
        return newest

    def _run(self) -> None:
        try:
            self._given.append(self._do(self._hear))
        except BaseException as exc:  # raised again by ``result``, in front of whoever waits for it
            self._raised = exc
        self._news.put(None)

    def _hear(self, done: float, words: str) -> None:
        if self._stopped.is_set():
            raise Stopped
        self._news.put(Tick(done, words))


def left(done: float, gone: float) -> float | None:
    """Seconds until the end, were all of the work as fast as what is done; None while that tells nothing."""
    return gone / done * (1 - done) if gone > TELLING and done > 0.02 else None


class Desk:
    """What is being worked on at this moment, by the session of the page. A page does one thing at a time."""

    def __init__(self) -> None:
        self._now: dict[str, Work[object]] = {}

    @contextmanager
    def holds(self, session: str | None, work: Work[T]) -> Iterator[Work[T]]:
        """Within this, ``stop(session)`` ends the work; what was begun before in the same page is ended now."""
        key = session or ""
        if before := self._now.get(key):
            before.forget()
        self._now[key] = work  # type: ignore[assignment]
        try:
            yield work
        finally:
            if self._now.get(key) is work:
                del self._now[key]

    def stop(self, session: str | None) -> None:
        """End what this session waits for, if there is anything."""
        if work := self._now.get(session or ""):
            work.stop()

    def forget(self, session: str | None) -> None:
        """This session has turned to something else: what it waited for says nothing any more."""
        if work := self._now.get(session or ""):
            work.forget()
