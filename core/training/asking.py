"""What a run may be asked while it goes on: to rest, to stop, or to go. Judging a large part can take long.

Imported in workers only.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from core import events, orders
from core.orders import Kept
from core.runs import Run

LOOK_EVERY = 0.3
"""Seconds between two looks at the run's folder of one that rests, and of one that would not look otherwise."""
ASK_AGAIN = 2.0
"""Seconds until a stop is said again, for the rare code that swallows whatever is raised in it."""


class Left(Exception):
    """The worker was asked to go (a termination signal). It saved what it had; the run can be taken up again."""


class StopAsked(BaseException):
    """A person asked for a stop while progress was checked or the model was judged. No failure, so that no code takes
    it for one of its own.
    """


class Cancelled(BaseException):
    """A person asked for a stop that keeps nothing."""


def listener(run: Run, reporter: Any) -> Callable[[], None]:
    """A function to call now and then: it raises ``Left``, ``StopAsked`` or ``Cancelled`` when that was asked for, and
    rests while a person wants it to.

    A stop that training has heard is not heard again: the model that it kept is to be judged.
    """

    def listen() -> None:
        if is_to_rest(run):
            rest(run, reporter.log, reporter.step, lambda: reporter.leave_requested)
        if reporter.leave_requested:
            raise Left
        if run.stop_path.exists() and not reporter.stop_requested:
            raise Cancelled if orders.kept_of(run) == "nothing" else StopAsked

    return listen


def is_to_rest(run: Run) -> bool:
    """Whether a pause is wanted. A stop ends it."""
    return run.pause_path.exists() and not run.stop_path.exists()


def rest(run: Run, log: events.EventLog, step: int, is_leaving: Callable[[], bool]) -> float:
    """Wait for the end of a pause, for a stop, or until the worker has to go. Returns the seconds that it took."""
    began = time.monotonic()
    log.append(events.Paused(step=step))
    while is_to_rest(run) and not is_leaving():
        time.sleep(LOOK_EVERY)
    seconds = time.monotonic() - began
    log.append(events.Continued(step=step, paused_s=round(seconds, 2)))
    return seconds


@contextmanager
def heard(run: Run, what: Collection[Kept]) -> Iterator[None]:
    """Within it a stop that keeps one of ``what`` is heard at once, whatever the main thread does: reading a table, or
    writing a sample. ``Cancelled`` is raised there when nothing is kept, else ``StopAsked``.

    Only the main thread may enter. A thread looks at the folder and sends a signal, once there is something to say.
    """
    over = threading.Event()

    def asked() -> Kept | None:
        kept = orders.kept_of(run) if run.stop_path.exists() else None
        return kept if kept in what else None

    def act(signum: int, frame: FrameType | None) -> None:
        if over.is_set() or (kept := asked()) is None:
            return
        raise Cancelled if kept == "nothing" else StopAsked

    def watch() -> None:
        while not over.wait(LOOK_EVERY):
            if asked():
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
                over.wait(ASK_AGAIN)

    before = signal.signal(signal.SIGUSR1, act)
    watcher = threading.Thread(target=watch, name="asking", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        signal.signal(signal.SIGUSR1, before)
