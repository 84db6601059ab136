"""Keeping runs by themselves: for those who have turned it on, each run that gets through from then on.

It lasts as long as the sign-in that it was turned on with: who asks is in memory only, so after a restart of the app it
is off until somebody turns it on again.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from core import home, runs
from core.errors import StudioError
from core.hub.identity import Identity, asking_as, current
from core.keeping.record import has_begun, is_kept_now, keep
from core.publishing.publications import need_somebody
from core.resting import state_of

LOOK_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass
class _Wish:
    asker: Identity
    seen: set[str] = field(default_factory=set)
    """Runs that were over when it was turned on, or that were kept or tried since: each is tried once."""


class Automatic:
    """Who has turned it on, by their home. Safe to ask from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wishes: dict[Path, _Wish] = {}
        self._thread: threading.Thread | None = None

    def turn_on(self) -> None:
        """Keep what gets through from now on, as whoever asks now. Raises ``HubError`` where nobody is signed in."""
        need_somebody()
        over = {run.id for run in runs.all_runs() if state_of(run).is_over}
        with self._lock:
            self._wishes[home.home()] = _Wish(current(), over)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="keeping", daemon=True)
                self._thread.start()

    def turn_off(self) -> None:
        """Keep nothing more by itself."""
        with self._lock:
            self._wishes.pop(home.home(), None)

    def is_on(self) -> bool:
        """Whether it is on, here and for whoever asks now: another sign-in does not go on with an earlier one's."""
        with self._lock:
            wish = self._wishes.get(home.home())
        return wish is not None and wish.asker.key == current().key

    def look(self) -> None:
        """Begin to keep what got through since the last look. What is wrong in one run, or in one home, keeps no other
        from being kept.
        """
        with self._lock:
            wishes = dict(self._wishes)
        for place, wish in wishes.items():
            with asking_as(wish.asker), home.living_in(place):
                if wish.asker.expires is not None and wish.asker.expires < time.time():
                    self.turn_off()
                    continue
                try:
                    self._keep_all(wish)
                except OSError:
                    log.exception("the runs in %s are looked at again", place)

    def _keep_all(self, wish: _Wish) -> None:
        for run in runs.all_runs():
            if run.id in wish.seen or not state_of(run).is_over:
                continue
            wish.seen.add(run.id)
            try:
                if has_begun(run) and not is_kept_now(run):
                    keep(run)
            except (StudioError, OSError, ValueError, TypeError) as exc:
                # Somebody keeps it at this moment, or has deleted it; or its note of where it is kept is damaged.
                log.warning("%s is not kept by itself: %s", run.id, exc)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                if not self._wishes:
                    self._thread = None
                    return
            self.look()


AUTOMATIC = Automatic()
