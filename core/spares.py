"""Worker processes that stand ready: started early, with the heavy libraries imported, waiting for a job."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from core import home, machine
from core.machine import Device
from core.permissions import allows

_NUMBERS_ALONE, _PROGRAMS_TOO = "TORCH_FORCE_WEIGHTS_ONLY_LOAD", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"
PROJECT = Path(__file__).resolve().parent.parent

ROOM_BYTES = 2_000_000_000
"""Of memory that has to be free for a worker that only waits; it takes about 600 MB. It goes where half is left."""
SPARE = "TUNESMITH_SPARE"
"""With 0 in it no worker is kept ready: each begins when it is needed, some seconds later."""
IDLE_SECONDS = 1800.0
"""A worker that nobody took for so long gives its memory back."""


class Spares:
    """At most one idle worker. It ends by itself when the app does, because its input ends."""

    def __init__(self) -> None:
        self._idle: subprocess.Popen[str] | None = None
        self._cuda: str | None = None
        """What the idle one sees of the GPUs. torch reads it once, so that it cannot be given another."""
        self._wanted = 0.0
        """When somebody last asked for it, on the monotonic clock."""
        self._lock = threading.Lock()

    def warm(self, device: Device | None = None) -> None:
        """Have a worker ready, or getting ready: for this device, else for the first. None where memory is short, or
        where nobody wants one.
        """
        if os.environ.get(SPARE) == "0":
            return
        device = device or machine.devices()[0]
        self._wanted = time.monotonic()
        with self._lock:
            dead = self._idle if self._idle is not None and self._idle.poll() is not None else None
            if dead:
                self._idle = None
            if self._idle is None and machine.memory_available() > ROOM_BYTES:
                self._idle, self._cuda = _start(device), device.cuda
        if dead:
            dismiss(dead)

    def tidy(self) -> None:
        """Send the idle worker home where memory has become short, or where nobody has asked for it for long."""
        if self._idle is None:
            return
        is_forgotten = time.monotonic() - self._wanted > IDLE_SECONDS
        if is_forgotten or machine.memory_available() < ROOM_BYTES // 2:
            self.close()

    def take(self, job: str, run: Path, device: Device | None = None, **more: Any) -> subprocess.Popen[str]:
        """Give the idle worker, or a new one, its job. The caller owns the process from here on.

        Without a ``device`` any worker will do. ``more`` is told to it along with the job, as JSON.
        """
        place = {} if device is None else {"device": device.name}
        owner = {} if (whose := home.whose(run)) == home.root() else {"home": str(whose)}
        task = json.dumps({"job": job, "run": str(run), **owner, **place, **more}) + "\n"
        with self._lock:
            idle, self._idle = self._idle, None
            fits = device is None or device.cuda == self._cuda
        if idle is not None and fits:
            try:
                return _instruct(idle, task)
            except OSError:  # it died while it waited
                pass
        if idle is not None:
            dismiss(idle)
        return _instruct(_start(device or machine.devices()[0]), task)

    def close(self) -> None:
        """Send the idle worker home."""
        with self._lock:
            process, self._idle = self._idle, None
        if process is not None:
            dismiss(process)


def dismiss(process: subprocess.Popen[str]) -> None:
    """End a worker that waits for input, gently, and clear up after it; one that ended by itself too."""
    assert process.stdin is not None and process.stdout is not None
    # Closing writes out what is still in the buffer, for which a dead worker has no reader.
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    startup_log(process).unlink(missing_ok=True)


def startup_log(process: subprocess.Popen[str]) -> Path:
    """Where a worker's words go until it has a run's own log. Whoever sees the end of the worker deletes it."""
    return home.logs_dir() / f"worker-{process.pid}.log"


def _instruct(process: subprocess.Popen[str], task: str) -> subprocess.Popen[str]:
    assert process.stdin is not None
    process.stdin.write(task)
    process.stdin.flush()
    return process


def _start(device: Device) -> subprocess.Popen[str]:
    """A worker in a session of its own, so that no signal meant for the app reaches it. It is nobody's yet: in whose
    home it works, it is told with its job.
    """
    _sweep_logs()
    draft = home.logs_dir() / f"worker-{os.getpid()}-{time.monotonic_ns()}.log"
    with open(draft, "wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.worker"],
            cwd=PROJECT,
            env=environment()
            | home.places(home.root())
            | ({} if device.cuda is None else {"CUDA_VISIBLE_DEVICES": device.cuda}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
    os.replace(draft, startup_log(process))
    return process


def _sweep_logs() -> None:
    """Delete what workers have left whose app was killed. A worker that has ended but was not seen yet still counts."""
    import psutil

    for log in home.logs_dir().glob("worker-*.log"):
        process = log.stem.split("-")[1]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            log.unlink(missing_ok=True)


def environment() -> dict[str, str]:
    """The environment variables of a worker: its share of the cores as threads, text in UTF-8, no telemetry.

    Whatever torch reads there is read as numbers alone, also by a library that would take programs from it: a copied
    run's folder may hold anything.
    """
    threads = str(machine.threads())
    return {
        **{name: value for name, value in os.environ.items() if name != _PROGRAMS_TOO},
        **({} if allows("bin") else {_NUMBERS_ALONE: "1"}),
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        # Of the tokenizers.
        "RAYON_NUM_THREADS": threads,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        **home.places(home.home()),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
