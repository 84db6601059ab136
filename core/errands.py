"""Long things that are done for a run on demand, in a thread of the app: begun, asked after, cancelled.

The work itself runs in a worker process; the thread waits for it. One of a kind goes on for a run at a time. What
comes of it is kept in the run's folder, so nothing is lost with the app but the errand that was going on.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from core import home
from core.data.types import Progress
from core.errors import RunError, explain
from core.said import said

State = Literal["going", "done", "failed", "cancelled"]

log = logging.getLogger(__name__)


class _Cancelled(Exception):
    """Raised by ``progress`` inside an errand that nobody wants any more."""


@dataclass(frozen=True)
class Errand:
    """How far it is. ``share`` is 0 to 1; ``result`` is small plain data, there once it is done."""

    state: State = "going"
    share: float = 0.0
    words: str = ""
    title: str = ""
    """What went wrong, where it failed, and in ``advice`` what to do."""
    advice: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


_Key = tuple[Path, str, str]
"""In whose home, for which run, and what kind."""
Work = Callable[[Progress], Mapping[str, Any]]
"""Does it, calling ``progress(share, words)`` on the way, and returns the ``result``."""


class Errands:
    """The errands of one app, by run and kind."""

    def __init__(self) -> None:
        self._told: dict[_Key, Errand] = {}
        self._unwanted: set[_Key] = set()
        self._lock = threading.Lock()

    def begin(self, run_id: str, kind: str, work: Work) -> None:
        """Begin it, as whoever is asking now. Raises ``RunError`` when one of its kind goes on for this run."""
        key = _key(run_id, kind)
        with self._lock:
            if (going := self._told.get(key)) and going.state == "going":
                raise RunError(said("This is being done already."), said("Wait for its end, or cancel it first."))
            self._told[key] = Errand(words=said("Starting"))
            self._unwanted.discard(key)
        context = copy_context()
        threading.Thread(target=context.run, args=(self._do, key, work), name=f"errand-{kind}", daemon=True).start()

    def told(self, run_id: str, kind: str) -> Errand | None:
        """How far the newest is; None where there was none since the app was started."""
        return self._told.get(_key(run_id, kind))

    def cancel(self, run_id: str, kind: str) -> None:
        """End it at its next word of progress. Nothing happens where none goes on."""
        with self._lock:
            self._unwanted.add(_key(run_id, kind))

    def _do(self, key: _Key, work: Work) -> None:
        def progress(share: float, words: str) -> None:
            if key in self._unwanted:
                raise _Cancelled
            self._told[key] = Errand(share=share, words=words)

        try:
            result = work(progress)
            self._told[key] = Errand("done", 1.0, result=result)
        except _Cancelled:
            self._told[key] = Errand("cancelled")
        except Exception as exc:
            if key in self._unwanted:  # its worker was ended for that
                self._told[key] = Errand("cancelled")
                return
            error = explain(exc)
            log.error("An errand failed: %s\n%s", key, "".join(traceback.format_exception(exc)))
            self._told[key] = replace(self._told[key], state="failed", title=error.title, advice=error.advice)


def _key(run_id: str, kind: str) -> _Key:
    return home.home(), run_id, kind


ERRANDS = Errands()
