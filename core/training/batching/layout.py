"""How the batches of a run are laid out, from its settings."""

from __future__ import annotations

from math import ceil
from typing import Any

from core import custom
from core.config import TrainingConfig
from core.errors import TrainingError
from core.models.types import Note
from core.prediction.batches import width_of
from core.said import said
from core.tasks.base import Context
from core.training import ranks
from core.training.batching.order import size_of
from core.training.batching.planning import by_size
from core.training.batching.sharing import Sharing, sharing_of
from core.training.batching.splitting import Splitting
from core.training.losses import Loss
from core.training.shop import Workshop
from core.training.steps import rows_a_step


def collator_of(shop: Workshop, context: Context, arguments: Any, model: Any, pieces: Any) -> Any:
    """What makes batches of a run's ``pieces``: whole ones, or such as are cut into parts. ``arguments`` are changed to
    hand over at once all that makes up a correction.
    """
    own, training = shop.config.custom.collator, shop.config.training
    collate = custom.load(own)(context, "train") if own else shop.task.collator(context, "train")
    why = _why_whole(shop, model)
    if why and not training.tokens_per_step:
        return collate
    if training.tokens_per_step:
        rows = rows_a_step(training, *size_of(pieces))
        # The mean, which speed is counted by. How many it is each time says ``core.training.batching.budget``.
        arguments.per_device_train_batch_size = max(1, round(rows / arguments.world_size))
        arguments.gradient_accumulation_steps = 1
    elif _comes_at_once(training) and arguments.world_size == 1:
        arguments.per_device_train_batch_size *= arguments.gradient_accumulation_steps
        arguments.gradient_accumulation_steps = 1
    writes = bool(getattr(model.config, "is_encoder_decoder", False))
    splitting = Splitting(collate, by_size(width_of(model)), training.per_device_train_batch_size, writes)
    splitting.why_whole = why
    return splitting


def _why_whole(shop: Workshop, model: Any) -> Note | None:
    """Why the examples are not sorted into parts of like length; None where they are."""
    from core.training.batching.apart import why_whole

    if shop.config.custom.collator:
        return Note(said("A collator of your own may want to see a batch as a whole."))
    if shop.config.training.padding == "whole":
        return Note(said("Each batch is computed as one."))
    return why_whole(shop.config.training, model)


def shared(training: TrainingConfig, arguments: Any, collate: Any) -> Sharing | None:
    """How several processes share the steps that ``training`` describes; None for one. ``arguments`` are changed to
    what each of them does.
    """
    if arguments.world_size != ranks.count():
        raise TrainingError(
            said("{count} processes were started, and each would train alone.", count=ranks.count()),
            said(
                "Another version of accelerate or transformers may see them otherwise: install Tunesmith's packages "
                "again."
            ),
        )
    if arguments.world_size == 1 or training.tokens_per_step:  # The latter are shared out as they are filled.
        return None
    batch, times = training.per_device_train_batch_size, training.gradient_accumulation_steps
    at_once = isinstance(collate, Splitting) and _comes_at_once(training)
    sharing = sharing_of(
        batch, times, arguments.world_size, arguments.process_index, at_once, training.dataloader_drop_last
    )
    if at_once:
        arguments.per_device_train_batch_size = ceil(sharing.rows / sharing.processes)
    arguments.gradient_accumulation_steps = sharing.times
    return sharing


def _comes_at_once(training: TrainingConfig) -> bool:
    """Whether the batches of one correction may be handed over as one: the same examples, as long as none is left out
    and nothing else deals them out. Several processes fill up the last batch of an epoch.
    """
    return not training.dataloader_drop_last and training.train_sampling_strategy != "batch_rebalance"


def as_set(trainer: Any) -> tuple[int, int]:
    """(batch size, accumulation) as the settings have them, however the batches are handed over and whoever takes them:
    of several processes, as one would have them.
    """
    sharing: Sharing | None = getattr(trainer, "sharing", None)
    if sharing is not None:
        return sharing.together
    arguments = trainer.args
    if getattr(trainer, "tokens_a_step", None):
        return trainer.data_collator.rows_at_once, 1
    together = arguments.per_device_train_batch_size * arguments.gradient_accumulation_steps
    rows_at_once = getattr(trainer.data_collator, "rows_at_once", arguments.per_device_train_batch_size)
    return rows_at_once, together // rows_at_once


def take_whole_if_needed(trainer: Any, loss: Loss, pieces: Any) -> None:
    """Let batches be computed as they come where a trial shows that parts of them are not scored alike."""
    from core.training.batching.apart import padding_matters

    if isinstance(trainer.data_collator, Splitting) and not trainer.data_collator.is_whole:
        collate = trainer.data_collator
        collate.why_whole = padding_matters(trainer.model, collate.collate, loss, pieces)
