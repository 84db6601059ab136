"""Where a run that was interrupted, stopped or failed goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

from core import events
from core.training import checkpoints
from core.training.shop import Workshop


def resume_point(shop: Workshop, data: str) -> tuple[Path | None, float, bool]:
    """(checkpoint to go on from or None, seconds trained up to it, whether the data has changed meanwhile).

    With other rows the parts are shared out anew, so what was learned from may stand in the test part, or a class
    number may mean another class: going on would make the final mark a lie.
    """
    happened, _ = events.read(shop.run.events_path)
    before = next((event.data for event in reversed(happened) if isinstance(event, events.Started)), data)
    checkpoint = checkpoints.newest(shop.run.checkpoints_path)
    if checkpoint is None:
        return None, 0.0, before != data
    if before != data:
        shutil.rmtree(shop.run.checkpoints_path)
        shop.run.checkpoints_path.mkdir()
        return None, 0.0, True
    step = checkpoints.step_of(checkpoint)
    steps = [event for event in happened if isinstance(event, events.Stepped) and event.step <= step]
    return checkpoint, max((event.elapsed_s for event in steps), default=0.0), False
