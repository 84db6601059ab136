"""Several processes on this machine, or on several: ``accelerate launch`` from the run's own folder.

``core.launchers.head`` is started, which is that command with eyes and a voice: it holds the devices, starts one
process for each, and when one of them dies it writes down why the run has failed. All of them go when it goes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import home, locks, machine
from core.config import RunConfig
from core.errors import ConfigError
from core.launchers.base import Begun, Command, Launcher, Process
from core.machine import Device
from core.runs import Run, write_atomically
from core.said import said, said_many
from core.spares import environment

ASKED = "processes"
"""In a run's folder: on how many processes it was last asked to go on, where that is not what its config says."""
BEGAN = "began_with.json"
"""The same: how many there were when it began, which settles how many examples make up a step."""


class SeveralProcesses(Launcher):
    """``accelerate launch``, of which each process has a device of its own, or all share the processor."""

    id = "several-processes"
    title = "Several processes on this machine"

    def missing(self, config: RunConfig, run: Run | None = None) -> str:
        """Too few GPUs or cores, or another system than Linux."""
        count, devices = processes(config, run), machine.devices()
        if not sys.platform.startswith("linux"):
            return said("Several processes take Linux.")
        if count < 2:
            return said("It takes two processes or more.")
        here = on_each_machine(config, run)
        if devices[0].cuda is None and here > max(2, machine.cores()):
            return said(
                "This run wants {here} processes, and this machine has {cores} cores for them.",
                here=here,
                cores=machine.cores(),
            )
        if devices[0].cuda is not None and len(devices) < here:
            return said_many(
                len(devices),
                "This run wants {here} processes, each with a GPU of its own, and this machine has one GPU.",
                "This run wants {here} processes, each with a GPU of its own, and this machine has {count} GPUs.",
                here=here,
            )
        return ""

    def devices(self, config: RunConfig, run: Run | None = None) -> int:
        return min(on_each_machine(config, run), len(machine.devices()))

    def start(self, run: Run, devices: Sequence[Device], identity: Mapping[str, Any] | None) -> Begun:
        """The head, in a session of its own, so that no signal meant for the app reaches it."""
        draft = home.logs_dir() / f"worker-{os.getpid()}-{time.monotonic_ns()}.log"
        order = {"devices": [device.name for device in devices], "identity": identity}
        what = command(run, run.config.distribution.machine_rank, devices)
        with open(draft, "wb") as words:
            head = subprocess.Popen(
                list(what.arguments),
                cwd=Path(__file__).resolve().parent.parent.parent,
                env={**environment(), **what.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=words,
                start_new_session=True,
            )
        assert head.stdin is not None
        log = home.logs_dir() / f"worker-{head.pid}.log"
        os.replace(draft, log)
        with head.stdin as pipe:
            pipe.write(json.dumps(order).encode() + b"\n")
        return Process(head, log)

    def is_alive(self, run: Run) -> bool:
        return locks.is_held(run.launcher_path)

    def end(self, run: Run) -> bool:
        return locks.kill_holder(run.launcher_path)


LAUNCHER = SeveralProcesses()


def command(run: Run, number: int = 0, devices: Sequence[Device] = ()) -> Command:
    """What starts a run on machine ``number`` of those that it has, on these devices or on all that it may see."""
    seen = [device.cuda for device in devices if device.cuda is not None]
    environment = {"CUDA_VISIBLE_DEVICES": ",".join(seen)} if seen else {}
    return Command((sys.executable, "-m", "core.launchers.head", str(run.path), str(number)), environment)


def commands(run: Run) -> list[str]:
    """What to give on each of the other machines, in words; nothing for one machine."""
    return [command(run, number).in_words() for number in range(1, run.config.distribution.machines)]


def processes(config: RunConfig, run: Run | None = None) -> int:
    """How many processes a run has in all; of one that is made already, as many as it was last asked to go on with."""
    if run is not None and (asked := _asked(run)):
        return asked
    return on_each_machine(config) * config.distribution.machines


def on_each_machine(config: RunConfig, run: Run | None = None) -> int:
    """The same of each machine."""
    if run is not None and (asked := _asked(run)):
        return max(1, asked // config.distribution.machines)
    if config.distribution.processes:
        return config.distribution.processes
    gpus = [device for device in machine.devices() if device.cuda is not None]
    return max(1, len(gpus))


def ask(run: Run, count: int | None) -> None:
    """Have a run go on with so many processes; None: with as many as its config says.

    Raises ``ConfigError`` where several machines could not have the same number each.
    """
    if count is None:
        (run.path / ASKED).unlink(missing_ok=True)
        return
    machines = run.config.distribution.machines
    if count < 1 or count % machines:
        raise ConfigError(
            said("{count} processes cannot be shared by {machines} machines.", count=count, machines=machines),
            said("Give a number of 1 or more, the same for each machine."),
            field="distribution.processes",
        )
    write_atomically(run.path / ASKED, str(count))


def _asked(run: Run) -> int | None:
    try:
        return int((run.path / ASKED).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def began_with(run: Run) -> int:
    """How many processes the run had when it began, written down at its first start: each step takes as many examples
    as so many processes would, however many there are now.
    """
    place = run.path / BEGAN
    try:
        return int(json.loads(place.read_text(encoding="utf-8"))["processes"])
    except FileNotFoundError:
        return processes(run.config)


def note_beginning(run: Run) -> None:
    """Write down ``began_with``, once."""
    if not (run.path / BEGAN).exists():
        write_atomically(run.path / BEGAN, json.dumps({"processes": processes(run.config)}))
