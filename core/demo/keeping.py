"""For how long the things of a visitor are kept, and how they are removed: processes first, then every file."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core import ceilings, home, locks
from core.people.types import NOBODY
from core.runs import Run

PATIENCE = 10.0
"""Seconds until a process that was ended has let go of its run."""
EMPTY_SECONDS = 900.0
"""So long a home is there in which nothing was made."""
_LEAVING = "leaving"
"""Where the things of a visitor go in one stroke; from there they have no name any more."""
log = logging.getLogger(__name__)


def until(place: Path) -> float | None:
    """When the things in this home are removed, in seconds since the epoch; None where there are none.

    The time counts from the newest of them: a file that was uploaded, a run that was made or went on.
    """
    newest = max(_changed(_things(place)), default=None)
    return None if newest is None else newest + 60 * ceilings.most("keep")


def is_left(place: Path, now: float) -> bool:
    """Whether nothing was made in a home, and nobody has looked around from it for a while."""
    newest = max(_changed([place, *_inside(place), *_inside(place / "cache")]), default=0.0)
    return until(place) is None and now - newest > EMPTY_SECONDS


def guests() -> list[Path]:
    """The homes of visitors."""
    return [place for place in home.visitors() if place.name != NOBODY]


def is_full() -> bool:
    """Whether as many visitors have made something as may."""
    return sum(until(place) is not None for place in guests()) >= ceilings.most("visitors")


def runs_of(place: Path) -> list[Run]:
    """All runs of a visitor, deleted ones too."""
    folders = [entry for name in ("runs", "trash") for entry in _inside(place / name)]
    return [Run(folder) for folder in folders if (folder / "config.yaml").is_file()]


def used(place: Path) -> int:
    """The bytes that the things of a visitor take on the disk."""
    total = 0
    for folder, _, files in os.walk(place):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += os.lstat(f"{folder}/{name}").st_size
    return total


def remove(place: Path, forget: Callable[[Run], None] = lambda run: None) -> None:
    """End what goes on for a visitor, and delete all that is theirs. ``forget`` is told each run before."""
    for run in runs_of(place):
        forget(run)
        end(run)
    leaving = home.root() / _LEAVING
    leaving.mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.rename(place, leaving / f"{place.name}-{time.monotonic_ns()}")
    clear(leaving)


def end(run: Run) -> None:
    """End the process that trains a run, at once."""
    for path in (run.launcher_path, run.lock_path):
        locks.kill_holder(path)
    deadline = time.monotonic() + PATIENCE
    while locks.is_held(run.lock_path) and time.monotonic() < deadline:
        time.sleep(0.02)


def remove_everybodys(forget: Callable[[Run], None] = lambda run: None) -> None:
    """Delete what visitors have left, as a demo begins and as it ends."""
    for place in home.visitors():
        remove(place, forget)
    clear(home.root() / _LEAVING)
    clear(home.shared_temp_dir())


def clear(folder: Path, before: float = float("inf")) -> None:
    """Delete what lies in a folder and was not changed since ``before``."""
    for entry in _inside(folder):
        with contextlib.suppress(FileNotFoundError):
            if entry.lstat().st_mtime >= before:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, onerror=_say)
            else:
                entry.unlink()


def _say(function: object, path: str, failure: object) -> None:
    """What could not be deleted is tried again at the next look."""
    log.warning("%s could not be deleted yet", path)


def _things(place: Path) -> Iterator[Path]:
    """The files by which it is known when a visitor last made something."""
    yield from _inside(place / "uploads")
    for run in runs_of(place):
        yield run.path / "config.yaml"
        if run.events_path.exists():
            yield run.events_path


def _changed(paths: Iterable[Path]) -> Iterator[float]:
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            yield path.stat().st_mtime


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
