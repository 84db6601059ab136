"""The process with the library ``datasets``, as the app sees it: kept warm for a while, one question at a time.

Importing that library takes a second or more, so a process that has answered waits for the next question.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections.abc import Mapping
from typing import Any

from core import children, home
from core.data.types import Progress
from core.errors import DataError
from core.hub.identity import current
from core.said import restored, said
from core.spares import environment

IDLE_SECONDS = 120.0
_lock = threading.Lock()
_idle: list[_Child] = []


def ask(question: Mapping[str, Any], repo: str, progress: Progress | None = None) -> Any:
    """Put a question, as whoever asks the Hub now, and wait for its answer. What ``progress`` raises ends the process,
    and is passed on.

    Raises ``DataError`` when there is no answer.
    """
    child = _borrow()
    whole = False
    try:
        answer = child.ask({**question, "asker": current().as_record()}, progress)
        whole = True
        return answer
    except DataError:
        whole = True
        raise
    except (OSError, ValueError) as exc:
        raise DataError(
            said("The process that reads {repo} ended before it was through.", repo=repo),
            said("The machine may be short of memory; close other programs and try again."),
            cause=f"exit code {child.process.poll()}; {exc}",
        ) from exc
    finally:
        if whole:
            _give_back(child)
        else:
            child.end()


class _Child:
    """One process. ``facts`` are the environment that it was started with: it serves no other."""

    def __init__(self, facts: dict[str, str]) -> None:
        self.facts = facts
        self.timer: threading.Timer | None = None
        self.process = children.start("core.data.hub.child", facts)

    def ask(self, question: Mapping[str, Any], progress: Progress | None) -> Any:
        """Raises ``OSError`` or ``ValueError`` when the process is gone."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            reply = restored(json.loads(line))
            if "error" in reply:
                raise DataError(**restored(reply["error"]))
            if "answer" in reply:
                return reply["answer"]
            if progress is not None:
                progress(*reply["progress"])
        raise OSError("its pipe was closed")

    def end(self) -> None:
        """End it at once, in the middle of an answer too."""
        children.end(self.process)


def _borrow() -> _Child:
    facts = _environment()
    with _lock:
        waiting, _idle[:] = list(_idle), []
    usable = [child for child in waiting if child.facts == facts and child.process.poll() is None]
    for child in waiting:
        if child.timer:
            child.timer.cancel()
        if child not in usable[:1]:
            child.end()
    return usable[0] if usable else _Child(facts)


def _give_back(child: _Child) -> None:
    child.timer = threading.Timer(IDLE_SECONDS, _send_home, [child])
    child.timer.daemon = True
    with _lock:
        _idle.append(child)
    child.timer.start()


def _send_home(child: _Child) -> None:
    with _lock:
        waits = child in _idle
        if waits:
            _idle.remove(child)
    if waits:
        child.end()


@atexit.register
def _send_all_home() -> None:
    for child in list(_idle):
        _send_home(child)


def _environment() -> dict[str, str]:
    """Remote counters off, nothing printed, and what ``datasets`` keeps lies in the home folder."""
    quiet = {"HF_UPDATE_DOWNLOAD_COUNTS": "0", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TQDM_DISABLE": "1"}
    return {**environment(), **quiet, "HF_DATASETS_CACHE": os.fspath(home.cache_dir() / "datasets")}
