"""How the batches of a run are laid out, from its settings."""

from __future__ import annotations

from typing import Any

from core import custom
from core.config import TrainingConfig
from core.tasks.base import Context
from core.training.batching.planning import by_size
from core.training.batching.splitting import Splitting
from core.training.losses import Loss
from core.training.shop import Workshop

DEFAULT_SIZE = 384
"""Of a model that does not say how wide its layers are."""


def collator_of(shop: Workshop, context: Context, arguments: Any, model: Any) -> Any:
    """What makes batches of a run's pieces: whole ones, or such as are cut into parts. ``arguments`` are changed to
    hand over at once all that makes up a correction.
    """
    from core.training.batching.apart import why_whole

    own, training = shop.config.custom.collator, shop.config.training
    if own:  # It may want to see a batch as a whole.
        return custom.load(own)(context, "train")
    collate = shop.task.collator(context, "train")
    if training.padding == "whole" or why_whole(training, model):
        return collate
    rows_at_once = training.per_device_train_batch_size
    if _comes_at_once(training) and arguments.world_size == 1:
        arguments.per_device_train_batch_size *= arguments.gradient_accumulation_steps
        arguments.gradient_accumulation_steps = 1
    size = getattr(model.config.get_text_config(), "hidden_size", None) or DEFAULT_SIZE
    return Splitting(collate, by_size(size), rows_at_once, bool(getattr(model.config, "is_encoder_decoder", False)))


def _comes_at_once(training: TrainingConfig) -> bool:
    """Whether the batches of one correction may be handed over as one: the same examples, as long as none is left out
    and nothing else deals them out. Several processes fill up the last batch of an epoch.
    """
    return not training.dataloader_drop_last and training.train_sampling_strategy != "batch_rebalance"


def as_set(trainer: Any) -> tuple[int, int]:
    """(batch size, accumulation) as the settings have them, however the batches are handed over."""
    arguments = trainer.args
    together = arguments.per_device_train_batch_size * arguments.gradient_accumulation_steps
    rows_at_once = getattr(trainer.data_collator, "rows_at_once", arguments.per_device_train_batch_size)
    return rows_at_once, together // rows_at_once


def take_whole_if_needed(trainer: Any, loss: Loss, pieces: Any) -> None:
    """Let batches be computed as they come where a trial shows that parts of them are not scored alike."""
    from core.training.batching.apart import padding_matters

    if isinstance(trainer.data_collator, Splitting):
        collate = trainer.data_collator
        collate.why_whole = padding_matters(trainer.model, collate.collate, loss, pieces)
