"""The training of a run to its end; out of memory, it goes on with smaller batches that make the same steps.

Imported in workers only.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import events
from core.config import RunConfig, TrainingConfig
from core.data.parts import DataParts
from core.errors import TrainingError, is_out_of_memory
from core.probing.foretelling import Foretold
from core.probing.measuring import measure
from core.said import said
from core.tasks.base import Context
from core.training import adopting, checkpoints, ranks
from core.training.asking import Left
from core.training.beginning import started
from core.training.building import build_trainer
from core.training.keeping import manual_of
from core.training.report import ACCUMULATION, BATCH
from core.training.resting import Resting
from core.training.resuming import SMALLER, Start, resume_point
from core.training.room import Room
from core.training.shop import Workshop
from core.training.steps import steps_an_epoch
from core.training.streaming import opening
from core.training.streaming.source import StreamBroken

if TYPE_CHECKING:
    from core.training.pushing import Pusher


@dataclass(frozen=True)
class Ground:
    """What a training rests on, whatever its batches are."""

    folder: Path
    """Of the model to start from."""
    parts: DataParts
    context: Context
    train_set: Any
    """Pieces; of no use where a stream is learned from."""
    validation_set: Any
    data: str
    """The hash of what is learned from."""
    pusher: Pusher | None = None

    def build(self, shop: Workshop, start: Start) -> tuple[Any, Any, Path | None]:
        """(trainer, reporter, the run's own checkpoint to go on from, or None)."""
        train_set, checkpoint = self.train_set, start.checkpoint
        if shop.config.data.streaming:
            train_set = opening.open_flow(shop, self.parts, self.context, checkpoint)
        trainer, reporter = build_trainer(
            shop, self.folder, self.parts, self.context, train_set, self.validation_set, start.trained_before
        )
        trainer.room, trainer.about = Room(shop), adopting.facts_of(shop, self.data, self.parts, trainer)
        if checkpoint is not None and checkpoint.parent != shop.run.checkpoints_path:
            if ranks.leads():
                checkpoint = adopting.adopt(shop, checkpoint, trainer.about, trainer.args)
            checkpoint = ranks.agree(checkpoint)
        if self.pusher is not None:
            self.pusher.manual = manual_of(shop, self.context)
            trainer.add_callback(self.pusher)
        trainer.add_callback(Resting(reporter))
        return trainer, reporter, checkpoint


class Lesson:
    """A training under way. Only this holds the trainer, so that its memory is free once it lets go of it."""

    def __init__(self, shop: Workshop, ground: Ground, start: Start) -> None:
        self.shop, self._ground = shop, ground
        self.trainer, self.reporter, self._checkpoint = ground.build(shop, start)

    def measure(self) -> Foretold | None:
        """What the training will take, where that is measured; it goes on in the way that was found to be fastest."""
        found = measure(self.shop, self.trainer)
        self.shop = found.shop
        return found.told

    def learn(self) -> float:
        """Train to the end; returns the seconds that it took, earlier times too. Raises ``Left`` when asked to go."""
        while not self._is_through():
            self._let_go()
            self._take_smaller_batches()
        if self.reporter.leave_requested:
            raise Left
        return float(self._seconds)

    def _is_through(self) -> bool:
        """Train; False when memory ran out, and smaller batches may help."""
        from core.training.early_stopping import is_over

        checkpoint = self._checkpoint
        if checkpoint and is_over(checkpoint, self.shop.config.training.patience):
            # The Trainer would take one step more.
            self.trainer.take_up_trained(checkpoint)
            self._seconds = self.reporter.pace.before
            return True
        self.shop.phase("training", said("Training"))
        try:
            self.trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except StreamBroken:
            self.trainer.keep()
            raise
        except Exception as exc:
            # Of several processes it happened to one, and the others wait for it.
            if not is_out_of_memory(exc) or self.trainer.is_checking or ranks.count() > 1:
                raise
            _refuse_if_hopeless(self.shop.config, len(self._ground.train_set), exc)
            return False
        self._seconds = self.reporter.pace.elapsed()
        return True

    def _let_go(self) -> None:
        """Free what the trainer holds. The exception that told of it has to be gone by now: it holds all of it too."""
        import torch

        self._is_leaving = self.reporter.leave_requested
        self.trainer = self.reporter = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _take_smaller_batches(self) -> None:
        shop = self.shop
        old, new = shop.config.training, smaller(shop.config.training)
        assert new is not None, "refused before"
        begins = resume_point(shop, self._ground.data)
        _begin_again(shop, begins, self._ground.data)
        place = f"step {checkpoints.step_of(begins.checkpoint):,}" if begins.checkpoint else "the beginning"
        size, times = getattr(new, BATCH), getattr(new, ACCUMULATION)
        rests = f"{times:,} of them make one correction together, so that it still rests on {size * times:,} examples."
        if new.tokens_per_step:
            rests = "Corrections rest on the same examples as before."
        shop.log.append(
            events.Noticed(
                level="warning",
                title=f"Memory ran out with batches of {getattr(old, BATCH):,} examples: they now have {size:,}.",
                detail=f"{rests} Training goes on from {place}.",
                code=SMALLER,
                remedy=_change(new),
            )
        )
        self.shop = shop.with_training(new)
        self.trainer, self.reporter, self._checkpoint = self._ground.build(self.shop, begins)
        self.reporter.leave_requested = self.reporter.leave_requested or self._is_leaving
        self.measure()


def smaller(training: TrainingConfig) -> TrainingConfig | None:
    """The settings with batches of at most half the size, and as many more of them a step; None at one example."""
    batch = getattr(training, BATCH)
    if batch == 1:
        return None
    half = next(size for size in range(batch // 2, 0, -1) if batch % size == 0)
    return training.model_copy(update={BATCH: half, ACCUMULATION: getattr(training, ACCUMULATION) * (batch // half)})


def _change(training: TrainingConfig) -> dict[str, Any]:
    return {f"training.{name}": getattr(training, name) for name in (BATCH, ACCUMULATION)}


def _refuse_if_hopeless(config: RunConfig, pieces: int, exc: Exception) -> None:
    """Raise ``TrainingError`` where a batch cannot be smaller, or may not be made so in the midst of a run."""
    training, cause = config.training, f"{type(exc).__name__}: {exc}"
    new = smaller(training)
    if new is None:
        raise TrainingError(
            said("The machine ran out of memory, with one example at a time."),
            said(
                "Cut the texts shorter (maximum length), turn gradient checkpointing on, learn an adapter only, or "
                "choose a smaller model. Closing other programs helps too."
            ),
            cause=cause,
        )
    # Where what is left of an epoch is left out, smaller batches leave out less.
    keeps_its_steps = bool(config.data.streaming) or _as_many(new, training, pieces)
    if not training.auto_find_batch_size or not keeps_its_steps:
        batch, times = getattr(new, BATCH), getattr(new, ACCUMULATION)
        raise TrainingError(
            said("The machine ran out of memory with batches of {size} examples.", size=getattr(training, BATCH)),
            said("Take batches of {size}: it learns the same, in less memory.", size=batch)
            if training.tokens_per_step
            else said(
                "Take batches of {size}, and {times} of them for each correction: it learns the same, in less memory.",
                size=batch,
                times=times,
            ),
            cause=cause,
            remedy=_change(new),
        )


def _as_many(new: TrainingConfig, old: TrainingConfig, pieces: int) -> bool:
    """Whether an epoch has as many corrections as it had; by tokens it has, however many texts are computed at once."""
    return bool(old.tokens_per_step) or steps_an_epoch(new, pieces, 0) == steps_an_epoch(old, pieces, 0)


def _begin_again(shop: Workshop, start: Start, data: str) -> None:
    """Say that it goes on from an earlier step, which makes void what came after it. What was said of the run before
    still holds, so it is said again.
    """
    happened, _ = events.read(shop.run.events_path)
    since = max((place for place, event in enumerate(happened) if isinstance(event, events.Started)), default=-1)
    shop.log.append(started(start.checkpoint, data))
    for event in happened[since + 1 :]:
        if isinstance(event, events.Noticed | events.Planned):
            shop.log.append(event)
