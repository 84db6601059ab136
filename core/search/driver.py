"""The background thread that drives searches: it asks for the next trial, starts its run, watches it, and tells what
came of it.

It keeps nothing that the journal and the folders of runs do not say: started again, it takes up the trials that run.
A search has one driver; another waits until that one is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from core import events, home, locks, runs
from core.config import RunConfig
from core.errors import OverLimit, RunError, StudioError
from core.hub.identity import FORGOTTEN, MACHINE, NOBODY, Identity, asking_as
from core.orders import Kept
from core.runs import Run, State
from core.search.budget import is_over, places
from core.search.past import Past, past_of
from core.search.searches import Search, all_searches
from core.search.space import trial_config

if TYPE_CHECKING:
    from core.search.study import Study
    from core.search.tried import Tried

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks when nobody wakes it."""
FIRST_LOOK = 3.0
"""Seconds after the start of the app: its pages come first."""
AHEAD = 30.0
"""Seconds before the end of a trial at which the worker of the next one is made ready: loading libraries takes long."""
LONGEST_PAUSE = 60.0
"""Seconds until a search that cannot be driven is tried again, at the most."""
CUT_OFF = "Tunesmith was ended before this trial could begin."
NO_CHECK = "It was stopped before its first check."
NO_NUMBER = "No check of it gave a number."
TWICE = "The training process was cut off twice."


class Door(Protocol):
    """What the driver asks of the studio."""

    def start(self, config: RunConfig) -> str: ...
    def stop(self, run_id: str, kept: Kept = "best") -> None: ...
    def again(self, run_id: str) -> None: ...
    def ready_for_next(self) -> None: ...


@dataclass(frozen=True)
class Trouble:
    """A search that could not be driven, and for how long it is left alone then."""

    pause: float = 1.0
    until: float = 0.0

    def grown(self) -> Trouble:
        return Trouble(min(2 * self.pause, LONGEST_PAUSE), time.monotonic() + self.pause)


class Driver:
    """Drives all searches of all homes, or only the one named. ``wake`` makes it look at once."""

    def __init__(self, door: Door, only: str | None = None) -> None:
        self._door = door
        self._only = only
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._locks: dict[Path, IO[bytes]] = {}
        """This and what follows is by the folder of the search."""
        self._at_rest: dict[Path, tuple[bool, int]] = {}
        self._troubled: dict[Path, Trouble] = {}
        self._studies: dict[Path, Study] = {}
        self._askers: dict[Path, Identity] = {}
        self._thread = threading.Thread(target=self._watch, name="searches", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self, search: Search | None = None, asker: Identity | None = None) -> None:
        """Look now: something changed. The trials of ``search`` ask the Hub as ``asker``, whose token stays here."""
        if search is not None and asker is not None:
            self._askers[search.path] = asker
        self._wake.set()

    def close(self) -> None:
        """Stop driving. Runs go on, and are taken up by the next driver."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        for lock in self._locks.values():
            lock.close()

    def _watch(self) -> None:
        pause = 0.0 if self._only else FIRST_LOOK
        while not self._closing.is_set():
            self._wake.wait(pause)
            self._wake.clear()
            pause = LOOK_EVERY
            if self._closing.is_set():
                return
            try:
                self.look()
            except OSError:
                log.exception("the searches cannot be read now")
                pause = LONGEST_PAUSE

    def look(self) -> None:
        """Bring every search up to what its runs say, and begin what may begin: in every home."""
        for place in home.everyones():
            with home.living_in(place):
                self._look_around()

    def _look_around(self) -> None:
        for search in all_searches():
            if self._only not in (None, search.id) or self._at_rest.get(search.path) == _signs(search):
                continue
            trouble = self._troubled.get(search.path, Trouble())
            if time.monotonic() < trouble.until:
                continue
            try:
                if self._is_ours(search):
                    self._advance(search)
                self._troubled.pop(search.path, None)
            except Exception:
                # A full disk, or a folder deleted at this moment, must not end all other searches.
                log.exception("the search %s will be tried again in %.0f s", search.id, trouble.pause)
                self._troubled[search.path] = trouble.grown()
                self._studies.pop(search.path, None)

    def _is_ours(self, search: Search) -> bool:
        """Whether this is the one driver of the search: another app or command may drive it already."""
        if search.path not in self._locks:
            lock = locks.acquire(search.lock_path, timeout=0)
            if lock is None:
                return False
            self._locks[search.path] = lock
        return True

    def _advance(self, search: Search) -> None:
        study = self._study(search)
        for trial in study.tried():
            if trial.state == "running":
                self._settle(search, study, trial)
        tried = study.tried()
        while not search.is_stopped and not is_over(search, tried):
            if sum(trial.state == "running" for trial in tried) >= places():
                return
            asked = study.ask()
            if asked is None:
                break
            self._begin(search, study, asked)
            tried = study.tried()
        if not any(trial.state == "running" for trial in tried):
            self._at_rest[search.path] = _signs(search)

    def _study(self, search: Search) -> Study:
        from core.search.study import Study

        if search.path not in self._studies:
            self._studies[search.path] = Study(search.journal_path, search.config)
        return self._studies[search.path]

    def _begin(self, search: Search, study: Study, trial: Tried) -> None:
        """Start the run of a trial. A config that its values make impossible is a trial that failed."""
        config = search.config
        try:
            wanted = trial_config(
                config.base, config.space, trial.params, kind="trial", search=search.id, trial=trial.number
            )
            with asking_as(self._asker(search)):
                run_id = self._door.start(wanted)
        except OverLimit as exc:  # the next trials would fare no better: it can go on when there is room again
            study.fail(trial.number, f"The search was stopped. {exc}", void=True)
            search.stop_path.touch()
            return
        except StudioError as exc:
            study.fail(trial.number, exc.title)
            return
        study.note(trial.number, "run", run_id)

    def _asker(self, search: Search) -> Identity:
        """As whom a search asks the Hub: a token is known only to the app that it was given to."""
        if search.path in self._askers:
            return self._askers[search.path]
        try:
            kind = search.asker_path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return MACHINE
        return NOBODY if kind == NOBODY.kind else FORGOTTEN

    def _settle(self, search: Search, study: Study, trial: Tried) -> None:
        """Bring a trial that has no end yet up to what its run says."""
        run = self._run_of(search, study, trial)
        if run is None:
            return
        state = run.state
        past = past_of(run.id)  # after the state: what is over has no more to say
        if past is None:
            return
        is_new = self._report(study, trial, past)
        if state in (State.QUEUED, State.RUNNING):
            self._steer(search, study, trial, run, past, is_new)
        elif state is State.INTERRUPTED and not search.is_stopped and "again" not in trial.notes:
            study.note(trial.number, "again", True)
            self._door.again(run.id)
        else:
            self._end(study, trial, state, past)

    def _run_of(self, search: Search, study: Study, trial: Tried) -> Run | None:
        """The run of a trial. One that was started by a driver that was killed at once is found by its origin."""
        try:
            if "run" in trial.notes:
                return runs.find(trial.notes["run"])
        except RunError:
            study.fail(trial.number, "Its run was deleted.", void=True)
            return None
        mine = (search.id, trial.number)
        for run in runs.all_runs():
            if _origin(run) == mine:
                study.note(trial.number, "run", run.id)
                return run
        if search.is_stopped or not study.is_whole(trial):
            study.fail(trial.number, CUT_OFF, void=True)
        else:
            self._begin(search, study, trial)
        return None

    def _report(self, study: Study, trial: Tried, past: Past) -> bool:
        """Write down the checks that are new; returns whether there were any."""
        new = [one for one in past.measured(study.metric) if one[0] not in trial.reported]
        for progress, value in new:
            study.report(trial.number, progress, value)
        return bool(new)

    def _steer(self, search: Search, study: Study, trial: Tried, run: Run, past: Past, is_new: bool) -> None:
        """Let it go on, unless the search was stopped or the trial falls behind. Its last check is its result."""
        if run.stop_path.exists():
            return
        if search.is_stopped or trial.notes.get("behind"):
            self._stop(run)
            return
        if past.seconds_left is not None and past.seconds_left < AHEAD:
            self._door.ready_for_next()
        may_end = is_new and search.config.pruning and past.checks[-1].step < past.total_steps
        if may_end and study.falls_behind(trial.number):
            study.note(trial.number, "behind", True)
            self._stop(run)
            self._door.ready_for_next()

    def _stop(self, run: Run) -> None:
        try:
            self._door.stop(run.id, "nothing")
        except RunError:
            log.info("the run %s was over already", run.id)

    def _end(self, study: Study, trial: Tried, state: State, past: Past) -> None:
        values = [value for _, value in past.measured(study.metric)]
        if state is State.FAILED:
            study.fail(trial.number, past.failure or "It failed.")
        elif state is State.INTERRUPTED:
            study.fail(trial.number, TWICE if trial.notes.get("again") else NO_CHECK, void=not trial.notes.get("again"))
        elif state is State.STOPPED:
            study.prune(trial.number) if values else study.fail(trial.number, NO_CHECK, void=True)
        elif values:
            study.complete(trial.number, study.best(values))
        else:
            study.fail(trial.number, NO_NUMBER)


def _signs(search: Search) -> tuple[bool, int]:
    """What changes when a search that rests is to go on."""
    return search.is_stopped, events.size(search.journal_path)


def _origin(run: Run) -> tuple[str, int | None] | None:
    try:
        origin = run.config.origin
    except StudioError:
        return None
    return (origin.search, origin.trial) if origin.kind == "trial" else None
