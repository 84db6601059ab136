"""Where Tunesmith keeps its things: one folder, one setting.

``TUNESMITH_HOME`` names it; without it, the user's data directory is used. It is read at call time, so that one
environment variable moves everything, in tests too.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from core.errors import StudioError

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def home() -> Path:
    """The folder of runs and caches. It is made if it does not exist."""
    named = os.environ.get("TUNESMITH_HOME")
    if named:
        path = Path(named).expanduser().absolute()
    else:
        from platformdirs import user_data_path

        path = user_data_path("tunesmith", appauthor=False)
    return _made(path)


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
    where = os.environ.get("TUNESMITH_HOME") or exc.filename
    return StudioError(
        f"The home folder {where} cannot be written to.",
        "Give this user the right to write there, or choose another folder: start with TUNESMITH_HOME=/another/folder.",
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


def logs_dir() -> Path:
    """What workers print before they have a run's own log. Not served to browsers, unlike ``temp_dir``."""
    return _inside("logs")


def temp_dir() -> Path:
    """Gradio's own scratch files."""
    return _inside("temp")


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
