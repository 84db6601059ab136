"""All attempts to publish since the app was started: one at a time for each run, each in a process of its own."""

from __future__ import annotations

import atexit
import json
import re
import subprocess
import threading
import time
from contextvars import copy_context
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core import children, home
from core.errors import HubError, explain
from core.hub.identity import Identity, current
from core.publishing import record
from core.publishing.package import need_model
from core.publishing.patience import Patience
from core.publishing.place import nobody, token
from core.publishing.types import Publication, Published, Publishing, Stage
from core.runs import Run
from core.said import restored, said
from core.spares import environment

PATIENCE = Patience()
_NAME = re.compile(r"(?=.{3,193}$)[A-Za-z0-9][\w-]*/[A-Za-z0-9](?:[\w.-]*\w)?")
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    # The Hub takes large files the older way too, in which each byte can be counted and a file be taken up again.
    "HF_HUB_DISABLE_XET": "1",
}


class Publications:
    """Safe to ask from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._attempts: dict[tuple[Path, str], _Attempt] = {}
        """By the home and the id of the run."""

    def begin(self, run: Run, wanted: Publishing) -> None:
        """Start to publish, as whoever asks now. No network is used here.

        Raises ``RunError`` or ``HubError`` where it cannot begin.
        """
        need_model(run)
        for repo in filter(None, (wanted.repo, wanted.demo_of)):
            need_name(repo)
        need_somebody()
        with self._lock:
            before = self._attempts.get(_key(run.id))
            if before is not None and not before.publication.is_over:
                title = said("This run is being published already.")
                raise HubError(title, said("Wait until that is through, or cancel it."))
            attempt = self._attempts[_key(run.id)] = _Attempt(run, wanted, current())
        attempt.start()

    def of(self, run_id: str) -> Publication | None:
        """The newest attempt, going on or over."""
        with self._lock:
            attempt = self._attempts.get(_key(run_id))
        return attempt.publication if attempt else None

    def cancel(self, run_id: str) -> None:
        """End the attempt that is going on, if there is one, in the middle of a file too."""
        with self._lock:
            attempt = self._attempts.get(_key(run_id))
        if attempt is not None:
            attempt.cancel()

    def close(self) -> None:
        """End all that is going on."""
        with self._lock:
            attempts = list(self._attempts.values())
        for attempt in attempts:
            attempt.cancel()


def _key(run_id: str) -> tuple[Path, str]:
    return home.home(), run_id


def need_name(repo: str) -> None:
    """Raises ``HubError`` for what cannot be the name of a repository."""
    if not _NAME.fullmatch(repo) or ".." in repo or "--" in repo:
        advice = said("Write it as owner/name, such as anna/reviews: letters, digits, '-', '_' and '.'.")
        raise HubError(said("{name} cannot be the name of a repository.", name=repr(repo)), advice)


def need_somebody() -> None:
    """Raises ``HubError`` where nobody is signed in, or not any more."""
    expires = current().expires
    if not token():
        raise nobody()
    if expires is not None and expires < time.time():
        raise HubError(
            said("Your sign-in on the Hugging Face Hub has ended."),
            said("Sign in again on the page “Hub account”."),
        )


class _Attempt:
    """One attempt: a process that works, and a thread that listens to it."""

    def __init__(self, run: Run, wanted: Publishing, asker: Identity) -> None:
        self._run, self._asker = run, asker
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self.publication = Publication(run.id, wanted, "preparing", said("Starting"))

    def start(self) -> None:
        work = copy_context().run  # in the same home
        threading.Thread(target=work, args=(self._drive,), name=f"publish {self._run.id}", daemon=True).start()

    def cancel(self) -> None:
        with self._lock:
            if self.publication.is_over:
                return
            words = _UNSURE if self.publication.stage == "committing" else _CANCELLED
            self._set(stage="cancelled", words=words)
            if self._process is not None:
                self._process.kill()

    def _drive(self) -> None:
        with self._lock:
            if self.publication.is_over:
                return
            process = self._process = children.start("core.publishing.child", {**environment(), **QUIET})
        try:
            self._listen(process)
        except (OSError, ValueError) as exc:
            self._fail(said("The process that publishes ended before it was through."), SHORT_OF_MEMORY, repr(exc))
        finally:
            children.end(process)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None and process.stdout is not None
        wanted = self.publication.wanted
        job = {"run": str(self._run.path), "wanted": asdict(wanted), "patience": asdict(PATIENCE)}
        process.stdin.write(json.dumps({**job, "identity": self._asker.as_record()}) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            reply = restored(json.loads(line))
            if "tell" in reply:
                self._hear(*reply["tell"])
            elif "error" in reply:
                return self._fail(**restored(reply["error"]))
            else:
                return self._keep(Published(**reply["done"]))
        raise OSError("its pipe was closed")

    def _hear(self, stage: Stage, words: str, done: int, total: int) -> None:
        with self._lock:
            if not self.publication.is_over:
                self._set(stage=stage, words=words, done_bytes=done, total_bytes=total)
            elif self.publication.stage == "cancelled" and stage == "committing":  # said before it was ended
                self._set(words=_UNSURE)

    def _keep(self, made: Published) -> None:
        """The Hub has confirmed it: that holds, even if it was cancelled meanwhile."""
        words = _THROUGH if self.publication.stage == "cancelled" else self.publication.words
        try:
            record.add(self._run, made)
        except (OSError, ValueError) as exc:  # the run was deleted meanwhile, or the disk is full
            words = said("Published. It could not be noted in the run's folder: {reason}", reason=explain(exc).title)
        with self._lock:
            self._set(stage="done", words=words, result=made)

    def _fail(self, title: str, advice: str, cause: str = "") -> None:
        error = HubError(title, advice, cause=cause)
        with self._lock:
            if not self.publication.is_over:
                self._set(stage="failed", words="", title=error.title, advice=error.advice, cause=error.cause)

    def _set(self, **news: Any) -> None:
        self.publication = replace(self.publication, **news)


SHORT_OF_MEMORY = said(
    "The machine may be short of memory; close other programs and try again. The model is untouched."
)
_CANCELLED = said(
    "Cancelled before any file on the Hub was changed. What had arrived is not sent a second time when you try again; "
    "a repository that was made for it stays there, empty."
)
_UNSURE = said(
    "Cancelled at the last step: it may be on the Hub already. Look there; trying again makes nothing twice."
)
_THROUGH = said("Published: it was through before it could be cancelled.")
PUBLICATIONS = Publications()
atexit.register(PUBLICATIONS.close)
