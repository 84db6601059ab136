"""Where a run that was interrupted, stopped or failed goes on, or one that goes on from another run begins."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from core import events
from core.said import said, together
from core.training import adopting, checkpoints
from core.training.checkpoints import Broken
from core.training.shop import Workshop

SMALLER = "smaller-batch"
"""The code of the notice that says which batch fitted into memory; its remedy holds the settings."""


@dataclass(frozen=True)
class Start:
    """Where training begins."""

    checkpoint: Path | None = None
    """To go on from; None is the very beginning."""
    trained_before: float = 0.0
    """Seconds trained up to it."""
    has_other_data: bool = False
    """The files have changed since the run began, so that it begins anew."""
    broken: tuple[Broken, ...] = ()
    """Checkpoints that were found broken and set aside."""


def resume_point(shop: Workshop, data: str) -> Start:
    """From where to go on; ``data`` is the hash of what is learned from now.

    With other rows the parts are shared out anew, so what was learned from may stand in the test part, or a class
    number may mean another class: going on would make the final mark a lie. Raises ``ConfigError`` where the checkpoint
    of another run was named and is of no use.
    """
    folder = shop.run.checkpoints_path
    happened, _ = events.read(shop.run.events_path)
    before = next((event.data for event in reversed(happened) if isinstance(event, events.Started)), data)
    if before != data:
        shutil.rmtree(folder)
        folder.mkdir()
        return Start(adopting.source_of(shop, data), has_other_data=True)
    broken = tuple(checkpoints.set_aside(folder))
    if shop.config.training.save_only_model:
        # Without what the optimizer remembers a run would go on with other numbers than it would have had.
        shutil.rmtree(folder)
        folder.mkdir()
    checkpoint = checkpoints.last(folder)
    if checkpoint is None:
        return Start(adopting.source_of(shop, data), broken=broken)
    step = checkpoints.step_of(checkpoint)
    steps = [event for event in happened if isinstance(event, events.Stepped) and event.step <= step]
    return Start(checkpoint, max((event.elapsed_s for event in steps), default=0.0), broken=broken)


def tell(shop: Workshop, start: Start) -> None:
    """Say what a person should know of where it goes on."""
    if start.has_other_data:
        shop.notice(
            said("The table has changed since this run began, so it begins anew."),
            said("Going on would mix examples that were learned from into those kept aside."),
            "warning",
        )
    instead = said("There is no other, so the run begins anew.")
    if start.checkpoint:
        instead = said("The one of step {step} is used instead.", step=checkpoints.step_of(start.checkpoint))
    for one in start.broken:
        shop.notice(
            said("The checkpoint of step {step} is broken: {fault}.", step=one.step, fault=one.fault),
            together(said("It was set aside."), instead),
            "warning",
        )


def fitted(shop: Workshop) -> Workshop:
    """The same with the batch that was found to fit into memory earlier, if there was a need."""
    happened, _ = events.read(shop.run.events_path)
    found = [event for event in happened if isinstance(event, events.Noticed) and event.code == SMALLER]
    if not found:
        return shop
    shop.log.append(replace(found[-1], time=time.time()))
    sizes = {path.removeprefix("training."): value for path, value in found[-1].remedy.items()}
    return shop.with_training(shop.config.training.model_copy(update=sizes))
