"""Where Tunesmith keeps its things: one folder, one setting.

``TUNESMITH_HOME`` names it; without it, the user's data directory is used. It is read at call time, so that one
environment variable moves everything, in tests too.

Where several people use one app, each has a home of their own inside of that folder, ``people/KEY``: what is done for
somebody is done ``living_in`` theirs, where the things of others have no name. Visitors of a demo have theirs in
``visitors/KEY``, for an hour. What all share stays in ``root``. A
process that works for one of them is told both places: ``TUNESMITH_HOME`` and ``TUNESMITH_ROOT``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.said import said

ASSETS = Path(__file__).resolve().parent.parent / "assets"
HOME, ROOT = "TUNESMITH_HOME", "TUNESMITH_ROOT"
_PEOPLE, _VISITORS = "people", "visitors"
_living: ContextVar[Path | None] = ContextVar("living", default=None)
_elsewhere: Path | None = None
"""Of the whole process, where nobody's home is named for what is going on."""


def home() -> Path:
    """The folder of runs and caches of whoever is being served. It is made if it does not exist."""
    return _made(_living.get() or _elsewhere or _named())


def root() -> Path:
    """The folder that all share: who has which device, what was found out about the machine, everybody's homes."""
    shared = os.environ.get(ROOT)
    return _made(Path(shared) if shared else _named())


def _named() -> Path:
    named = os.environ.get(HOME)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("tunesmith", appauthor=False)


def of_person(key: str) -> Path:
    """The home of one of several people. ``key`` is their folder's name (``core.people.types.Person.key``)."""
    return root() / _PEOPLE / key


def of_visitor(key: str) -> Path:
    """The home of a visitor of a demo, for as long as it is kept."""
    return root() / _VISITORS / key


def visitors() -> list[Path]:
    """The homes of all visitors of a demo."""
    return _folders(root() / _VISITORS)


def is_visitors(place: Path | None = None) -> bool:
    """Whether this home, or the one of whoever is being served, is that of a visitor of a demo. None is made."""
    return (place or _living.get() or _elsewhere or _named()).parent == root() / _VISITORS


def everyones() -> list[Path]:
    """Every home there is: the shared folder, which is the home of whoever needs no name, and those of people and of
    visitors.
    """
    return [root(), *_folders(root() / _PEOPLE), *visitors()]


def _folders(place: Path) -> list[Path]:
    try:
        return [
            Path(path) for path in sorted(one.path for one in os.scandir(place) if one.is_dir(follow_symlinks=False))
        ]
    except FileNotFoundError:
        return []


def whose(path: Path) -> Path:
    """The home in which a path lies; the shared folder where it lies in nobody's own."""
    for homes in (root() / _PEOPLE, root() / _VISITORS):
        if homes in path.parents:
            return homes / path.relative_to(homes).parts[0]
    return root()


def lived_in() -> Path | None:
    """Whose home counts here and now; None where it is the process's own."""
    return _living.get()


@contextmanager
def living_in(place: Path | None) -> Iterator[None]:
    """``home`` is this place for a while. Threads that are started inside do not know of it, unless what they do is
    ``core.hub.identity.carried``, or runs in a copy of this context.

    Not around a ``yield``: each step of a generator may run in another context.
    """
    before = _living.set(place)
    try:
        yield
    finally:
        _living.reset(before)


def unless_lived_in(place: Path | None) -> None:
    """Where this process lives when nobody's home is named for what is going on. An app for several people gives an
    empty one, so that what somebody forgets to carry finds nothing of anybody.
    """
    global _elsewhere
    _elsewhere = place


def places(of: Path) -> dict[str, str]:
    """What a process that works in this home is told: environment variables."""
    return {HOME: str(of)} | ({} if of == root() else {ROOT: str(root())})


def move_into(place: Path) -> None:
    """Have this home from now on, in all of this process and in those that it starts."""
    os.environ.update(places(place))


def may_name(path: Path) -> bool:
    """Whether whoever is being served may have this file or folder read: in a home of their own only what lies inside
    of it, came with the program, or has just come from a browser, under a name that nobody can guess. A link counts as
    what it leads to.
    """
    if home() == root():
        return True
    real = path.expanduser().resolve()
    if any(real == place or place in real.parents for place in (home().resolve(), ASSETS)):
        return True
    return root().resolve() / "temp" in real.parents and real.is_file()  # a folder there could be anybody's


def _made(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise _not_writable(exc) from exc
    return path


def need_writable() -> None:
    """Raise ``StudioError`` where nothing can be written into the home folder: a disk that may only be read, a folder
    of somebody else.
    """
    try:
        with tempfile.TemporaryFile(dir=home()):
            pass
    except OSError as exc:
        raise _not_writable(exc) from exc


def _not_writable(exc: OSError) -> StudioError:
    where = os.environ.get(HOME) or exc.filename
    return StudioError(
        said("The home folder {where} cannot be written to.", where=where),
        said(
            "Give this user the right to write there, or choose another folder: start with "
            "TUNESMITH_HOME=/another/folder."
        ),
        cause=f"{type(exc).__name__}: {exc}",
    )


def _inside(name: str) -> Path:
    return _made(home() / name)


def runs_dir() -> Path:
    """One folder a run."""
    return _inside("runs")


def searches_dir() -> Path:
    """One folder a search for better settings."""
    return _inside("searches")


def trash_dir() -> Path:
    """Deleted runs, until the trash is emptied."""
    return _inside("trash")


def uploads_dir() -> Path:
    """Files given through the browser, by content hash."""
    return _inside("uploads")


def cache_dir() -> Path:
    """What can be made again: imported tables, tokenised sets. Safe to delete while nothing runs."""
    return _inside("cache")


def shared_cache_dir() -> Path:
    """What can be made again and is the same for everybody: models of the program's own, times of this machine."""
    return _made(root() / "cache")


def logs_dir() -> Path:
    """What workers print before they have a run's own log. Not served to browsers, unlike ``temp_dir``."""
    return _made(root() / "logs")


def temp_dir() -> Path:
    """Scratch files."""
    return _inside("temp")


def shared_temp_dir() -> Path:
    """Gradio's own scratch files, under names that nobody can guess."""
    return _made(root() / "temp")


def found(path: Path) -> Path:
    """Where something is that was in the home folder when its path was written down, and has moved with it."""
    if path.exists():
        return path
    for name in ("runs", "uploads"):
        parts = path.parts
        for place in (place for place, part in enumerate(parts) if part == name):
            moved = home().joinpath(*parts[place:])
            if moved.exists():
                return moved
    return path


def with_moved_places(data: Any) -> Any:
    """A config whose places in the home folder are those of now: the home may have moved since it was written."""
    for section, name in (("data", "source"), ("model", "checkpoint"), ("training", "resume_from_checkpoint")):
        named = data[section].get(name) if isinstance(data, dict) and isinstance(data.get(section), dict) else None
        if isinstance(named, str) and named.startswith("/"):
            data[section][name] = str(found(Path(named)))
    return data
