"""What a run may be asked while it goes on: to rest, to stop, or to go. Judging a large part can take long.

Imported in workers only.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, get_args

from core import events, orders
from core.orders import Kept
from core.runs import Run
from core.training import ranks

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


@dataclass(frozen=True)
class Wish:
    """What is asked of a run after a step; of several processes the same for all, by what the first one sees."""

    leave: bool = False
    kept: Kept | None = None
    """Of a stop; None where none is asked for."""
    rest: bool = False
    evaluate: bool = False
    save: bool = False


def wish(run: Run, leave: bool, looks_for_more: bool = True) -> Wish:
    """What is asked now. ``leave``: this process has had a termination signal, which counts for all of them.
    ``looks_for_more``: what is asked for once is taken, unless the run ends anyway.
    """
    seen = Wish(leave)
    if ranks.leads() and not leave:
        stop = run.stop_path.exists()
        seen = Wish(leave, orders.kept_of(run) if stop else None, is_to_rest(run))
        if looks_for_more and not stop:
            evaluate, save = orders.take(run, "evaluate"), orders.take(run, "save")
            seen = replace(seen, evaluate=evaluate, save=save)
    if ranks.count() == 1:
        return seen
    kinds = get_args(Kept)
    number = 0 if seen.kept is None else 1 + kinds.index(seen.kept)
    codes = ranks.highest([int(seen.leave), number, int(seen.rest), int(seen.evaluate), int(seen.save)])
    stop_of_all = kinds[codes[1] - 1] if codes[1] else None
    return Wish(bool(codes[0]), stop_of_all, bool(codes[2]), bool(codes[3]), bool(codes[4]))


def is_to_rest(run: Run) -> bool:
    """Whether a pause is wanted. A stop ends it."""
    return run.pause_path.exists() and not run.stop_path.exists()


def rest(run: Run, log: events.EventLog, step: int, is_leaving: Callable[[], bool]) -> float:
    """Wait for the end of a pause, for a stop, or until the worker has to go. Returns the seconds that it took."""
    began = time.monotonic()
    log.append(events.Paused(step=step))
    while ranks.leads() and is_to_rest(run) and not is_leaving():
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
    if not ranks.leads():  # whoever waits for the first hears of its end from the system
        yield
        return
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
