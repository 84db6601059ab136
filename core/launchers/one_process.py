"""One process on one device: a worker that stands ready takes the run at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core import locks
from core.launchers.base import Begun, Launcher, Process
from core.machine import Device
from core.runs import Run
from core.spares import startup_log

if TYPE_CHECKING:
    from core.spares import Spares


class OneProcess(Launcher):
    """``core.worker``, out of the app's spare ones where there is one."""

    id = "one-process"
    title = "One process on this machine"
    spares: Spares | None = None
    """Those of the app, once there is one."""

    def start(self, run: Run, devices: Sequence[Device], identity: Mapping[str, Any] | None) -> Begun:
        assert self.spares is not None, "set by the supervisor"
        worker = self.spares.take("train", run.path, devices[0], identity=identity)
        # The pipes have done their work; the worker lets go of its ends too.
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                pipe.close()
        return Process(worker, startup_log(worker))

    def end(self, run: Run) -> bool:
        return locks.kill_holder(run.lock_path)


LAUNCHER = OneProcess()
