"""How fast the first page and a live tick answer while a run trains beside them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from typing import Any

from core import events, runs
from core.spares import PROJECT
from core.studio import Studio
from tests import ports
from tests.bench.start import first_steps

REQUESTS = 200


def measure() -> dict[str, Any]:
    """Milliseconds, median and 95th percentile, with the machine idle and with a run training."""
    port = ports.free()
    app = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=PROJECT, env=dict(os.environ), stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(address)
        figures = {"idle": _latency(address)}
        studio = Studio()
        run = runs.find(studio.start(first_steps(studio)))
        while not any(isinstance(event, events.Stepped) for event in events.read(run.events_path)[0]):
            time.sleep(0.1)
        figures["while_training"] = _latency(address)
        figures["live_tick_while_training"] = _latency(f"{address}reads/runs/{run.id}/live?since=1000000")
        if run.state.is_over:
            raise RuntimeError("the run ended before the measurement did")
        studio.stop(run.id)
        while not run.state.is_over:
            time.sleep(0.1)
    finally:
        app.terminate()
        app.wait()
    return figures


def _latency(address: str) -> dict[str, float]:
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        with urllib.request.urlopen(address) as answer:
            answer.read()
        times.append(1000 * (time.perf_counter() - began))
        time.sleep(0.01)
    times.sort()
    return {"p50_ms": round(times[len(times) // 2], 1), "p95_ms": round(times[int(0.95 * len(times))], 1)}


def _wait_for(address: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
