"""As whom queued runs will ask the Hub. Tokens stay in this process's memory; a run's folder says only of what kind
the one was who started it, so that nobody's run ever asks as somebody else after a restart.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

from core.errors import HubError, StudioError
from core.hub.identity import FORGOTTEN, MACHINE, NOBODY, Identity, current
from core.runs import Run, write_atomically
from core.said import said

_CLOSED = re.compile(r"GatedRepoError|RepositoryNotFoundError|DatasetNotFoundError|\b401\b|\b403\b")


class Askers:
    """Who has queued which run. ``lock`` keeps others from starting a run before its asker is known."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._by_run: dict[Path, Identity] = {}

    def remember(self, run: Run) -> None:
        """Whoever asks now has queued this run."""
        asker = current()
        with self.lock:
            self._by_run.pop(run.path, None)
            if asker.secret:
                self._by_run[run.path] = asker
            if asker == MACHINE:
                run.asker_path.unlink(missing_ok=True)
            else:
                write_atomically(run.asker_path, asker.kind)

    def forget(self, run: Run) -> None:
        """It will not begin."""
        with self.lock:
            self._by_run.pop(run.path, None)

    def are_known_for(self, run: Run) -> bool:
        """Whether somebody can ask for this run: their token is here, or it is the machine's own."""
        with self.lock:
            return run.path in self._by_run or not run.asker_path.exists()

    def take(self, run: Run) -> Identity:
        """As whom a run asks that begins now. Its token is handed over, and not kept here."""
        with self.lock:
            known = self._by_run.pop(run.path, None)
        if known is not None:
            return known
        try:
            kind = run.asker_path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return MACHINE
        return NOBODY if kind == NOBODY.kind else FORGOTTEN


def told(error: StudioError) -> StudioError:
    """The failure of a run in the words that fit whoever it asked as: it may have lacked a token that is gone."""
    if current() != FORGOTTEN or not _CLOSED.search(error.cause):
        return error
    return HubError(
        said(
            "The token that this run was started with is gone: it was kept in memory only, until Tunesmith was closed."
        ),
        said("Sign in on the page “Hub account”, then take the run up again."),
        cause=f"{error.title} {error.cause}",
    )
