"""The background thread that takes the next run of the queue when a device is free and drives its worker.

It keeps nothing that the folders do not say: started again, it finds what runs and what waits. Two supervisors on one
home do no harm: a worker that finds its device or its run taken, or its run done, goes home.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from dataclasses import dataclass

from core import events, locks, notifying, runs
from core.errors import RunError
from core.hub.askers import Askers
from core.machine import Device
from core.queue import free_devices, waiting
from core.runs import Run, State
from core.search.searches import belongs
from core.spares import Spares, startup_log
from core.worker import EXIT_OK, EXIT_TAKEN

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the folders when nobody wakes the supervisor."""


CALM_SECONDS = 5.0
"""After the first step of a run, or its end, before anything else is started."""


@dataclass
class Launched:
    """A worker on its way to a device, and how many bytes of events its run had before: it has begun when there are
    more.
    """

    run: Run
    worker: subprocess.Popen[str]
    written_before: int
    device: Device
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
        self._spares = spares
        self._askers = askers or Askers()
        self._only = only
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._workers: dict[str, Launched] = {}
        self._has_taken = False
        """A spare worker that another should take the place of."""
        self._calm_since = 0.0
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
                with self._askers.lock:
                    self._start_next()
                self._renew_spare()
            except Exception:
                # A full disk or a folder deleted at this moment must not end the queue for good.
                log.exception("the supervisor will try again")
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _bury_the_dead(self) -> None:
        for run_id, launched in list(self._workers.items()):
            if launched.worker.poll() is not None:
                del self._workers[run_id]
                self._bury(run_id, launched)
                startup_log(launched.worker).unlink(missing_ok=True)

    def _bury(self, run_id: str, launched: Launched) -> None:
        """Say why a worker died silently, and tell those who wait for the end: whoever is killed tells nobody."""
        try:
            run = runs.find(run_id)
        except RunError:
            return
        explained = _explain_silent_death(run, launched)
        was_killed = launched.worker.returncode not in (EXIT_OK, EXIT_TAKEN) and run.state is State.INTERRUPTED
        if explained or was_killed:
            self._messengers.append(notifying.tell(run))
        self._messengers = [one for one in self._messengers if one is not None and one.poll() is None]

    def _start_next(self) -> None:
        taken = {launched.device.name for launched in self._workers.values()}
        free = [device for device in free_devices() if device.name not in taken]
        if not free:
            return
        next_ones = [run for run in waiting() if belongs(run, self._only) and run.id not in self._workers]
        for device, run in zip(free, next_ones, strict=False):
            self._launch(run, device)

    def _launch(self, run: Run, device: Device) -> None:
        written = events.size(run.events_path)
        worker = self._spares.take("train", run.path, device, identity=self._askers.take(run).as_record())
        # The pipes have done their work; the worker lets go of its ends too.
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                pipe.close()
        self._workers[run.id] = Launched(run, worker, written, device)
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
        busy = [launched.device for launched in self._workers.values()]
        free = [device for device in free_devices() if device not in busy]
        if free or (busy and waiting()):
            self._spares.warm((free or busy)[0])
            self._has_taken = False


def _explain_silent_death(run: Run, launched: Launched) -> bool:
    """A worker that died before its first event left the run queued: say why, so that it is not started for ever.

    Returns whether that was so.
    """
    worker = launched.worker
    if (
        run.state is not State.QUEUED
        or worker.returncode in (EXIT_OK, EXIT_TAKEN)
        or events.size(run.events_path) > launched.written_before
    ):
        return False
    lock = locks.acquire(run.lock_path)
    if lock is None:
        return False
    try:
        _fail(run, worker)
    finally:
        lock.close()
    return True


def _fail(run: Run, worker: subprocess.Popen[str]) -> None:
    last_words = startup_log(worker).read_text(encoding="utf-8", errors="replace")[-4000:]
    run.again_path.unlink(missing_ok=True)
    record = events.EventLog(run.events_path)
    record.append(
        events.Failed(
            title="The training process ended before it could begin.",
            advice="Look at the technical details. Installing Tunesmith's packages again (make setup) often helps.",
            cause=last_words.strip() or f"exit code {worker.returncode}, at {time.strftime('%H:%M:%S')}",
        )
    )
    record.close()
