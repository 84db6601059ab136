"""From our settings to ``transformers.TrainingArguments``: the one place where the two meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import TrainingConfig
from core.settings.words import as_bool
from core.tasks.base import Task
from core.training import ranks
from core.training.scheduling import schedule_arguments

if TYPE_CHECKING:
    from transformers import TrainingArguments

CHECKS_OF_A_STREAM = 10
"""Where progress was to be checked after each epoch: a stream has none."""

AS_THEY_ARE = (
    "num_train_epochs",
    "learning_rate",
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "weight_decay",
    "lr_scheduler_type",
    "optim",
    "adam_beta1",
    "adam_beta2",
    "adam_epsilon",
    "max_grad_norm",
    "label_smoothing_factor",
    "neftune_noise_alpha",
    "bf16",
    "fp16",
    "use_liger_kernel",
    "activation_checkpointing",
    "torch_empty_cache_steps",
    "torch_compile",
    "eval_delay",
    "eval_on_start",
    "save_total_limit",
    "save_only_model",
    "logging_strategy",
    "logging_first_step",
    "include_num_input_tokens_seen",
    "report_to",
    "project",
    "trackio_space_id",
    "seed",
    "data_seed",
    "full_determinism",
    "train_sampling_strategy",
    "dataloader_drop_last",
    "ddp_bucket_cap_mb",
    "ddp_timeout",
    "fsdp",
    "resume_from_checkpoint",
)
"""Settings that mean the same there, under the same name."""


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

    best_by, more_is_better = best_of(training, task)
    return TrainingArguments(
        output_dir=str(output_dir),
        **{name: getattr(training, name) for name in AS_THEY_ARE},
        per_device_eval_batch_size=training.per_device_eval_batch_size or max(32, training.per_device_train_batch_size),
        max_steps=total_steps if is_stream else training.max_steps or -1,
        warmup_steps=warmup(training.warmup_steps),
        lr_scheduler_kwargs=schedule_arguments(training, total_steps, more_is_better),
        optim_args=training.optim_args or None,
        tf32=training.tf32 or None,
        # transformers takes bf16 on a CPU only where no GPU was to be used anyway. Several processes without a GPU
        # would each train alone.
        use_cpu=training.use_cpu or ((training.bf16 or ranks.count() > 1) and not torch.cuda.is_available()),
        **_compiling(training),
        **_evaluation(_of_a_stream(training, total_steps) if is_stream else training, is_stream),
        load_best_model_at_end=training.keeps_best,
        metric_for_best_model=best_by,
        greater_is_better=more_is_better,
        logging_steps=training.logging_steps or logging_steps(total_steps),
        # The default shows a NaN as a loss of 0.0 and trains on with broken weights.
        logging_nan_inf_filter=False,
        run_name=training.run_name or None,
        label_names=["labels"],
        # Collators pick what they know; the names of a model's arguments say nothing of the task's own notes.
        remove_unused_columns=False,
        **_loading(training, is_stream),
        **_several(training),
        disable_tqdm=True,
        push_to_hub=False,
    )


def best_of(training: TrainingConfig, task: Task) -> tuple[str, bool]:
    """(the measure by which the best model is chosen, whether more of it is better)."""
    name = training.metric_for_best_model or task.main_metric
    metric = next((metric for metric in task.metrics if metric.name == name), None)
    chosen = as_bool(training.greater_is_better)
    return name, (metric is not None and metric.greater_is_better) if chosen is None else chosen


def warmup(value: float) -> float | int:
    """transformers reads a float below 1 as a share of the run and an int as a number of steps."""
    return value if value < 1 else int(value)


def logging_steps(total_steps: int) -> int:
    """Often enough for a smooth curve, seldom enough that a long run's log stays small."""
    return min(50, max(1, total_steps // 400))


def _compiling(training: TrainingConfig) -> dict[str, Any]:
    """transformers compiles wherever one of these is set, also when ``torch_compile`` is off."""
    if not training.torch_compile:
        return {}
    return {
        "torch_compile_backend": training.torch_compile_backend,
        "torch_compile_mode": training.torch_compile_mode,
    }


def _of_a_stream(training: TrainingConfig, total_steps: int) -> TrainingConfig:
    """A stream has no epochs: what was to be done after each is done every few steps."""
    if training.eval_strategy == "epoch":
        steps = max(1, total_steps // CHECKS_OF_A_STREAM)
        saved = "checks" if training.save_strategy == "epoch" else training.save_strategy
        return training.model_copy(update={"eval_strategy": "steps", "eval_steps": steps, "save_strategy": saved})
    if training.eval_strategy == "no" and training.save_strategy in ("epoch", "checks"):
        steps = max(1, total_steps // CHECKS_OF_A_STREAM)
        return training.model_copy(update={"save_strategy": "steps", "save_steps": steps})
    return training


def _evaluation(training: TrainingConfig, is_stream: bool) -> dict[str, Any]:
    """Saving goes with evaluating where nothing else is chosen, so that the best model is always one that was saved."""
    checked, saved = training.eval_strategy, training.save_strategy
    if saved == "checks":
        saved = "epoch" if checked == "no" else checked
    by_checks = training.save_strategy == "checks"
    found: dict[str, Any] = {"eval_strategy": checked, "save_strategy": saved}
    if checked == "steps":
        found["eval_steps"] = training.eval_steps
    if saved == "steps":
        found["save_steps"] = training.eval_steps if by_checks else training.save_steps
    if is_stream:
        found["ignore_data_skip"] = True
        # Each process would otherwise get its rows from the first.
        found["accelerator_config"] = {"dispatch_batches": False, "split_batches": False}
    return found


def _loading(training: TrainingConfig, is_stream: bool) -> dict[str, Any]:
    import torch

    workers = 0 if is_stream else training.dataloader_num_workers
    return {
        "dataloader_pin_memory": training.dataloader_pin_memory and torch.cuda.is_available(),
        "dataloader_num_workers": workers,
        "dataloader_persistent_workers": workers > 0 and training.dataloader_persistent_workers,
        "dataloader_prefetch_factor": training.dataloader_prefetch_factor if workers else None,
    }


def _several(training: TrainingConfig) -> dict[str, Any]:
    return {
        "ddp_find_unused_parameters": as_bool(training.ddp_find_unused_parameters),
        "ddp_broadcast_buffers": as_bool(training.ddp_broadcast_buffers),
        "ddp_static_graph": as_bool(training.ddp_static_graph),
        "ddp_backend": None if training.ddp_backend == "automatic" else training.ddp_backend,
        "fsdp_config": training.fsdp_config or None,
        "deepspeed": training.deepspeed or None,
    }
