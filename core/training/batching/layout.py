"""How the batches of a run are laid out, from its settings."""

from __future__ import annotations

from typing import Any

from core import custom
from core.config import TrainingConfig
from core.tasks.base import Context
from core.training.batching.planning import by_size
from core.training.batching.splitting import Splitting
from core.training.shop import Workshop

DEFAULT_SIZE = 384
"""Of a model that does not say how wide its layers are."""


def collator_of(shop: Workshop, context: Context, arguments: Any, model: Any) -> Any:
    """What makes batches of a run's pieces: whole ones, or such as are cut into parts. ``arguments`` are changed to
    hand over at once all that makes up a correction.
    """
    own, training = shop.config.custom.collator, shop.config.training
    if own:  # It may want to see a batch as a whole.
        return custom.load(own)(context, "train")
    collate = shop.task.collator(context, "train")
    if training.padding == "whole":
        return collate
    rows_at_once = training.per_device_train_batch_size
    if _comes_at_once(training):
        arguments.per_device_train_batch_size *= arguments.gradient_accumulation_steps
        arguments.gradient_accumulation_steps = 1
    size = getattr(model.config.get_text_config(), "hidden_size", None) or DEFAULT_SIZE
    return Splitting(collate, by_size(size), rows_at_once)


def _comes_at_once(training: TrainingConfig) -> bool:
    """Whether the batches of one correction may be handed over as one: the same examples, as long as none is left out
    and nothing else deals them out.
    """
    return not training.dataloader_drop_last and training.train_sampling_strategy in ("random", "sequential")
