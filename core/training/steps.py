"""How many corrections a training makes, and checkpoints. Asked before it begins, so without torch."""

from __future__ import annotations

from math import ceil

from core.config import RunConfig, TrainingConfig
from core.errors import ConfigError
from core.said import said


def filled_steps(rows: int, tokens: float, tokens_a_step: int) -> int:
    """Corrections in one reading of ``rows`` examples that hold ``tokens``, where each takes about so many of them."""
    return max(1, min(rows, ceil(tokens / tokens_a_step)))


def steps_an_epoch(training: TrainingConfig, rows: int, tokens: float) -> int:
    """Corrections in one reading of ``rows`` examples, on one device; the last may be made from fewer batches. What
    they hold, ``tokens``, counts only where a correction goes by that.
    """
    if training.tokens_per_step:
        return filled_steps(rows, tokens, training.tokens_per_step)
    size = training.per_device_train_batch_size
    batches = rows // size if training.dataloader_drop_last else -(-rows // size)
    return max(1, -(-batches // training.gradient_accumulation_steps))


def rows_a_step(training: TrainingConfig, rows: int, tokens: float) -> float:
    """Examples of one correction, on one device: the mean, where their number varies."""
    if training.tokens_per_step:
        return rows / filled_steps(rows, tokens, training.tokens_per_step)
    return training.per_device_train_batch_size * training.gradient_accumulation_steps


def steps_in_all(training: TrainingConfig, rows: int, tokens: float) -> int:
    """Corrections of the whole training, where nothing stops it early."""
    if training.max_steps > 0:
        return training.max_steps
    return max(1, ceil(steps_an_epoch(training, rows, tokens) * training.num_train_epochs))


def epochs_in_all(training: TrainingConfig, rows: int, tokens: float) -> float:
    """How many times all examples are read."""
    if training.max_steps > 0:
        return training.max_steps / steps_an_epoch(training, rows, tokens)
    return training.num_train_epochs


def steps_of(config: RunConfig, rows: int, tokens: float) -> int:
    """As ``steps_in_all``; a stream says it itself, and its rows are not counted. Raises ``ConfigError`` for none."""
    streaming, training = config.data.streaming, config.training
    leaves_out = streaming is None and training.dataloader_drop_last and not training.tokens_per_step
    if leaves_out and rows < training.per_device_train_batch_size:
        raise ConfigError(
            said(
                "The {rows} examples to learn from fill no batch, and a batch that is not full is left out.", rows=rows
            ),
            said("Keep the rest of an epoch, or choose a smaller batch."),
            field="training.dataloader_drop_last",
            remedy={"training.dataloader_drop_last": False},
        )
    return streaming.max_steps if streaming else steps_in_all(training, rows, tokens)


def checkpoints_at_once(config: RunConfig) -> int:
    """How many checkpoints lie on the disk at the most: those that are kept, the one that is being written, and one
    that is still being published when its place is taken.
    """
    if config.training.save_strategy == "no":
        return 1
    return config.training.save_total_limit + 1 + config.hub.holds_a_checkpoint
