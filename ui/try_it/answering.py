"""One question put to several models at the same time, and stopped when the person wants that."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from core.hub.identity import carried
from core.studio import Studio
from core.tasks import TASKS
from ui.try_it.seats import Seat

TICK = 1.0
"""Seconds between two looks when nothing comes. A page that was closed is noticed at a look, and at no other time."""

PACE = 0.15
"""Seconds between two pictures of a growing answer: a slow browser must have time left for the Stop button."""

Records = Generator[Mapping[str, Any], None, None]


@dataclass(frozen=True)
class Said:
    """What one model has said so far. ``is_over``: nothing more will come, be it whole, stopped or failed."""

    record: Mapping[str, Any] | None = None
    problem: Exception | None = None
    is_over: bool = False
    was_stopped: bool = False


def answer(studio: Studio, seat: Seat, question: Mapping[str, str], knobs: Mapping[str, Any]) -> Records:
    """The records of one model's answer: growing where its task writes, else the one whole answer."""
    if TASKS[studio.config(seat.run).task].write is None:
        yield studio.predict(seat.run, question, seat.untrained)
        return
    yield from studio.write(seat.run, question, knobs, seat.untrained)


class Answering:
    """Several sources of records, read at the same time, each in a thread of its own.

    A source is closed in the thread that reads it, so that whoever watches never waits for a model.
    """

    def __init__(self, sources: Sequence[Callable[[], Records]]) -> None:
        self._sources = sources
        self._news: queue.Queue[tuple[int, Said] | None] = queue.Queue()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the answers where they are."""
        self._stopped.set()
        self._news.put(None)

    def watch(self) -> Iterator[list[Said]]:
        """What each has said so far: at first nothing, then whenever there is more, and now and then when not."""
        said = [Said() for _ in self._sources]
        for place, source in enumerate(self._sources):
            threading.Thread(target=carried(self._read), args=(place, source), daemon=True).start()
        try:
            yield list(said)
            while not all(one.is_over for one in said):
                self._take_in(said)
                if self._stopped.is_set():
                    said = [one if one.is_over else replace(one, is_over=True, was_stopped=True) for one in said]
                yield list(said)
        finally:
            self._stopped.set()

    def _take_in(self, said: list[Said]) -> None:
        """Wait for news, and take in all there are for a moment, unless all has been said before that is over."""
        try:
            news = self._news.get(timeout=TICK)
            until = time.monotonic() + PACE
            while news:
                place, said[place] = news
                if all(one.is_over for one in said):
                    return
                news = self._news.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return

    def _read(self, place: int, source: Callable[[], Records]) -> None:
        said = Said()
        try:
            with closing(source()) as records:
                for record in records:
                    said = Said(record)
                    self._news.put((place, said))
                    if self._stopped.is_set():
                        return
        except Exception as exc:  # it is explained where the answer would stand
            said = replace(said, problem=exc)
        self._news.put((place, replace(said, is_over=True)))


class Stops:
    """Who is being answered at this moment, by the session of their page."""

    def __init__(self) -> None:
        self._now: dict[str, Answering] = {}

    @contextmanager
    def may_stop(self, session: str | None, answering: Answering) -> Iterator[None]:
        """Within this, ``stop(session)`` ends the answering."""
        key = session or ""
        self._now[key] = answering
        try:
            yield
        finally:
            if self._now.get(key) is answering:
                del self._now[key]

    def stop(self, session: str | None) -> None:
        """End what is being answered to this session, if anything is."""
        if answering := self._now.get(session or ""):
            answering.stop()
