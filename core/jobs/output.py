"""What a rented machine prints, while it prints it: its events go to the run's, the rest to the technical log."""

from __future__ import annotations

import threading
from typing import Any

from core import events
from core.jobs.lines import Listener
from core.jobs.record import Job
from core.redaction import redacted
from core.runs import Run

_LONGEST_LOG = 20_000_000
_AGAIN = 2.0
_END_SECONDS = 20.0


class Output:
    """One Job's output, heard in a thread. The last event is held back: it counts once everything is here."""

    def __init__(self, run: Run, hub: Any, job: Job) -> None:
        self._run, self._hub, self._job = run, hub, job
        self._written = count(run)
        self._log_lines = 0
        self._is_over = threading.Event()
        self._writing = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._hear, name="output", daemon=True)

    def start(self) -> None:
        self._run.log_path.unlink(missing_ok=True)  # it is told anew from its first line on
        self._thread.start()

    def finish(self) -> None:
        """The machine is gone: hear the rest. What has not come by then is told by what was sent back."""
        self._is_over.set()
        self._thread.join(_END_SECONDS)
        with self._writing:
            self._is_closed = True

    def _hear(self) -> None:
        while True:
            was_over = self._is_over.is_set()
            try:
                self._listen()
            except Exception as exc:  # the stream is opened anew; how the machine stands is asked elsewhere
                self._log(f"The output of the machine broke off ({type(exc).__name__}); it is asked for again.")
                self._log_lines -= 1
            if was_over:
                return
            self._is_over.wait(_AGAIN)

    def _listen(self) -> None:
        listener, line_number = Listener(), 0
        for line in self._hub.output(self._job):
            heard = listener.hear(line.rstrip("\n"))
            if isinstance(heard, tuple):
                self._add(*heard)
            elif isinstance(heard, str):
                line_number += 1
                if line_number > self._log_lines:
                    self._log(heard)

    def _add(self, number: int, line: str) -> None:
        if number != self._written:  # here already; or one before it was not told, and all come at the end
            return
        event = decoded(line)
        if isinstance(event, events.ENDINGS):
            return
        with self._writing:
            if self._is_closed:  # somebody else writes by now
                return
            self._written = number + 1
            if event is not None:
                log = events.EventLog(self._run.events_path)
                log.append(event)
                log.close()

    def _log(self, line: str) -> None:
        self._log_lines += 1
        with open(self._run.log_path, "a", encoding="utf-8") as file:
            if file.tell() < _LONGEST_LOG:
                file.write(redacted(line) + "\n")


def count(run: Run) -> int:
    """How many events of the machine are here."""
    block, _ = events.read_lines(run.events_path)
    return block.count(b"\n")


def decoded(line: str) -> events.Event | None:
    """The event of a line that came from elsewhere; None where it is none that is known."""
    try:
        return events.decode(line)
    except (ValueError, TypeError):
        return None
