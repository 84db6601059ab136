"""Bytes and server time of a live tick, for a short run and for a very long one."""

from __future__ import annotations

import json
import time
from statistics import median
from typing import Any

from core import events, live
from core.runs import Run
from tests.making import run_with, started, stepped

LENGTHS = (1_000, 100_000)
REPEATS = 200


def measure() -> dict[str, Any]:
    """For each length: the first load, an idle tick, and a tick with one new point. Times in milliseconds."""
    figures = {f"{length} points": _of_length(length) for length in LENGTHS}
    short, long = (figures[f"{length} points"] for length in LENGTHS)
    figures["ratio"] = {"tick_ms_long_to_short": round(long["tick_ms"] / short["tick_ms"], 2)}
    return figures


def _of_length(length: int) -> dict[str, Any]:
    run = run_with(started(), *(stepped(step, 1.0 / (step + 1)) for step in range(length)))
    began = time.perf_counter()
    first = live.tick(run)
    first_ms = 1000 * (time.perf_counter() - began)
    cursor = first["cursor"]
    idle_bytes = len(json.dumps(live.tick(run, cursor)))
    idle = [_timed(run, cursor)[0] for _ in range(REPEATS)]
    log = events.EventLog(run.events_path)
    times, sizes = [], []
    for number in range(REPEATS):
        log.append(stepped(length + number))
        milliseconds, tick = _timed(run, cursor)
        cursor = tick["cursor"]
        times.append(milliseconds)
        sizes.append(len(json.dumps(tick)))
    log.close()
    return {
        "first_load_ms": round(first_ms, 1),
        "first_load_bytes": len(json.dumps(first)),
        "idle_tick_bytes": idle_bytes,
        "idle_tick_ms": round(median(idle), 3),
        "tick_bytes": max(sizes),
        "tick_ms": round(median(times), 3),
    }


def _timed(run: Run, cursor: int) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    tick = live.tick(run, cursor)
    return 1000 * (time.perf_counter() - began), tick
