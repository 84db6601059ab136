"""Every launcher there is. A new one is a file beside this one and an entry here.

People who program can bring one of their own without touching this list:
``TUNESMITH_LAUNCHERS=package.module:LAUNCHER`` (or several, parted by commas) puts it beside the others, under its
``id``; ``distribution.launcher: package.module:LAUNCHER`` in a ``run.yaml`` uses it once. See ``docs/launchers.md``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.custom import imported
from core.distribution_config import DistributionConfig
from core.errors import ConfigError, StudioError
from core.launchers import several_processes as several
from core.launchers.base import Launcher
from core.launchers.hub_jobs import LAUNCHER as HUB_JOBS
from core.launchers.one_process import LAUNCHER as ONE_PROCESS
from core.launchers.several_processes import LAUNCHER as SEVERAL_PROCESSES
from core.schema import rows

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.runs import Run


class Launchers(dict[str, Launcher]):
    """Launchers by id. An id that is an import path is imported when it is asked for: ``ConfigError`` where that leads
    nowhere.
    """

    def __missing__(self, launcher_id: str) -> Launcher:
        if ":" not in launcher_id:
            raise KeyError(launcher_id)
        return imported(launcher_id, Launcher)  # type: ignore[type-abstract]


LAUNCHERS = Launchers({one.id: one for one in (ONE_PROCESS, SEVERAL_PROCESSES, HUB_JOBS)})
for path in filter(None, os.environ.get("TUNESMITH_LAUNCHERS", "").split(",")):
    brought = imported(path.strip(), Launcher)  # type: ignore[type-abstract]
    LAUNCHERS[brought.id] = brought


def for_start(run: Run) -> tuple[Launcher, int]:
    """(who starts this run, how many devices of this machine it takes); one whose config cannot be read goes the usual
    way, where that is said.
    """
    try:
        config = run.config
        launcher = launcher_of(config, run)
        return launcher, launcher.devices(config, run)
    except (StudioError, OSError):
        return ONE_PROCESS, 1


def devices_of(config: RunConfig) -> int:
    """How many devices of this machine such a run takes; one where that cannot be told."""
    try:
        return launcher_of(config).devices(config)
    except (StudioError, OSError):
        return 1


def refusal(run: Run, launcher: Launcher) -> str:
    """Why the run cannot be started here, in a sentence; empty where it can."""
    try:
        return launcher.missing(run.config, run)
    except (StudioError, OSError):
        return ""


def note_beginning(run: Run) -> None:
    """Hold on to the number of processes where the config leaves it to the machine."""
    try:
        if not run.config.distribution.processes and not run.config.job.is_rented:
            several.note_beginning(run)
    except (StudioError, OSError):
        return


def launcher_of(config: RunConfig, run: Run | None = None) -> Launcher:
    """Who starts such a run: the one that is named, else by how many processes it has."""
    if config.job.is_rented:
        return HUB_JOBS
    if config.distribution.launcher:
        return LAUNCHERS[config.distribution.launcher]
    return SEVERAL_PROCESSES if several.processes(config, run) > 1 else ONE_PROCESS


@dataclass(frozen=True)
class Spread:
    """How a run is spread over processes and machines, to be shown."""

    processes: int
    machines: int
    strategy: str
    """In words."""
    commands: tuple[str, ...]
    """What to give on each of the other machines, the second one first."""

    def in_words(self) -> str:
        """One line; empty for one process."""
        if self.processes == 1:
            return ""
        where = "" if self.machines == 1 else f" on {self.machines} machines"
        return f"{self.processes} processes{where}; each holds {self.strategy}"


def spread_of(run: Run) -> Spread:
    """How this run is spread, by its config and by what was last asked for it; a config that cannot be read says
    nothing of it.
    """
    try:
        wanted, total = run.config.distribution, several.processes(run.config, run)
    except ConfigError:
        return Spread(1, 1, "", ())
    row = next(row for row in rows(DistributionConfig) if row.name == "strategy")
    words = next(words for words, value in row.choices if value == wanted.strategy)
    return Spread(total, wanted.machines, words, tuple(several.commands(run)))
