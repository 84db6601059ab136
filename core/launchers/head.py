"""``accelerate launch`` for one run, with eyes and a voice: it holds the run's devices on this machine, starts the
processes, and says in the run's events why they have failed, if they have.

Its processes die with it, however it dies. A termination signal is passed on to them: they save and leave.

Run as: ``python -m core.launchers.head FOLDER NUMBER``, where NUMBER says which of the run's machines this is; 0 writes
the run down. One JSON line on standard input tells machine 0 which devices to hold and as whom to ask the Hub.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from core import events, locks, machine
from core.hub.identity import Identity, become
from core.launchers import failing, files
from core.launchers.several_processes import commands, note_beginning, on_each_machine, processes
from core.queue import device_lock
from core.runs import Run
from core.spares import environment
from core.worker import EXIT_FAILED, EXIT_LEFT, EXIT_OK, EXIT_TAKEN, detach, keep_one_device, warm_up

SHUTDOWN_SECONDS = 120
"""So long the processes have to save when they are asked to go."""


def main() -> int:
    run, number = Run(Path(sys.argv[1]).absolute()), int(sys.argv[2])
    line = "" if sys.stdin.isatty() else sys.stdin.readline()
    order: dict[str, Any] = json.loads(line) if line.strip() else {}
    with ExitStack() as held:
        if not _hold(held, run, number, order.get("devices", [])):
            return EXIT_TAKEN
        detach(run.log_path)
        return _launch(run, number, order.get("identity"))


def _hold(held: ExitStack, run: Run, number: int, devices: list[str]) -> bool:
    """Take the run and its devices on this machine; False where somebody else has one of them. Who starts it elsewhere
    than the app has seen to devices of its own, such as a cluster does.
    """
    if number == 0 and not run.is_wanted:
        return False
    places = [device_lock(name) for name in devices]
    if number == 0:
        places.append(run.launcher_path)
    for place in places:
        lock = locks.acquire(place)
        if lock is None:
            return False
        held.enter_context(lock)
    return True


def _launch(run: Run, number: int, identity: Any) -> int:
    """Run the processes to their end. The exit code is that of a worker."""
    # As that of every worker, also where a person or a cluster has started this; before torch is imported.
    facts = environment()
    os.environ.clear()
    os.environ.update(facts)
    from accelerate.commands.launch import launch_command, launch_command_parser
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    since = events.size(run.events_path)
    here, total = on_each_machine(run.config, run), processes(run.config, run)
    if number == 0:
        note_beginning(run)
        failing.clear(run)
    if total == 1:
        return _alone(run, since, identity)
    if number == 0:
        _tell_the_others(run)
    place = files.write(run, number, here, total)
    _hand_over({"run": str(run.path), "processes": total, "since": since, "identity": identity})
    threads = max(1, machine.threads() * min(here, len(machine.devices())) // here)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ |= {
        "TORCH_ELASTIC_SHUTDOWN_TIMEOUT": str(SHUTDOWN_SECONDS),
        "TUNESMITH_HEAD": str(os.getpid()),
    }
    wanted = ["--config_file", str(place), "--num_cpu_threads_per_process", str(threads), "--module"]
    try:
        launch_command(launch_command_parser().parse_args([*wanted, "core.launchers.rank"]))
    except ChildFailedError as exc:
        codes = {rank: failure.exitcode for rank, failure in exc.failures.items()}
        return failing.tell(run, since, codes, total, number)
    except SignalException:
        return EXIT_LEFT
    except Exception as exc:  # it never came to its processes: a port that is taken, a machine that does not answer
        return failing.tell_of(run, exc, number)
    return EXIT_OK if number or failing.ending(run, since) else EXIT_FAILED


def _alone(run: Run, since: int, identity: Any) -> int:
    """One process needs nobody to start it."""
    from core.launchers import rank

    keep_one_device()
    warm_up()
    become(Identity.of(identity))
    code = rank.train(run, 1, since)
    return failing.tell(run, since, {0: code}, 1) if code == EXIT_FAILED else code


def _tell_the_others(run: Run) -> None:
    """Of several machines: say on the run's page what to give on each of the others. It begins when all are there."""
    given = commands(run)
    lock = locks.acquire(run.lock_path) if given else None
    if lock is None:
        return
    with lock:
        # With an event it would count as begun.
        run.again_path.touch()
        record = events.EventLog(run.events_path)
        for number, words in enumerate(given, 1):
            title = f"The run begins when machine {number} has joined."
            record.append(events.Noticed(level="info", title=title, detail=f"Give there: {words}"))
        record.close()


def _hand_over(order: dict[str, Any]) -> None:
    """Make ``order`` what the processes find on their standard input: in memory, so that nobody else reads it."""
    memory = os.memfd_create("order")
    os.write(memory, json.dumps(order).encode())
    os.dup2(memory, 0, inheritable=True)
    os.close(memory)


if __name__ == "__main__":
    sys.exit(main())
