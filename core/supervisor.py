"""The background thread that takes the next run of the queue when a device is free and drives its worker: of all
homes, as the devices are one.

It keeps nothing that the folders do not say: started again, it finds what runs and what waits. Two supervisors on one
home do no harm: a worker that finds its device or its run taken, or its run done, goes home.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from core import events, home, launchers, locks, notifying, runs
from core.errors import RunError, StudioError, explain
from core.hub.askers import Askers
from core.launchers.base import Begun, Launcher
from core.launchers.hub_jobs import LAUNCHER as HUB_JOBS
from core.launchers.one_process import LAUNCHER as ONE_PROCESS
from core.machine import Device
from core.people.quotas import held_back
from core.people.warden import Warden
from core.queue import free_devices, going, waiting
from core.runs import Run, State
from core.said import said
from core.search.searches import belongs
from core.spares import Spares
from core.worker import EXIT_OK, EXIT_TAKEN

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the folders when nobody wakes the supervisor."""


LOOK_AFTER_RENTED = 3.0
"""The same between two looks whether every rented machine is followed."""
CALM_SECONDS = 5.0
"""After the first step of a run, or its end, before anything else is started."""


@dataclass
class Launched:
    """A worker on its way to a device, and how many bytes of events its run had before: it has begun when there are
    more.
    """

    run: Run
    begun: Begun
    written_before: int
    devices: tuple[Device, ...]
    code: int | None = None
    """With which it ended; None while it lives."""
    _has_stepped: bool = False

    def has_stepped(self) -> bool:
        """Whether it has made its first step; what it wrote before is read until then only."""
        if not self._has_stepped:
            happened, _ = events.read(self.run.events_path, self.written_before)
            self._has_stepped = any(isinstance(event, events.Stepped) for event in happened)
        return self._has_stepped


class Supervisor:
    """Starts queued runs, one at a time on each device. ``only`` restricts it to one run or search, for the command
    line. ``askers`` knows as whom each of them asks the Hub.
    """

    def __init__(self, spares: Spares, only: str | None = None, askers: Askers | None = None) -> None:
        self._spares = ONE_PROCESS.spares = spares
        self._askers = askers or Askers()
        self._only = only
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._workers: dict[Path, Launched] = {}
        """By the folders of their runs."""
        self._has_taken = False
        """A spare worker that another should take the place of."""
        self._calm_since = 0.0
        self._look_after_rented = 0.0
        self._warden = Warden()
        self._messengers: list[subprocess.Popen[bytes] | None] = []
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look now: something was queued."""
        self._wake.set()

    def close(self) -> None:
        """Stop watching. Workers go on."""
        self._closing.set()
        self._wake.set()
        self._thread.join(timeout=5)

    def _watch(self) -> None:
        while not self._closing.is_set():
            try:
                self._bury_the_dead()
                if self._only is None:
                    self._warden.look()
                with self._askers.lock:
                    self._start_next()
                    self._go_after_the_rented()
                self._renew_spare()
            except Exception:
                # A full disk or a folder deleted at this moment must not end the queue for good.
                log.exception("the supervisor will try again")
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _bury_the_dead(self) -> None:
        for folder, launched in list(self._workers.items()):
            launched.code = launched.begun.poll()
            if launched.code is not None:
                del self._workers[folder]
                with home.living_in(home.whose(folder)):
                    self._bury(launched)
                launched.begun.forget()

    def _bury(self, launched: Launched) -> None:
        """Say why a worker died silently, and tell those who wait for the end: whoever is killed tells nobody."""
        try:
            run = runs.find(launched.run.id)
        except RunError:
            return
        explained = _explain_silent_death(run, launched)
        was_killed = launched.code not in (EXIT_OK, EXIT_TAKEN) and run.state is State.INTERRUPTED
        if explained or was_killed:
            self._messengers.append(notifying.tell(run))
        self._messengers = [one for one in self._messengers if one is not None and one.poll() is None]

    def _start_next(self) -> None:
        taken = {device.name for launched in self._workers.values() for device in launched.devices}
        free = [device for device in free_devices() if device.name not in taken]
        waits = waiting()
        at_work = going() if waits else set()
        for run in waits:
            if not belongs(run, self._only) or run.path in self._workers:
                continue
            if held_back(run, at_work | self._workers.keys()):
                continue  # its owner's limits are in the way, and nobody else's
            with home.living_in(home.whose(run.path)):
                free = self._begin(run, free)  # those that compute elsewhere wait for none of these

    def _go_after_the_rented(self) -> None:
        """Follow the runs on rented machines that nobody follows any more: this machine was switched off, or the
        process was killed. One whose token is gone waits for somebody who signs in.
        """
        now = time.monotonic()
        if now < self._look_after_rented:
            return
        self._look_after_rented = now + LOOK_AFTER_RENTED
        for run in runs.everyones_runs():
            if not run.rented_path.exists() or not belongs(run, self._only) or run.path in self._workers:
                continue
            if HUB_JOBS.is_alive(run) or not self._askers.are_known_for(run):
                continue
            with home.living_in(home.whose(run.path)):
                self._launch(run, HUB_JOBS, [])

    def _begin(self, run: Run, free: list[Device]) -> list[Device]:
        """Launch a run if it can have all that it needs; returns what is left for those after it."""
        launcher, takes = launchers.for_start(run)
        if takes > len(free):
            return []  # the first in the queue waits for all that it needs; nobody smaller slips past it
        if takes or not launcher.is_alive(run):
            self._launch(run, launcher, free[:takes])
        return free[takes:]

    def _launch(self, run: Run, launcher: Launcher, devices: list[Device]) -> None:
        written = events.size(run.events_path)
        identity = self._askers.take(run).as_record()
        if why := launchers.refusal(run, launcher):
            return _refuse(run, why)
        try:
            launchers.note_beginning(run)
            begun = launcher.start(run, devices, identity)
        except (StudioError, OSError) as exc:
            if run.rented_path.exists():  # its machine may cost: that is never called an end
                raise
            log.exception("%s could not be started", run.id)
            error = explain(exc)
            return _refuse(run, f"{error.title} {error.cause}".strip())
        self._workers[run.path] = Launched(run, begun, written, tuple(devices))
        self._has_taken = self._only is None

    def _renew_spare(self) -> None:
        """Have a worker ready in the place of the one that was taken, once it is of use: a device is free, or a run
        waits for one. Never while a run begins: its imports would take the time of that run's first steps.
        """
        self._spares.tidy()
        now = time.monotonic()
        is_calm = self._has_taken and all(launched.has_stepped() for launched in self._workers.values())
        if not is_calm:
            self._calm_since = now
        if not is_calm or now - self._calm_since < CALM_SECONDS:
            return
        self._calm_since = now
        busy = [device for launched in self._workers.values() for device in launched.devices]
        free = [device for device in free_devices() if device not in busy]
        if free or (busy and waiting()):
            self._spares.warm((free or busy)[0])
            self._has_taken = False


def _explain_silent_death(run: Run, launched: Launched) -> bool:
    """A worker that died before its first event left the run queued: say why, so that it is not started for ever.

    Returns whether that was so.
    """
    if (
        run.state is not State.QUEUED
        or launched.code in (EXIT_OK, EXIT_TAKEN)
        or events.size(run.events_path) > launched.written_before
    ):
        return False
    lock = locks.acquire(run.lock_path)
    if lock is None:
        return False
    try:
        _fail(
            run,
            said("The training process ended before it could begin."),
            said("Look at the technical details. Installing Tunesmith's packages again (make setup) often helps."),
            launched.begun.last_words().strip() or f"exit code {launched.code}, at {time.strftime('%H:%M:%S')}",
        )
    finally:
        lock.close()
    return True


def _refuse(run: Run, why: str) -> None:
    """Say why a run cannot be started here at all, so that those behind it need not wait."""
    lock = locks.acquire(run.lock_path)
    if lock is None:
        return
    with lock:
        title, advice = said("This run cannot be started on this machine."), said("Start it again with other settings.")
        _fail(run, title, advice, why)


def _fail(run: Run, title: str, advice: str, cause: str) -> None:
    run.again_path.unlink(missing_ok=True)
    record = events.EventLog(run.events_path)
    record.append(events.Failed(title=title, advice=advice, cause=cause))
    record.close()
