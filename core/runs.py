"""A run is a folder, and the folder is the only truth.

State is derived from the events and the lock each time it is asked for, never stored: a closed tab, two viewers, a
restarted app, a killed worker and a copied folder all tell the truth.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from core import events, home, locks, plain_yaml
from core.config import RunConfig, validate
from core.errors import ConfigError, Missing, RunError
from core.names import ADJECTIVES, ANIMALS
from core.said import restored, said

_ID = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+-[a-z]+")


class State(StrEnum):
    """What a run is doing."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Events without an end and nobody holding the lock: the worker was killed, or the machine went off."""
    UNREADABLE = "unreadable"
    """Its config cannot be read: written by a newer version, or changed by hand."""

    @property
    def is_over(self) -> bool:
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Run:
    """A run's folder. Everything is read from disk when asked for."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def events_path(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def lock_path(self) -> Path:
        return self.path / "worker.lock"

    @property
    def launcher_path(self) -> Path:
        """Held by whoever starts several processes for it, until the last of them has gone."""
        return self.path / "launcher.lock"

    @property
    def rented_path(self) -> Path:
        """There while a machine may be running, and costing, for it elsewhere: see ``core.jobs.record``."""
        return self.path / "rented"

    @property
    def log_path(self) -> Path:
        return self.path / "worker.log"

    @property
    def stop_path(self) -> Path:
        """Written to ask for a stop: see ``core.orders``."""
        return self.path / "stop"

    @property
    def pause_path(self) -> Path:
        """There while somebody wants it to pause."""
        return self.path / "pause"

    @property
    def turn(self) -> float:
        """Where it stands in the queue: the smallest is next. When it was made, unless somebody moved it."""
        try:
            return float((self.path / "turn").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return self.created

    def take_turn(self, turn: float) -> None:
        write_atomically(self.path / "turn", repr(turn))

    @property
    def front_path(self) -> Path:
        """There when an administrator has moved it before the runs of all others."""
        return self.path / "front"

    @property
    def again_path(self) -> Path:
        """Touched to ask that a run that is over be taken up again."""
        return self.path / "again"

    @property
    def asker_path(self) -> Path:
        """Of what kind whoever queued it is before the Hub, where that is not the machine itself."""
        return self.path / "asker"

    @property
    def checkpoints_path(self) -> Path:
        return self.path / "checkpoints"

    @property
    def tokens_path(self) -> Path:
        """Prepared texts of a large table, while it trains."""
        return self.path / ".tokens"

    @property
    def model_path(self) -> Path:
        return self.path / "model"

    @property
    def predictions_path(self) -> Path:
        return self.path / "predictions"

    @property
    def config(self) -> RunConfig:
        """What was asked for. Raises ``ConfigError`` when ``config.yaml`` cannot be read."""
        path = self.path / "config.yaml"
        return _read_config(path, path.stat().st_mtime_ns)

    @property
    def created(self) -> float:
        """Seconds since the epoch."""
        return (self.path / "config.yaml").stat().st_mtime

    @property
    def name(self) -> str:
        """The name last given to it, else the one in its config, else its id."""
        try:
            renamed = (self.path / "name.txt").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            renamed = ""
        return renamed or self.config.name or self.id

    def rename(self, name: str) -> None:
        write_atomically(self.path / "name.txt", name.strip())

    @property
    def report(self) -> dict[str, Any] | None:
        """``report.json``, or None while there is no judgement."""
        path = self.path / "report.json"
        try:
            return _read_json(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            return None

    @property
    def has_model(self) -> bool:
        """``model/`` is renamed into place when whole, so that its existence means done."""
        return (self.model_path / "config.json").exists()

    @property
    def together_path(self) -> Path:
        """Of an ensemble whose members stay apart: how they are used together."""
        return self.path / "together"

    @property
    def can_answer(self) -> bool:
        """Whether it can be asked: it has a model, or the models of other runs answer for it together."""
        return self.has_model or self.together_path.is_dir()

    @property
    def is_wanted(self) -> bool:
        """Whether a worker should begin: nothing has happened, not even a stop while it waited, or it goes on again."""
        is_new = not events.size(self.events_path) and not self.stop_path.exists()
        return self.path.is_dir() and (is_new or self.again_path.exists())

    @property
    def state(self) -> State:
        """What the run is doing now, from its lock and its last event."""
        if locks.is_held(self.lock_path) or locks.is_held(self.launcher_path) or self.rented_path.exists():
            return State.RUNNING
        if self.again_path.exists():
            return State.QUEUED
        match _last_event(self.events_path, *_size_and_time(self.events_path)):
            case None if events.size(self.events_path):
                return State.INTERRUPTED  # something happened, though this program cannot read what
            case None:
                return State.STOPPED if self.stop_path.exists() else State.QUEUED
            case events.Finished():
                return State.FINISHED
            case events.Stopped():
                return State.STOPPED
            case events.Failed():
                return State.FAILED
            case _:
                # An end written between the two looks above must not read as an interruption.
                return State.RUNNING if locks.is_held(self.lock_path) else State.INTERRUPTED


def create(config: RunConfig) -> Run:
    """Make the folder of a new run. ``config.yaml`` is written last: a folder without it is not yet a run."""
    while True:
        path = home.runs_dir() / f"{date.today().isoformat()}-{random.choice(ADJECTIVES)}-{random.choice(ANIMALS)}"
        if any((place / kind / path.name).exists() for place in home.everyones() for kind in ("runs", "trash")):
            continue
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            break
    write_atomically(path / "config.yaml", config.to_yaml())
    return Run(path)


def is_id(text: str) -> bool:
    """Whether this has the form of a run's id, so that it can name no place outside of a home."""
    return _ID.fullmatch(text) is not None


def find(run_id: str) -> Run:
    """The run of this id. Ids are checked against their form, so that none can name a place outside the home."""
    if not is_id(run_id) or not (home.runs_dir() / run_id / "config.yaml").is_file():
        advice = said("Look it up on the page of all runs; it may have been deleted.")
        raise Missing(said("There is no run {run}.", run=repr(run_id)), advice)
    return Run(home.runs_dir() / run_id)


def all_runs() -> list[Run]:
    """Every run, newest first."""
    return _newest_first(home.runs_dir())


def everyones_runs() -> Iterator[Run]:
    """The runs in every home there is."""
    return chain.from_iterable(map(runs_in, home.everyones()))


def runs_in(place: Path) -> Iterator[Run]:
    """The runs in one home."""
    with contextlib.suppress(FileNotFoundError):  # a home without runs, or one that is being removed
        yield from (Run(place / "runs" / name) for _, name in _dated(place / "runs"))


def trashed() -> list[Run]:
    """Runs in the trash, newest first."""
    return _newest_first(home.trash_dir())


def move_to_trash(run: Run) -> None:
    """Take the run away so that it can still be brought back."""
    if not run.state.is_over and not (run.state is State.QUEUED and not locks.is_held(run.lock_path)):
        raise RunError(said("This run is still going."), said("Stop it first, then delete it."))
    os.rename(run.path, home.trash_dir() / run.id)


def restore(run_id: str) -> Run:
    """Bring a run back from the trash."""
    place = home.trash_dir() / run_id
    if not is_id(run_id) or not place.is_dir():
        title = said("There is no run {run} in the trash.", run=repr(run_id))
        raise Missing(title, said("It may have been brought back already."))
    os.rename(place, home.runs_dir() / run_id)
    return find(run_id)


def empty_trash() -> int:
    """Delete for good what is in the trash. Returns how many runs that were."""
    gone = trashed()
    for run in gone:
        shutil.rmtree(run.path)
    return len(gone)


def write_atomically(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a file whole or not at all: under another name, flushed to disk, then renamed; its name is flushed too."""
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.draft")
    with open(draft, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _newest_first(folder: Path) -> list[Run]:
    return [Run(folder / name) for _, name in sorted(_dated(folder), reverse=True)]


def _dated(folder: Path) -> Iterator[tuple[float, str]]:
    """(when it was made, id) of each run. It is asked once a second: one look at each of maybe a thousand folders."""
    for name in os.listdir(folder):  # noqa: PTH208  (Path takes three times as long)
        if not _ID.fullmatch(name):
            continue
        try:
            yield os.stat(f"{folder}/{name}/config.yaml").st_mtime, name  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            continue  # not yet a run, or deleted at this moment


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=4096)
def _last_event(path: Path, size: int, mtime_ns: int) -> events.Event | None:
    """The newest event. Files that did not change are not read again: every run is looked at once a second."""
    return events.last(path)


@lru_cache(maxsize=4096)
def _read_config(path: Path, mtime_ns: int) -> RunConfig:
    try:
        data = plain_yaml.load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        title = said("The run's config.yaml cannot be read.")
        raise ConfigError(title, said("It may have been changed."), cause=str(exc)) from exc
    with home.living_in(home.whose(path)):
        return validate(home.with_moved_places(data))


@lru_cache(maxsize=32)
def _read_json(path: Path, mtime_ns: int) -> dict[str, Any]:
    return restored(json.loads(path.read_text(encoding="utf-8")))
