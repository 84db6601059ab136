"""What was done where several people use one app: one JSON record a line, only ever added to, the newest last.

team/audit.jsonl, and audit.1.jsonl … before it, the oldest with the largest number. Nothing of what people teach
stands in it: no texts, no answers, no passwords, no tokens. ``note`` is the one place that writes it.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core import home
from core.errors import StudioError
from core.people import acting, kept, residents
from core.people.acting import Actor
from core.redaction import redacted
from core.said import said

log = logging.getLogger(__name__)

KINDS = {
    "signed in": "Somebody signed in.",
    "wrong password": "A name and a password did not belong together; many in a row are counted.",
    "wrong token": "A program showed a token that opens nothing; many in a row are counted.",
    "signed out": "Somebody signed out.",
    "run started": "A run was made.",
    "run taken up again": "A run that was over goes on.",
    "run stopped": "A run was asked to stop.",
    "run deleted": "A run went to the trash.",
    "trash emptied": "Runs were deleted for good.",
    "link made": "A run can be read by a link.",
    "link withdrawn": "A link leads nowhere any more.",
    "published": "A model was sent to the Hugging Face Hub.",
    "run kept": "A run was sent to a private repository of its owner.",
    "run brought back": "A run was fetched from there.",
    "token made": "A person made a token for a program.",
    "token ended": "A token opens nothing any more.",
    "limit changed": "An administrator changed what somebody may use.",
    "limit reached": "The app stopped a run that came to a limit.",
    "moved to the front": "An administrator moved a run to the front of the queue.",
    "cleaned up": "An administrator removed trashes or what can be made again.",
    "log read": "An administrator took the log away as a file.",
}
"""Every kind of record there is, and what it says."""
LARGEST, FILES = 2_000_000, 5
"""Bytes of one file, and how many there are at most: with the next, the oldest is deleted."""
COUNTED_SECONDS = 60.0
"""Wrong tries by the same name from the same address are one record in so many seconds."""
_MOST_COUNTED = 500
_LONGEST = 200
_NAME = "audit"
OURSELVES = Actor("Tunesmith")
"""What the app does by itself."""


@dataclass(frozen=True)
class Line:
    """One record. ``number`` grows by one with each; ``on`` is the run, the person or the token that it is about."""

    number: int
    time: str
    kind: str
    who: str = ""
    on: str = ""
    detail: str = ""
    address: str = ""


@dataclass
class _Counted:
    kind: str
    actor: Actor
    since: float
    count: int = 0


_writing = threading.RLock()
_counted: dict[tuple[str, str, str], _Counted] = {}
_trouble = ""


def note(kind: str, on: str = "", detail: str = "", actor: Actor | None = None, *, strictly: bool = False) -> None:
    """Write down that this was done, by whoever acts now unless an ``actor`` is named; nothing where one person has the
    app for themselves.

    Where it cannot be written, ``trouble`` says so until it can be again, and so does the app's own log; with
    ``strictly`` a ``StudioError`` is raised, for what shall not be done without a note.
    """
    assert kind in KINDS, kind
    who = actor or acting.current() or _owner()
    if who is None:
        return
    detail = f"{detail} (by the token “{who.program}”)".strip() if who.program else detail
    global _trouble
    with _writing:
        try:
            _write_counted(time.time())
            _write(who, kind, on, detail)
            _trouble = ""
        except OSError as exc:
            _trouble = f"Since {_now()} the log of what was done cannot be written: {exc.strerror or exc}."
            log.error("%s Not written: %s by %s", _trouble, kind, who.name)
            if strictly:
                raise StudioError(
                    said("This was not done, since the log cannot be written."),
                    said("Make room on the disk, or give this user the right to write there."),
                    cause=f"{type(exc).__name__}: {exc}",
                ) from exc


def note_wrong(kind: str, actor: Actor) -> None:
    """Write down a wrong try: the first at once, those that follow it within a minute as a count."""
    now = time.time()
    with _writing:
        key = kind, actor.name, actor.address
        if key not in _counted and len(_counted) >= _MOST_COUNTED:
            key, actor = (kind, "", "many"), Actor("", "many")
        known = _counted.get(key)
        if known is not None and now - known.since < COUNTED_SECONDS:
            known.count += 1
            return
        note(kind, actor=actor)
        _counted[key] = _Counted(kind, actor, now)


def trouble() -> str:
    """Why the log cannot be written, in a sentence; empty where it can."""
    return _trouble


def lines(before: int | None = None, who: str = "", kind: str = "") -> Iterator[Line]:
    """The records from the newest back, those before the one of a number, of a person, of a kind."""
    with _writing:
        try:
            _write_counted(time.time(), at_once=True)
        except OSError as exc:
            log.error("the log of what was done cannot be written: %s", exc)
    for path in _files():
        for line in reversed(_of(path)):
            is_wanted = (not who or line.who == who) and (not kind or line.kind == kind)
            if is_wanted and (before is None or line.number < before):
                yield line


def _owner() -> Actor | None:
    """Whose home is at hand: of what goes on beside the pages, such as the trials of a search."""
    found = residents.owner(home.home())
    return Actor(found.name) if found else None


def _write_counted(now: float, *, at_once: bool = False) -> None:
    """Write down what was counted, once its minute is over or somebody reads."""
    for key, one in list(_counted.items()):
        is_over = now - one.since >= COUNTED_SECONDS
        if one.count and (is_over or at_once):
            _write(one.actor, one.kind, "", f"{one.count} more times")
            one.count = 0
        if is_over:
            del _counted[key]


def _write(who: Actor, kind: str, on: str, detail: str) -> None:
    newest = _path(0)
    if newest.exists() and newest.stat().st_size >= LARGEST:
        _turn()
    line = Line(_last() + 1, _now(), kind, who.name, _short(on), _short(detail), who.address)
    said = json.dumps({name: value for name, value in asdict(line).items() if value != ""}, ensure_ascii=False)
    with open(newest, "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(("" if _is_whole(newest) else "\n") + said + "\n")
        file.flush()
        os.fsync(file.fileno())


def _turn() -> None:
    """Begin a new file; the oldest goes."""
    for number in range(FILES - 1, 0, -1):
        if _path(number - 1).exists():
            os.replace(_path(number - 1), _path(number))


def _last() -> int:
    """The number of the newest record."""
    for path in _files():
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            for text in reversed(file.read().splitlines()):
                if (line := _line(text)) is not None:
                    return line.number
    return 0


def _is_whole(path: Path) -> bool:
    """Whether the last record has its end, which a full disk may have kept from it."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read(1) in (b"", b"\n")


def _of(path: Path) -> list[Line]:
    return [line for text in path.read_bytes().splitlines() if (line := _line(text)) is not None]


def _line(text: bytes) -> Line | None:
    """A record; None for half of one, as a full disk leaves it."""
    try:
        return Line(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _files() -> list[Path]:
    return [path for path in map(_path, range(FILES)) if path.exists()]


def _path(number: int) -> Path:
    return kept.folder() / (f"{_NAME}.{number}.jsonl" if number else f"{_NAME}.jsonl")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _short(text: str) -> str:
    return redacted(" ".join(text.split()))[:_LONGEST]
