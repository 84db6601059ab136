"""From the click on Start to the first optimizer step of the starter model, with a spare worker ready and without."""

from __future__ import annotations

import time
from typing import Any

from core import events, runs
from core.config import RunConfig, put, validate
from core.studio import Studio

SPARE_READY_SECONDS = 15.0


def measure() -> dict[str, Any]:
    """Seconds for a cold and a warm start, and their ratio; the cold one goes first, so caches help neither."""
    studio = Studio()
    config = first_steps(studio)
    cold = _click_to_first_step(Studio(), config)
    warm_studio = Studio()
    warm_studio.warm_up()
    time.sleep(SPARE_READY_SECONDS)
    warm = _click_to_first_step(warm_studio, config)
    return {"cold_s": round(cold, 2), "warm_s": round(warm, 2), "ratio": round(cold / warm, 2)}


def first_steps(studio: Studio) -> RunConfig:
    """The reviews sample with everything left as suggested."""
    config, _ = studio.complete({"data": {"source": "sample/reviews"}})
    data = config.model_dump()
    put(data, "training.num_train_epochs", 5.0)
    return validate(data)


def _click_to_first_step(studio: Studio, config: RunConfig) -> float:
    studio.open()
    began = time.time()
    run = runs.find(studio.start(config))
    try:
        while True:
            found, _ = events.read(run.events_path)
            step = next((event for event in found if isinstance(event, events.Stepped)), None)
            if step is not None:
                return step.time - began
            if run.state.is_over:
                raise RuntimeError(f"the run ended before its first step: {run.log_path.read_text()[-2000:]}")
            time.sleep(0.05)
    finally:
        if not run.state.is_over:
            studio.stop(run.id)
        while not run.state.is_over:
            time.sleep(0.1)
        studio.close()
