"""A search is a folder, as a run is: what was asked for, and the journal of its trials. All else is derived.

searches/2026-11-22-brave-otter/
  search.yaml     the whole intent, written once
  journal.log     Optuna's record of what was tried, appended by its one driver
  driver.lock     held by that one driver while it lives
  stop            there while nothing new shall begin
  asker           of what kind whoever began it is before the Hub, where that is not the machine itself
"""

from __future__ import annotations

import random
import re
import shutil
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from core import home
from core.errors import ConfigError, RunError
from core.names import ADJECTIVES, ANIMALS
from core.runs import Run, write_atomically
from core.said import said
from core.search.config import SearchConfig, load

_ID = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z]+-[a-z]+")


@dataclass(frozen=True)
class Search:
    """The folder of a search. Everything is read from disk when asked for."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def journal_path(self) -> Path:
        return self.path / "journal.log"

    @property
    def stop_path(self) -> Path:
        return self.path / "stop"

    @property
    def lock_path(self) -> Path:
        """Held by whoever drives it."""
        return self.path / "driver.lock"

    @property
    def asker_path(self) -> Path:
        return self.path / "asker"

    @property
    def is_stopped(self) -> bool:
        """Whether somebody asked that nothing new begins."""
        return self.stop_path.exists()

    @property
    def config(self) -> SearchConfig:
        """What was asked for. Raises ``ConfigError`` when ``search.yaml`` cannot be read."""
        path = self.path / "search.yaml"
        return _read(path, path.stat().st_mtime_ns)

    @property
    def created(self) -> float:
        """Seconds since the epoch."""
        return (self.path / "search.yaml").stat().st_mtime


def create(config: SearchConfig, asker: str = "") -> Search:
    """Make the folder of a new search. Its id is no run's. ``search.yaml`` is written last."""
    while True:
        name = f"{date.today().isoformat()}-{random.choice(ADJECTIVES)}-{random.choice(ANIMALS)}"
        path = home.searches_dir() / name
        if (home.runs_dir() / name).exists() or (home.trash_dir() / name).exists():
            continue
        try:
            path.mkdir()
            break
        except FileExistsError:
            continue
    if asker:
        write_atomically(path / "asker", asker)
    write_atomically(path / "search.yaml", config.to_yaml())
    return Search(path)


def find(search_id: str) -> Search:
    """The search of this id. Ids are checked against their form, so that none can name a place outside the home."""
    if not _ID.fullmatch(search_id) or not (home.searches_dir() / search_id / "search.yaml").is_file():
        raise RunError(
            said("There is no search {search}.", search=repr(search_id)),
            said("Look it up on the page of searches; it may be deleted."),
        )
    return Search(home.searches_dir() / search_id)


def all_searches() -> list[Search]:
    """Every search, newest first."""
    found = []
    for path in home.searches_dir().iterdir():
        if _ID.fullmatch(path.name) and (path / "search.yaml").is_file():
            found.append(Search(path))
    return sorted(found, key=lambda search: (search.created, search.id), reverse=True)


def delete(search: Search) -> None:
    """Delete a search for good. Its runs stay."""
    # Without its config it is no search any more, so that nothing reads it while it goes.
    (search.path / "search.yaml").unlink()
    shutil.rmtree(search.path)


def belongs(run: Run, only: str | None) -> bool:
    """Whether a run is the one named ``only``, or a trial of the search of that name; every run is where none is."""
    if only in (None, run.id):
        return True
    try:
        return run.config.origin.search == only
    except ConfigError:
        return False


@lru_cache(maxsize=256)
def _read(path: Path, mtime_ns: int) -> SearchConfig:
    return load(path)
