"""One prediction worker as the app sees it: questions in, answers out, over its pipes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Literal

from core.errors import PredictionError
from core.hub.identity import current
from core.runs import Run
from core.said import restored
from core.spares import Spares, dismiss, startup_log

Kind = Literal["ask", "file"]
"""What a child is for: single questions, or one whole table."""
Key = tuple[Kind, Path, bool]
"""What a child is for, the folder of its run, and whether it has the model from before the training."""
LAST_WORDS = 2000
"""Characters of a dead worker's log that go with the failure."""


class WorkerGone(Exception):
    """The worker ended, or broke off in the middle of an answer."""


class Child:
    """A prediction worker with the model of one run, or (``untrained``) the one it was trained from.

    Questions are put one at a time. ``stamp`` tells which model it was started for; ``users`` counts those who ask it
    or are about to, and belongs to whoever keeps the children, as does ``sent_home``: it was ended on purpose, so
    nobody should start another in its place.
    """

    def __init__(self, spares: Spares, kind: Kind, run: Run, stamp: tuple[int, ...], untrained: bool = False) -> None:
        self.key: Key = (kind, run.path, untrained)
        self.stamp = stamp
        self.users = 0
        self.sent_home = False
        self._process = spares.take("predict", run.path, untrained=untrained, identity=current().as_record())
        self._asking = threading.Lock()

    @property
    def is_dead(self) -> bool:
        return self._process.poll() is not None

    def ask(self, question: Mapping[str, Any]) -> Generator[dict[str, Any], None, None]:
        """The worker's replies as they come, the last of them the answer.

        Who stops listening before that ends the answer early. Raises ``WorkerGone`` when the worker ended,
        ``PredictionError`` when it has no answer.
        """
        with self._asking:
            self._send(question)
            is_last = False
            try:
                while not is_last:
                    reply = self._hear()
                    is_last = "progress" not in reply and "partial" not in reply
                    if "error" in reply:
                        raise PredictionError(**restored(reply["error"]))
                    yield reply
            except GeneratorExit:
                if not is_last:
                    self._break_off()
                raise

    def _break_off(self) -> None:
        """End the present answer. A writer is ready for the next question then; one at work on a table is killed."""
        if self.key[0] == "file":
            self.kill()
            return
        with contextlib.suppress(WorkerGone):  # whoever asks next finds out, and starts another
            self._send({"cancel": True})
            while "partial" in self._hear():
                pass

    def _send(self, question: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as exc:  # ValueError: the pipe was closed on our side
            raise WorkerGone(str(exc)) from exc

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            line = self._process.stdout.readline()
            reply: dict[str, Any] = json.loads(line) if line else {}
        except (OSError, ValueError) as exc:  # ValueError: half a line, or a pipe that was closed on our side
            raise WorkerGone(str(exc)) from exc
        if not reply:
            raise WorkerGone("its pipe was closed")
        return reply

    def last_words(self) -> str:
        """The exit code of a worker that has just gone, and the end of what it wrote."""
        with contextlib.suppress(subprocess.TimeoutExpired):  # a moment passes between its last byte and its end
            self._process.wait(timeout=1)
        return f"exit code {self._process.returncode}\n{_end_of(startup_log(self._process))}".strip()

    def kill(self) -> None:
        """End it at once, in the middle of an answer too. Whoever waits for that hears ``WorkerGone``."""
        self._process.kill()

    def dismiss(self) -> None:
        """End it and clear up after it. Nobody may be asking it."""
        dismiss(self._process)


def _end_of(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:]
    except FileNotFoundError:
        return ""
