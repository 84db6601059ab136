"""The numbers of a learning rate's schedule, as transformers takes them: ``lr_scheduler_kwargs``."""

from __future__ import annotations

from math import ceil
from typing import Any

from core.config import TrainingConfig


def schedule_arguments(training: TrainingConfig, total_steps: int, more_is_better: bool) -> dict[str, Any] | None:
    """What the chosen schedule takes besides warm-up and length; None where it takes nothing.

    ``more_is_better`` is of the measure by which checks are compared.
    """
    kind = training.lr_scheduler_type
    floor = {"min_lr_rate": training.min_lr_rate}
    found: dict[str, Any]
    if kind in ("cosine", "cosine_with_restarts"):
        found = _waves(training)
    elif kind == "polynomial":
        found = {"power": training.power, "lr_end": training.lr_end}
    elif kind == "inverse_sqrt":
        found = {"timescale": training.timescale} if training.timescale else {}
    elif kind == "cosine_with_min_lr":
        found = floor | _waves(training)
    elif kind == "cosine_warmup_with_min_lr":
        found = floor | _waves(training) | {"warmup_lr_rate": training.warmup_lr_rate}
    elif kind == "warmup_stable_decay":
        found = _stable(training, total_steps)
    elif kind in ("reduce_lr_on_plateau", "greedy"):
        found = _by_checks(training, more_is_better)
    else:
        found = {}
    return found or None


def _waves(training: TrainingConfig) -> dict[str, Any]:
    waves = training.num_cycles
    if waves is None:
        return {}
    return {"num_cycles": round(waves) or 1 if training.lr_scheduler_type == "cosine_with_restarts" else waves}


def _stable(training: TrainingConfig, total_steps: int) -> dict[str, Any]:
    """The fall has what the warm-up leaves of the run, at the most."""
    up = training.warmup_steps if training.warmup_steps >= 1 else ceil(training.warmup_steps * total_steps)
    down = training.num_decay_steps if training.num_decay_steps >= 1 else training.num_decay_steps * total_steps
    return {
        "num_decay_steps": max(1, min(int(down), total_steps - int(up))),
        "warmup_type": training.warmup_type,
        "decay_type": training.decay_type,
        "min_lr_ratio": training.min_lr_rate,
        **_waves(training),
    }


def _by_checks(training: TrainingConfig, more_is_better: bool) -> dict[str, Any]:
    found = {
        "mode": "max" if more_is_better else "min",
        "factor": training.plateau_factor,
        "patience": training.plateau_patience,
        "min_lr": training.learning_rate * training.min_lr_rate,
    }
    if training.lr_scheduler_type == "greedy":
        # Its own bounds are absolute, and far above any learning rate that suits a pretrained model.
        found["max_lr"] = training.learning_rate * training.max_lr_rate
    return found
