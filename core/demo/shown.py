"""The finished runs that whoever starts a demo shows to its visitors: to be read and tried, by nobody to be changed.

They are linked into a home of their own, ``shown/runs/ID``, in which nothing else has a name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from core import home
from core.errors import ConfigError
from core.runs import Run, is_id
from core.said import said

_FOLDER = "shown"


def place() -> Path:
    """The home of the runs that are shown."""
    return home.root() / _FOLDER


def show(named: Sequence[str]) -> list[Run]:
    """Show these runs, and no others: each is an id, the folder of a run, or a folder of runs.

    Raises ``ConfigError`` for what is none, or cannot be tried.
    """
    found = [run for name in named for run in _runs(name)]
    for run in found:
        if not run.has_model or run.report is None:
            raise ConfigError(
                said("The run {run} cannot be shown: it has no model or no report.", run=run.id),
                said("Show one that has finished."),
            )
    shutil.rmtree(place(), ignore_errors=True)  # links alone; what they lead to stays
    folder = place() / "runs"
    folder.mkdir(parents=True)
    for run in found:
        link = folder / run.id
        if not link.exists():
            link.symlink_to(run.path, target_is_directory=True)
    return runs()


def runs() -> list[Run]:
    """The runs that are shown, newest first."""
    try:
        found = [Run(entry) for entry in (place() / "runs").iterdir() if is_shown(entry.name)]
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda run: (run.created, run.id), reverse=True)


def is_shown(run_id: str) -> bool:
    """Whether visitors may see and try this run."""
    return is_id(run_id) and (place() / "runs" / run_id / "config.yaml").is_file()


def _runs(name: str) -> Iterator[Run]:
    folder = home.root() / "runs" / name if is_id(name) else Path(name).expanduser().absolute()
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    several = [one for one in inside if is_id(one.name) and (one / "config.yaml").is_file()]
    if (folder / "config.yaml").is_file() and is_id(folder.name):
        several = [folder]
    if not several:
        raise ConfigError(
            said("There is no run {name} to show.", name=name),
            said("Name the id of a run in the home folder, the folder of a run, or a folder of runs."),
        )
    yield from (Run(one) for one in several)
