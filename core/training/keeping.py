"""What a run leaves on the disk: room for its checkpoints, the model, and what goes when it ends."""

from __future__ import annotations

import shutil
from typing import Any, Literal

from core import events, home, machine
from core.errors import StudioError
from core.models import manual
from core.runs import Run
from core.tasks.base import Context
from core.training import checkpoints
from core.training.arguments import CHECKPOINTS_KEPT
from core.training.report import is_best
from core.training.shop import Workshop

SPARE_DISK_BYTES = 200_000_000


def check_disk(run: Run, model: Any) -> None:
    """Refuse early what would fail late: weights and two optimizer moments a checkpoint, one more while saving, and one
    that is still being published when its place is taken.
    """
    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    most = CHECKPOINTS_KEPT + 1 + run.config.hub.holds_a_checkpoint
    needed = weights * 3 * most + weights + SPARE_DISK_BYTES
    free = machine.disk_free(run.path)
    if free < needed:
        raise StudioError(
            f"The disk has {free / 1e9:.1f} GB free and this run needs {needed / 1e9:.1f} GB for its checkpoints.",
            f"Free some space (the home folder is {home.home()}), or empty the trash, then start again.",
        )


def save_model(shop: Workshop, trainer: Any, context: Context) -> None:
    """Write ``model/`` aside, and give it its name when whole and on disk: the checkpoints are deleted after it."""
    draft = shop.run.path / ".model.draft"
    shutil.rmtree(draft, ignore_errors=True)
    trainer.model.save_pretrained(draft)
    context.tokenizer.save_pretrained(draft)
    manual.write(draft, manual_of(shop, context))
    # A run that was taken up again has a report of the model that goes now.
    (shop.run.path / "report.json").unlink(missing_ok=True)
    checkpoints.commit(draft, shop.run.model_path)


def manual_of(shop: Workshop, context: Context) -> manual.Manual:
    """How this run's model wants to be used."""
    options = context.options.model_dump(mode="json")
    return manual.Manual(shop.task.id, context.max_length, context.target, options, context.learned, context.seed)


def end(shop: Workshop, trainer: Any, reporter: Any, train_runtime: float) -> None:
    """Write the last event. A finished run needs its checkpoints no more, unless they are wanted; a stopped one may be
    taken up again.
    """
    shutil.rmtree(shop.run.tokens_path, ignore_errors=True)
    state = trainer.state
    if reporter.stop_requested:
        kept: Literal["best", "last"] = "best" if is_best(trainer) else "last"
        shop.log.append(events.Stopped(step=state.global_step, has_model=True, kept=kept))
        return
    if not shop.config.training.keep_checkpoints:
        shutil.rmtree(shop.run.checkpoints_path, ignore_errors=True)
    shop.log.append(events.Finished(train_runtime_s=train_runtime, stopped_early=state.global_step < state.max_steps))


def keep_nothing(shop: Workshop) -> None:
    """The end of a run that was cancelled: nothing of it stays but what happened, and checkpoints that are wanted."""
    run = shop.run
    if isinstance(events.last(run.events_path), events.ENDINGS):
        return  # it was asked for as the run came to its end
    (run.path / "report.json").unlink(missing_ok=True)
    for folder in (run.model_path, run.path / ".model.draft", run.tokens_path):
        shutil.rmtree(folder, ignore_errors=True)
    if not shop.config.training.keep_checkpoints:
        shutil.rmtree(run.checkpoints_path, ignore_errors=True)
    learned = events.last(run.events_path, events.Stepped)
    step = learned.step if isinstance(learned, events.Stepped) else 0
    shop.log.append(events.Stopped(step=step, has_model=False, kept="nothing"))
