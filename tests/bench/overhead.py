"""What events, callbacks and supervision cost, as a share of the time of a training step: the bar is one percent.

Callbacks are timed one by one where transformers calls them, by the thread's own clock: a hundredth of a step is less
than two blocks of steps differ by chance. The same trainer is also raced against itself without them, as a check.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from core import events, runs
from core.studio import Studio
from tests.bench import ratios
from tests.bench.contender import Contender
from tests.bench.jobs import Job, config_of
from tests.bench.options import Options
from tests.bench.sets import sets

BAR = 0.01
TIMES_STEPS = 8
"""So many times as many steps a block as other races have: steps on short texts are short."""
WATCHED_S = 10.0


def measure(folder: Path, options: Options) -> dict[str, Any]:
    """``share`` of each cost, of the CPU time of a step on short texts, which are those with the shortest steps."""
    job = sets(folder, replace(options, sets=("short",)))["short"].job
    full, bare = _blocks(job, options)
    inside = [(one["callbacks"] + one["beside"]) / one["cpu"] for one in full]
    other = [one["cpu"] / two["cpu"] - 1 for one, two in zip(full, bare, strict=True)]
    step_ms = 1000 * median(one["cpu"] for one in full) / (options.steps * TIMES_STEPS)
    spread, check = ratios.spread([100 * share for share in inside]), ratios.spread([100 * share for share in other])
    shares = {
        "events and callbacks": {
            "share": median(inside),
            "words": f"{_range(spread)} of a step of {step_ms:.0f} ms: callbacks, and all other threads",
        },
        "with and without them": {
            "share": median(other),
            "has_bar": False,
            "words": f"{_range(check)} in alternating blocks: a check, which is no finer than it scatters",
        },
        "supervision": _supervision(job),
    }
    return {"bar": BAR, "shares": shares}


def _range(found: dict[str, Any]) -> str:
    return f"{found['min']:.3f} % to {found['max']:.3f} % in {found['n']} blocks"


def _blocks(job: Job, options: Options) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What was said of blocks with our callbacks and of those without, taken in turn."""
    said: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    with Contender("metered", "tests.bench.ours_metered", job, options) as one:
        one.ask(steps=options.steps)
        for pair in range(options.pairs):
            for is_bare in (False, True) if pair % 2 == 0 else (True, False):
                said[is_bare].append(one.ask(steps=options.steps * TIMES_STEPS, bare=is_bare))
    return said[False], said[True]


def _supervision(job: Job) -> dict[str, Any]:
    """What the app's process computes while its worker trains, of what the worker does."""
    import psutil

    studio = Studio().open()
    run = runs.find(studio.start(config_of(replace(job, padding=""))))
    try:
        _wait_for_steps(run)
        worker = max(psutil.Process().children(recursive=True), key=lambda one: sum(one.cpu_times()[:2]))
        began, before = time.process_time(), sum(worker.cpu_times()[:2])
        time.sleep(WATCHED_S)
        ours, its = time.process_time() - began, sum(worker.cpu_times()[:2]) - before
    finally:
        studio.stop(run.id)
        while not run.state.is_over:
            time.sleep(0.2)
        studio.close()
    words = (
        f"{1000 * ours / WATCHED_S:.2f} ms a second in the app's process, beside {its / WATCHED_S:.2f} s of the worker"
    )
    return {"share": ours / its, "words": words}


def _wait_for_steps(run: runs.Run) -> None:
    while not any(isinstance(event, events.Stepped) for event in events.read(run.events_path)[0]):
        if run.state.is_over:
            raise RuntimeError(f"the run ended before its first step: {run.log_path.read_text()[-2000:]}")
        time.sleep(0.2)
