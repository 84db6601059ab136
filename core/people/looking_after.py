"""What an administrator sees and does: who uses what, whose runs go on or wait, what the disk holds.

Names of people and of runs, and figures: never a text, an answer, a log or a model of somebody.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core import ceilings, events, home, orders, queue, runs
from core.ceilings import CEILINGS
from core.errors import Missing, RunError
from core.figures import size
from core.people import audit, disk, quotas, residents
from core.people.quotas import Use
from core.people.types import Person
from core.resting import state_of
from core.runs import Run, State, everyones_runs, runs_in
from core.said import said
from core.waiting_time import standings

OLD_DAYS = 7
"""What can be made again and was not used for so long is old."""
_DAY = 86400.0
LABELS = {
    quotas.DISK: "Disk space",
    quotas.RUNNING: "Runs at a time",
    quotas.WAITING: "Runs waiting",
    quotas.HOURS: "Hours in 7 days",
    quotas.RUN: "Hours of one run",
}


@dataclass(frozen=True)
class Limit:
    """A personal limit as it stands for somebody: what they are given is empty where it is what all have."""

    name: str
    label: str
    words: str
    common: str
    given: str


@dataclass(frozen=True)
class Somebody:
    """A person and what they use."""

    key: str
    name: str
    kind: str
    seen: float
    """When they last were there, in seconds since 1970."""
    running: int
    waiting: int
    over: int
    uses: list[Use]
    limits: list[Limit]
    trash: int
    """Bytes."""
    old: int
    """Bytes of what can be made again and is old."""


@dataclass(frozen=True)
class Going:
    """A run that goes on or waits."""

    key: str
    owner: str
    id: str
    name: str
    is_running: bool
    is_stopping: bool
    standing: str
    since: float
    """When it began, or was made, in seconds since 1970."""


@dataclass(frozen=True)
class Room:
    """What the disk has, and what is kept free of it."""

    free: int
    total: int
    kept_free: int


def people() -> list[Somebody]:
    """Everybody who has a home here, who was there last first."""
    counts: dict[Path, Counter[State]] = {}
    for run in everyones_runs():
        counts.setdefault(home.whose(run.path), Counter())[state_of(run)] += 1
    found = [_somebody(whose, place, counts.get(place, Counter())) for place, whose in _homes()]
    return sorted(found, key=lambda one: one.seen, reverse=True)


def going() -> list[Going]:
    """The runs of all that go on, then those that wait, the next one first."""
    whose = {place: one.name for place, one in _homes()}
    running = [run for run in everyones_runs() if state_of(run) is State.RUNNING]
    waiting = queue.waiting()
    words = ["" for _ in running] + standings(waiting)
    return [_going(run, whose, standing) for run, standing in zip([*running, *waiting], words, strict=True)]


def room() -> Room:
    """The disk on which all homes lie."""
    found = shutil.disk_usage(home.root())
    return Room(found.free, found.total, ceilings.most("disk"))


def stop(key: str, run_id: str) -> None:
    """Ask somebody's run to stop and keep its best model; one that waits leaves the queue."""
    run, whose = _find(key, run_id)
    if run.state.is_over:
        raise RunError(said("This run is already over."), said("There is nothing to stop."))
    audit.note("run stopped", run_id, f"of {whose.name}, by an administrator", strictly=True)
    run.again_path.unlink(missing_ok=True)
    orders.stop(run, "best", said("An administrator of this app has stopped it."))


def to_front(key: str, run_id: str) -> None:
    """Have somebody's run begin before all others that wait."""
    run, whose = _find(key, run_id)
    if run.state is not State.QUEUED:
        raise RunError(
            said("This run does not wait any more."), said("It has begun, or it was taken out of the queue.")
        )
    audit.note("moved to the front", run_id, f"of {whose.name}", strictly=True)
    run.front_path.touch()


def give(key: str, name: str, text: str) -> None:
    """Give somebody another limit; an empty text gives back what all have."""
    whose = _whose(key)
    before, after = quotas.given(key, name), quotas.as_given(name, text)
    if before != after:
        words = f"{LABELS[name]}: {before or 'as all'} → {after or 'as all'}"
        audit.note("limit changed", whose.name, words, strictly=True)
    quotas.give(key, name, text)


def clean(what: str, key: str = "") -> int:
    """Remove for good the ``trash`` of somebody or of all, or what is ``old`` and can be made again: the bytes of that.

    Raises ``Missing`` for anything else.
    """
    places = [home.of_person(_whose(key).key)] if key else [place for place, _ in _homes()]
    audit.note("cleaned up", _whose(key).name if key else "all", what, strictly=True)
    match what:
        case "trash":
            gone = sum(_empty(place) for place in places)
        case "old":
            gone = sum(_remove(place) for place in places)
        case _:
            raise Missing(said("There is nothing of this kind to clean up."), said("Load the page anew."))
    audit.note("cleaned up", _whose(key).name if key else "all", f"{what}: {size(gone)} removed")
    return gone


def _somebody(whose: Person, place: Path, states: Counter[State]) -> Somebody:
    running, waiting = states[State.RUNNING], states[State.QUEUED]
    return Somebody(
        key=whose.key,
        name=whose.name,
        kind=whose.kind,
        seen=residents.seen(place),
        running=running,
        waiting=waiting,
        over=states.total() - running - waiting,
        uses=quotas.uses(place),
        limits=[
            Limit(name, LABELS[name], CEILINGS[name].words, ceilings.in_words(name), quotas.given(whose.key, name))
            for name in quotas.NAMES
        ],
        trash=disk.used(place / "trash"),
        old=_bytes(_old(place)),
    )


def _going(run: Run, whose: dict[Path, str], standing: str) -> Going:
    place = home.whose(run.path)
    begun = None if standing else events.last(run.events_path, events.Started)
    try:
        name, since = run.name, begun.time if begun else run.created
    except FileNotFoundError:  # deleted at this moment
        name, since = run.id, time.time()
    key = place.name if quotas.is_limited(place) else ""
    return Going(
        key=key,
        owner=whose.get(place, "the command line"),
        id=run.id,
        name=name,
        is_running=not standing,
        is_stopping=run.stop_path.exists(),
        standing=standing,
        since=since,
    )


def _homes() -> Iterator[tuple[Path, Person]]:
    for place in home.everyones():
        if (whose := residents.owner(place)) is not None:
            yield place, whose


def _whose(key: str) -> Person:
    found = next((whose for _, whose in _homes() if whose.key == key), None)
    if found is None:
        raise Missing(said("There is nobody of this name."), said("Load the page anew."))
    return found


def _find(key: str, run_id: str) -> tuple[Run, Person]:
    whose = _whose(key)
    with home.living_in(home.of_person(whose.key)):
        return runs.find(run_id), whose


def _empty(place: Path) -> int:
    count = disk.measured(place / "trash")
    with home.living_in(place):
        gone = runs.empty_trash()
    disk.forget(place)
    disk.forget(place / "trash")
    return count if gone else 0


def _remove(place: Path) -> int:
    found = _old(place)
    count = _bytes(found)
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    disk.forget(place)
    return count


def _old(place: Path) -> list[Path]:
    """What lies in the cache of a home and was not used for long; nothing while a run of it goes on or waits."""
    if any(state_of(run) in (State.RUNNING, State.QUEUED) for run in runs_in(place)):
        return []
    since = time.time() - OLD_DAYS * _DAY
    kinds = [kind for kind in _inside(place / "cache") if kind.is_dir() and not kind.is_symlink()]
    return [one for kind in kinds for one in _inside(kind) if not one.is_symlink() and _used(one) < since]


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _used(path: Path) -> float:
    """When a file, or anything in a folder, was last read or written; of one that is removed at this moment, now."""
    try:
        files = [path, *path.rglob("*")] if path.is_dir() else [path]
        return max(max(file.stat().st_mtime, file.stat().st_atime if file.is_file() else 0) for file in files)
    except FileNotFoundError:
        return time.time()


def _bytes(paths: list[Path]) -> int:
    return sum(disk.measured(path) if path.is_dir() else _size(path) for path in paths)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # removed at this moment
        return 0
