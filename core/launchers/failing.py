"""Why a run of several processes has failed: what each said before it went, and how the system ended it.

A process that fails takes the others with it, for they wait for each other. What they say then is that somebody did not
answer; the reason is with the first. So each writes down its own failure, and the head tells the right one.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import events, locks, notifying
from core.errors import StudioError, TrainingError, explain
from core.hub.askers import told
from core.redaction import redacted
from core.runs import Run, write_atomically
from core.said import restored, said
from core.worker import EXIT_FAILED, EXIT_LEFT, EXIT_OK, EXIT_TAKEN

FOLDER = ".processes"
LAST_WORDS = 2000
"""Characters of the technical log that are told."""
_FORSAKEN = ("connection closed by peer", "connection reset by peer", "broken pipe", "nccl", "gloo", "distbackenderror")
_KILLED = {
    signal.SIGKILL: (
        "Process {place} of {total} was killed by the system: most often because the machine's memory ran out. The "
        "others ended with it."
    ),
    signal.SIGSEGV: (
        "Process {place} of {total} crashed (a fault in a library or in the memory). The others ended with it."
    ),
    signal.SIGABRT: "Process {place} of {total} gave up (a library stopped it). The others ended with it.",
    signal.SIGBUS: (
        "Process {place} of {total} crashed (a part of its memory or of a file was gone). The others ended with it."
    ),
    signal.SIGTERM: "Process {place} of {total} was asked to go by somebody else. The others ended with it.",
}


@dataclass(frozen=True)
class Failure:
    """How one process failed, in its own words."""

    rank: int
    time: float
    title: str
    advice: str
    cause: str
    remedy: dict[str, Any] = field(default_factory=dict)

    @property
    def is_forsaken(self) -> bool:
        """Whether all it knows is that another one did not answer."""
        return any(words in f"{self.title} {self.cause}".lower() for words in _FORSAKEN)


def clear(run: Run) -> None:
    """Forget what was said in an earlier life."""
    for path in _said(run):
        path.unlink(missing_ok=True)


def note(run: Run, rank: int, error: StudioError) -> None:
    """Called by a process that fails."""
    folder = run.path / FOLDER
    folder.mkdir(exist_ok=True)
    known = {"rank": rank, "time": time.time(), "remedy": error.remedy, **error.as_record()}
    write_atomically(folder / f"{rank}.json", json.dumps(known))


def ending(run: Run, since: int) -> events.Event | None:
    """The last word of a run in this life, which began at byte ``since`` of its events; None where it has none."""
    happened, _ = events.read(run.events_path, since)
    return happened[-1] if happened and isinstance(happened[-1], events.ENDINGS) else None


def tell(run: Run, since: int, codes: Mapping[int, int], total: int, number: int = 0) -> int:
    """Write the last event of a run of ``total`` processes, of which some have ended with these exit ``codes`` (by
    rank, negative for signals); nothing where it has ended well, or was asked to go. Returns the head's exit code.
    """
    if EXIT_TAKEN in codes.values():
        return EXIT_TAKEN
    if (last := ending(run, since)) is not None:
        return EXIT_FAILED if isinstance(last, events.Failed) else EXIT_OK
    if codes and all(code == EXIT_LEFT for code in codes.values()):
        return EXIT_LEFT
    failures = [Failure(**restored(json.loads(path.read_text(encoding="utf-8")))) for path in _said(run)]
    return _fail(run, reason(failures, codes, total, last_words(run)), number)


def tell_of(run: Run, exc: Exception, number: int = 0) -> int:
    """The same of a failure before any process had begun."""
    error = told(explain(exc))
    return _fail(run, error, number)


def reason(failures: list[Failure], codes: Mapping[int, int], total: int, words: str = "") -> StudioError:
    """The failure that came first, in words that name the process. ``words`` end what is told of a kill."""
    # When one has gone, the launcher asks the others to go.
    failed = {rank: code for rank, code in codes.items() if code != -signal.SIGTERM} or codes
    by_signal = {rank: -code for rank, code in failed.items() if code < 0}
    own = sorted((one for one in failures if not one.is_forsaken), key=lambda one: one.time)
    if own:
        # What all have met, such as numbers that break, is the run's and not that of one process.
        first = next((one for one in own if one.rank == 0 and one.title == own[0].title), own[0])
        title = first.title
        if first.rank:
            title = said("{title} (process {place} of {total})", title=title, place=first.rank + 1, total=total)
        return TrainingError(title, first.advice, cause=first.cause, remedy=first.remedy)
    if by_signal:
        rank, number = min(by_signal.items())
        return TrainingError(
            _killed(rank + 1, total, number),
            said(
                "Take the run up again: it goes on from its last checkpoint. If it happens again, take smaller "
                "batches, or fewer processes."
            ),
            cause=f"signal {number} ({signal.Signals(number).name})\n{words}".strip()
            if number in set(signal.Signals)
            else f"signal {number}\n{words}".strip(),
        )
    last = min(failures, key=lambda one: one.time, default=None)
    rank = last.rank if last else min(failed, default=0)
    return TrainingError(
        said("Process {place} of {total} ended, and the others with it.", place=rank + 1, total=total),
        said(
            "The technical log of the run has the details; take the run up again: it goes on from its last checkpoint."
        ),
        cause=f"{last.cause if last else ''}\n{words}".strip() or f"exit code {failed.get(rank)}",
    )


def _killed(place: int, total: int, number: int) -> str:
    if number in set(_KILLED):
        return said(_KILLED[signal.Signals(number)], place=place, total=total)
    return said(
        "Process {place} of {total} was ended by the signal {number}. The others ended with it.",
        place=place,
        total=total,
        number=number,
    )


def last_words(run: Run) -> str:
    """The end of the technical log."""
    try:
        text = run.log_path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return redacted(text[-LAST_WORDS:])


def _fail(run: Run, error: StudioError, number: int) -> int:
    print(redacted(f"{error.title}\n{error.cause}"), file=sys.stderr)
    if number:  # the first machine writes the run down
        return EXIT_FAILED
    lock = locks.acquire(run.lock_path, timeout=30)
    if lock is None:
        return EXIT_FAILED
    with lock:
        run.again_path.unlink(missing_ok=True)
        (run.path / ".reserve").unlink(missing_ok=True)
        record = events.EventLog(run.events_path)
        record.append(events.Failed(title=error.title, advice=error.advice, cause=error.cause, remedy=error.remedy))
        record.close()
    notifying.tell(run)
    return EXIT_FAILED


def _said(run: Run) -> list[Path]:
    folder = run.path / FOLDER
    return sorted(folder.glob("*.json")) if folder.is_dir() else []
