"""The thread that looks after what visitors of a demo have made: it stops what takes too long, and removes what is old.

It keeps nothing that the folders do not say.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core import ceilings, events, home, orders
from core.demo import keeping
from core.demo.bounds import instead
from core.runs import Run, State
from core.said import said, together

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks."""
GRACE = 120.0
"""Seconds that a training which was stopped has left to keep its model and to have it judged."""


class Sweeper:
    """``forget`` is told of each run that is removed; ``clock`` says the time, in seconds since the epoch."""

    def __init__(self, forget: Callable[[Run], None], clock: Callable[[], float] = time.time) -> None:
        self._forget = forget
        self._clock = clock
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * keeping.PATIENCE)

    def look(self) -> None:
        """Stop what has gone on for too long, and remove what was kept for long enough."""
        now = self._clock()
        for place in keeping.guests():
            until = keeping.until(place)
            if keeping.is_left(place, now) or (until is not None and until <= now):
                keeping.remove(place, self._forget)
            else:
                _bound(place, now)
        keeping.clear(home.shared_temp_dir(), now - 60 * ceilings.most("keep"))

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_EVERY):
            try:
                self.look()
            except Exception:
                # A folder that goes at this moment must not end the looking for good.
                log.exception("the sweeper will look again")


def _bound(place: Path, now: float) -> None:
    """Stop a visitor's training that has had its minutes, or that fills the disk."""
    for run in keeping.runs_of(place):
        begun = _begun(run) if run.state is State.RUNNING else None
        if begun is None:
            continue
        late = now - begun - 60 * ceilings.most("minutes")
        if late > GRACE:
            keeping.end(run)
        elif not run.stop_path.exists():
            if late > 0:
                why = said("A demo gives {minutes} minutes to a training.", minutes=ceilings.in_words("minutes"))
                orders.stop(run, "best", together(why, instead()))
            elif keeping.used(place) > ceilings.most("home"):
                why = said("A demo gives each visitor {room} of the disk.", room=ceilings.in_words("home"))
                orders.stop(run, "best", together(why, instead()))


def _begun(run: Run) -> float | None:
    """When its worker began, in seconds since the epoch; None where it says nothing yet."""
    started = events.last(run.events_path, events.Started)
    return started.time if started is not None else None
