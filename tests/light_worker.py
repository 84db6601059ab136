"""A worker like any other, but that it does not learn: the heavy libraries are left out, so that it begins at once.

It takes its job as ``core.worker`` does, and goes on until it is asked to stop.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

from core import events, home, spares, worker
from core.machine import Device
from core.runs import Run


def start(device: Device) -> subprocess.Popen[str]:
    """In the place of ``core.spares._start``."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.light_worker"],
        cwd=spares.PROJECT,
        stdin=pipe,
        stdout=pipe,
        text=True,
        start_new_session=True,
    )
    spares.startup_log(process).touch()
    return process


def train(run: Run, log: events.EventLog) -> None:
    log.append(events.Started(device="CPU", threads=1, versions={"home": str(home.home())}))
    while not run.stop_path.exists():
        time.sleep(0.02)
    log.append(events.Stopped(step=0, has_model=False, kept="nothing"))


def main() -> int:
    job: Any = types.ModuleType("core.training.job")
    job.train = train
    sys.modules["core.training.job"] = job
    task = json.loads(sys.stdin.readline())
    worker.settle(task)
    return worker.train(Run(Path(task["run"])), task["device"])


if __name__ == "__main__":
    sys.exit(main())
