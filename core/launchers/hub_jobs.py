"""A machine of the Hugging Face Hub, rented for one run: ``core.jobs.follower`` goes with it, a light process here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from core import home, locks, orders
from core.config import RunConfig
from core.jobs import agreement, record
from core.launchers.base import Begun, Launcher, Process
from core.machine import Device
from core.runs import Run
from core.said import said
from core.spares import PROJECT, environment


class HubJobs(Launcher):
    """One Job a run."""

    id = "hub-jobs"
    title = "A rented machine of the Hub"

    def missing(self, config: RunConfig, run: Run | None = None) -> str:
        """Nobody has agreed to what it costs: of a run that another one, or a search, has begun."""
        if run is None or record.is_open(run) or agreement.given(run) is not None:
            return ""
        return said("It would be sent to a rented machine, and nobody has agreed to what that costs.")

    def devices(self, config: RunConfig, run: Run | None = None) -> int:
        return 0

    def start(self, run: Run, devices: Sequence[Device], identity: Mapping[str, Any] | None) -> Begun:
        """The follower, in a session of its own, so that no signal meant for the app reaches it."""
        log = home.logs_dir() / f"job-{os.getpid()}-{time.monotonic_ns()}.log"
        # No token of this machine either: whom it asks as comes through the pipe.
        with open(log, "wb") as words:
            process = subprocess.Popen(
                [sys.executable, "-m", "core.jobs.follower", str(run.path)],
                cwd=PROJECT,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=words,
                start_new_session=True,
            )
        assert process.stdin is not None
        with process.stdin as pipe:
            pipe.write(json.dumps({"identity": identity}).encode() + b"\n")
        return Process(process, log)

    def is_alive(self, run: Run) -> bool:
        return locks.is_held(run.launcher_path)

    def end(self, run: Run) -> bool:
        """The follower has the machine taken away, and sees that it is."""
        if not record.is_open(run):
            return False
        orders.stop(run, "nothing")
        return True


LAUNCHER = HubJobs()
