"""From our settings to ``transformers.TrainingArguments``: the one place where the two meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import TrainingConfig
from core.tasks.base import Task

if TYPE_CHECKING:
    from transformers import TrainingArguments

CHECKPOINTS_KEPT = 2
"""The best and the newest: the first is the result, the second the place to go on from."""

CHECKS_OF_A_STREAM = 10
"""Where progress was to be checked after each epoch: a stream has none."""


def training_arguments(
    training: TrainingConfig, task: Task, output_dir: Path, total_steps: int, is_stream: bool = False
) -> TrainingArguments:
    """The arguments of a run. Source: the ``TrainingArguments`` API page of transformers 5.

    What is published goes the way of ``core.training.pushing``: whatever stands here is pickled into
    ``training_args.bin``, and a token must not.

    A stream ends after ``total_steps``, which is all that tells how long it is; it finds its place again itself.
    """
    import torch
    from transformers import TrainingArguments

    metric = next((metric for metric in task.metrics if metric.name == task.main_metric), None)
    return TrainingArguments(
        output_dir=str(output_dir),
        num_train_epochs=training.num_train_epochs,
        learning_rate=training.learning_rate,
        per_device_train_batch_size=training.per_device_train_batch_size,
        per_device_eval_batch_size=max(32, training.per_device_train_batch_size),
        gradient_accumulation_steps=training.gradient_accumulation_steps,
        warmup_steps=warmup(training.warmup_steps),
        weight_decay=training.weight_decay,
        seed=training.seed,
        **(_stream(training, total_steps) if is_stream else _evaluation(training)),
        load_best_model_at_end=True,
        metric_for_best_model=task.main_metric,
        greater_is_better=metric is not None and metric.greater_is_better,
        save_total_limit=CHECKPOINTS_KEPT,
        logging_steps=logging_steps(total_steps),
        # The default shows a NaN as a loss of 0.0 and trains on with broken weights.
        logging_nan_inf_filter=False,
        label_names=["labels"],
        # Collators pick what they know; the names of a model's arguments say nothing of the task's own notes.
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        disable_tqdm=True,
        report_to="none",
        push_to_hub=False,
    )


def warmup(value: float) -> float | int:
    """transformers reads a float below 1 as a share of the run and an int as a number of steps."""
    return value if value < 1 else int(value)


def logging_steps(total_steps: int) -> int:
    """Often enough for a smooth curve, seldom enough that a long run's log stays small."""
    return min(50, max(1, total_steps // 400))


def _stream(training: TrainingConfig, total_steps: int) -> dict[str, Any]:
    if training.eval_strategy == "epoch":
        training = training.model_copy(update={"eval_steps": max(1, total_steps // CHECKS_OF_A_STREAM)})
    steps = training.model_copy(update={"eval_strategy": "steps"})
    return {
        **_evaluation(steps),
        "max_steps": total_steps,
        "ignore_data_skip": True,
        # Each process would otherwise get its rows from the first.
        "accelerator_config": {"dispatch_batches": False, "split_batches": False},
    }


def _evaluation(training: TrainingConfig) -> dict[str, Any]:
    """Saving goes with evaluating, so that the best model is always one that was saved."""
    if training.eval_strategy == "epoch":
        return {"eval_strategy": "epoch", "save_strategy": "epoch"}
    return {
        "eval_strategy": "steps",
        "save_strategy": "steps",
        "eval_steps": training.eval_steps,
        "save_steps": training.eval_steps,
    }
