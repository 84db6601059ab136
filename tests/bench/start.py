"""From the click on Start to the first optimizer step of the starter model, with a spare worker ready and without."""

from __future__ import annotations

import time
from typing import Any

from core import events, runs
from core.config import RunConfig, put, validate
from core.studio import Studio
from tests.bench.ratios import Block

LOOK_SECONDS, PATIENCE_SECONDS = 0.5, 300.0
QUIET_LOOKS = 4
"""So often in a row a worker that is ready is seen asleep."""


def measure() -> dict[str, Any]:
    """Seconds for a cold and a warm start, and their ratio; the cold one goes first, so caches help neither. On a
    machine that is busy with other things the clock says little: ``cpu`` is what the worker computed meanwhile.
    """
    studio = Studio()
    config = first_steps(studio)
    cold = _click_to_first_step(Studio(), config)
    warm_studio = Studio()
    warm_studio.warm_up()
    _wait_for_spare()
    warm = _click_to_first_step(warm_studio, config)
    return {
        "cold_s": round(cold.wall, 2),
        "cold_cpu_s": round(cold.cpu, 2),
        "warm_s": round(warm.wall, 2),
        "warm_cpu_s": round(warm.cpu, 2),
        "ratio": round(cold.wall / warm.wall, 2),
    }


def _wait_for_spare() -> None:
    """Until the newest worker has imported all and waits for its job. Raises ``TimeoutError``."""
    deadline, seen, quiet = time.monotonic() + PATIENCE_SECONDS, -1.0, 0
    while quiet < QUIET_LOOKS:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the spare worker was not ready after {PATIENCE_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
        spare = max(_workers(), key=lambda one: float(one.create_time()), default=None)
        now = _computed(spare)
        # One that gets no time computes no more either, but does not sleep.
        is_asleep = spare is not None and spare.status() == "sleeping" and now == seen > 0
        quiet, seen = quiet + 1 if is_asleep else 0, now


def _workers() -> list[Any]:
    """Those that this process has started and that are still there."""
    import psutil

    found = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in found if "core.worker" in one.cmdline()]


def _computed(worker: Any) -> float:
    """Seconds of the CPU that it has taken."""
    return 0.0 if worker is None else float(sum(worker.cpu_times()[:2]))


def first_steps(studio: Studio) -> RunConfig:
    """The reviews sample with everything left as suggested."""
    config, _ = studio.complete({"data": {"source": "sample/reviews"}})
    data = config.model_dump()
    put(data, "training.num_train_epochs", 5.0)
    return validate(data)


def _click_to_first_step(studio: Studio, config: RunConfig) -> Block:
    studio.open()
    spare = max(_workers(), key=lambda one: float(one.create_time()), default=None)
    began, computed = time.time(), _computed(spare)
    run = runs.find(studio.start(config))
    try:
        while True:
            found, _ = events.read(run.events_path)
            step = next((event for event in found if isinstance(event, events.Stepped)), None)
            if step is not None:
                # Without a spare the first one that was started since is at it.
                worker = spare or min(_workers(), key=lambda one: float(one.create_time()))
                return Block(step.time - began, _computed(worker) - computed)
            if run.state.is_over:
                raise RuntimeError(f"the run ended before its first step: {run.log_path.read_text()[-2000:]}")
            time.sleep(0.05)
    finally:
        if not run.state.is_over:
            studio.stop(run.id)
        while not run.state.is_over:
            time.sleep(0.1)
        studio.close()
