"""How many corrections a training makes. Asked before it begins, so without torch."""

from __future__ import annotations

from math import ceil

from core.config import TrainingConfig


def steps_an_epoch(training: TrainingConfig, rows: int) -> int:
    """Corrections in one reading of ``rows`` examples, on one device; the last may be made from fewer batches."""
    size = training.per_device_train_batch_size
    batches = rows // size if training.dataloader_drop_last else -(-rows // size)
    return max(1, -(-batches // training.gradient_accumulation_steps))


def steps_in_all(training: TrainingConfig, rows: int) -> int:
    """Corrections of the whole training, where nothing stops it early."""
    if training.max_steps > 0:
        return training.max_steps
    return max(1, ceil(steps_an_epoch(training, rows) * training.num_train_epochs))


def epochs_in_all(training: TrainingConfig, rows: int) -> float:
    """How many times all examples are read."""
    if training.max_steps > 0:
        return training.max_steps / steps_an_epoch(training, rows)
    return training.num_train_epochs
