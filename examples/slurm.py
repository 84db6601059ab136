"""Runs on a cluster with Slurm: each is a job, which waits in Slurm's own queue.

Needs ``sbatch``, ``squeue`` and ``scancel`` on the machine of the app, and a folder of runs (``TUNESMITH_HOME``) that
the cluster's machines see under the same path. Use it with ``TUNESMITH_LAUNCHERS=examples.slurm:LAUNCHER`` and
``distribution: {launcher: slurm}`` in a ``run.yaml``.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import home
from core.config import RunConfig
from core.launchers.base import Begun, Launcher, Process
from core.launchers.several_processes import command, on_each_machine
from core.machine import Device
from core.runs import Run

HOURS = 24
PROJECT = Path(__file__).resolve().parent.parent


class Slurm(Launcher):
    """One job a run, on one machine of the cluster with as many GPUs as the run has processes."""

    id = "slurm"
    title = "A job of Slurm"

    def missing(self, config: RunConfig, run: Run | None = None) -> str:
        return "" if config.distribution.machines == 1 else "This example takes one machine of the cluster for a run."

    def devices(self, config: RunConfig, run: Run | None = None) -> int:
        return 0  # none of this machine's

    def start(self, run: Run, devices: Sequence[Device], identity: Mapping[str, Any] | None) -> Begun:
        words = command(run).in_words()
        log = home.logs_dir() / f"slurm-{run.id}.log"
        job = [
            "sbatch",
            "--wait",  # as long as the job lives, so does this process
            f"--job-name={_name(run)}",
            f"--chdir={PROJECT}",
            f"--gpus={on_each_machine(run.config, run)}",
            f"--time={HOURS}:00:00",
            "--signal=B:TERM@120",  # two minutes to save before the time is over
            f"--output={run.path / 'slurm.log'}",
            f"--wrap=exec env TUNESMITH_HOME={home.home()} {words} </dev/null",
        ]
        with open(log, "wb") as said:
            process = subprocess.Popen(
                job, env=dict(os.environ), stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        return Process(process, log)

    def is_alive(self, run: Run) -> bool:
        asked = ["squeue", "--noheader", "--me", f"--name={_name(run)}"]
        return bool(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())

    def end(self, run: Run) -> bool:
        was_there = self.is_alive(run)
        subprocess.run(["scancel", "--me", f"--name={_name(run)}"], check=True)
        return was_there


def _name(run: Run) -> str:
    return f"tunesmith-{run.id}"


LAUNCHER = Slurm()
