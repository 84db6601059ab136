"""What a run leaves on the disk: the model, and what goes when it ends."""

from __future__ import annotations

import shutil
from typing import Any, Literal

from core import events
from core.adapters.training import write_model
from core.judging import kept
from core.models import manual
from core.runs import Run
from core.tasks.base import Context
from core.training import checkpoints
from core.training.report import is_best
from core.training.shop import Workshop


def save_model(shop: Workshop, trainer: Any, context: Context) -> None:
    """Write ``model/`` aside, and give it its name when whole and on disk: the checkpoints are deleted after it."""
    draft = shop.run.path / ".model.draft"
    shutil.rmtree(draft, ignore_errors=True)
    write_model(shop, trainer, draft)
    context.tokenizer.save_pretrained(draft)
    manual.write(draft, manual_of(shop, context))
    # A run that was taken up again has judgements of the model that goes now.
    forget_judgements(shop.run)
    checkpoints.commit(draft, shop.run.model_path)


def forget_judgements(run: Run) -> None:
    """Remove the report and what was judged later, of a model that is no more."""
    (run.path / "report.json").unlink(missing_ok=True)
    shutil.rmtree(run.path / kept.FOLDER, ignore_errors=True)


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
    shop.log.append(events.Finished(train_runtime_s=train_runtime, stopped_early=state.global_step < state.max_steps))
    # After the last word: a run that is killed before it has something to go on from.
    if not shop.config.training.keep_checkpoints:
        checkpoints.discard(shop.run.checkpoints_path)


def keep_nothing(shop: Workshop) -> None:
    """The end of a run that was cancelled: nothing of it stays but what happened, and checkpoints that are wanted."""
    run = shop.run
    if isinstance(events.last(run.events_path), events.ENDINGS):
        return  # it was asked for as the run came to its end
    forget_judgements(run)
    for folder in (run.model_path, run.path / ".model.draft", run.tokens_path):
        shutil.rmtree(folder, ignore_errors=True)
    if not shop.config.training.keep_checkpoints:
        shutil.rmtree(run.checkpoints_path, ignore_errors=True)
    reached = (events.Stepped, events.Saved, events.Paused)
    newest = events.last(run.events_path, reached)
    step = newest.step if isinstance(newest, reached) else 0
    shop.log.append(events.Stopped(step=step, has_model=False, kept="nothing"))
