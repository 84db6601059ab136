"""What a launcher is: the way in which a run's processes are started, found alive, and ended.

A run's folder says all that a start takes, so a launcher may start it anywhere that sees the folder, or may carry the
folder elsewhere and bring back what is written there. It never tells how a run goes: its events do.
"""

from __future__ import annotations

import contextlib
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.machine import Device
from core.runs import Run


class Begun(ABC):
    """A start that is under way."""

    @abstractmethod
    def poll(self) -> int | None:
        """The exit code once it has ended (``core.worker``'s ``EXIT_…``), None while it lives. Never waits."""

    @abstractmethod
    def last_words(self) -> str:
        """What it printed before the run had a log of its own: why it could not begin, if it could not."""

    def forget(self) -> None:
        """It has ended and was looked at: remove what was left of it outside the run's folder."""
        return


@dataclass(frozen=True)
class Command:
    """What to start on one machine. ``environment`` is added to that of the app; secrets never stand in either."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def in_words(self) -> str:
        """As a person types it."""
        import shlex

        words = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*words, shlex.join(self.arguments)])


class Launcher(ABC):
    """One way to start runs. ``id`` is its name in ``distribution.launcher``, ``title`` what a person reads."""

    id: str
    title: str

    def missing(self, config: RunConfig, run: Run | None = None) -> str:
        """Why it cannot start such a run here, in a sentence; empty where it can. As in ``devices``."""
        return ""

    def devices(self, config: RunConfig, run: Run | None = None) -> int:
        """How many of this machine's devices a run takes; 0 for one that computes elsewhere. Of a ``run`` that is made
        already, by what was last asked for it.
        """
        return 1

    @abstractmethod
    def start(self, run: Run, devices: Sequence[Device], identity: Mapping[str, Any] | None) -> Begun:
        """Start it on these devices, and return at once. ``identity`` says as whom the Hub is asked: it is handed over
        a pipe, and never written, named in arguments or put into an environment.
        """

    def is_alive(self, run: Run) -> bool:
        """Whether one that was started, perhaps by an app that has ended since, is still on its way to the run's lock:
        it is not started a second time then. One on this machine holds its devices' locks, which says enough.
        """
        return False

    @abstractmethod
    def end(self, run: Run) -> bool:
        """End it at once, without its leave; whether there was something to end."""


@dataclass
class Process(Begun):
    """One that is a process on this machine, or waits as one for something elsewhere. ``log``: what it prints."""

    process: subprocess.Popen[Any]
    log: Path

    def poll(self) -> int | None:
        return self.process.poll()

    def last_words(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]
        return ""

    def forget(self) -> None:
        self.log.unlink(missing_ok=True)
