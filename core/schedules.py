"""How the learning rate goes over a run, without torch: what each scheduler of ``transformers`` does at each step.

A schedule is the share of the full learning rate at a step, counted from 0. Names and arguments are those of
``transformers.get_scheduler`` and its ``lr_scheduler_kwargs``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

BY_THE_METRIC = ("reduce_lr_on_plateau", "greedy")
"""They watch how the checks go, so what they will do is not known before."""

Share = Callable[[int, int, int, Mapping[str, Any]], float]
"""(step, steps of the warm-up, steps of the run, own arguments) -> share of the full learning rate."""


def warmup_steps(warmup: float, steps: int) -> int:
    """A warm-up below 1 is a share of the run, rounded up; otherwise it is a number of steps."""
    return math.ceil(steps * warmup) if warmup < 1 else int(warmup)


def share(kind: str, step: int, warmup: int, steps: int, own: Mapping[str, Any] | None = None) -> float:
    """The share of the full learning rate at ``step`` of ``steps``. ``own`` may hold the scheduler's arguments.

    ``lr_end`` and ``min_lr`` are learning rates themselves, and shares of ``own["learning_rate"]`` here. Raises
    ``KeyError`` for an unknown ``kind``.
    """
    return SHARES[kind](step, warmup, steps, {name: value for name, value in (own or {}).items() if value is not None})


def curve(
    kind: str, warmup: int, steps: int, own: Mapping[str, Any] | None = None, points: int = 160
) -> list[tuple[int, float]]:
    """(step, share) at so many places of the run at most, first and last step and the end of the warm-up included."""
    last = max(1, steps - 1)
    places = {round(last * place / (points - 1)) for place in range(points)} | {min(last, warmup)}
    return [(step, share(kind, step, warmup, steps, own)) for step in sorted(places)]


def _rising(step: int, warmup: int) -> float:
    return step / max(1, warmup)


def _progress(step: int, warmup: int, steps: int) -> float:
    return (step - warmup) / max(1, steps - warmup)


def _wave(cycles: float, progress: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * cycles * 2 * progress))


def _constant(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    return 1.0


def _constant_with_warmup(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    return min(1.0, _rising(step, warmup)) if step < warmup else 1.0


def _linear(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    return _rising(step, warmup) if step < warmup else max(0.0, (steps - step) / max(1, steps - warmup))


def _cosine(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    if step < warmup:
        return _rising(step, warmup)
    return max(0.0, _wave(own.get("num_cycles", 0.5), _progress(step, warmup, steps)))


def _cosine_with_restarts(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    if step < warmup:
        return _rising(step, warmup)
    progress = _progress(step, warmup, steps)
    return 0.0 if progress >= 1 else max(0.0, _wave(0.5, (own.get("num_cycles", 1) * progress) % 1.0))


def _polynomial(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    if step < warmup:
        return _rising(step, warmup)
    end = _as_share(own.get("lr_end", 1e-7), own)
    if step > steps:
        return end
    left = 1 - _progress(step, warmup, steps)
    return float((1 - end) * left ** own.get("power", 1.0) + end)


def _inverse_sqrt(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    if step < warmup:
        return _rising(step, warmup)
    timescale = own.get("timescale") or warmup or 10_000
    return 1 / math.sqrt((step + timescale - warmup) / timescale)


def _cosine_with_min_lr(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    if step < warmup:
        return _rising(step, warmup)
    least = _least(own)
    return max(0.0, _wave(own.get("num_cycles", 0.5), _progress(step, warmup, steps)) * (1 - least) + least)


def _cosine_warmup_with_min_lr(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    if step < warmup:
        first = own.get("warmup_lr_rate")
        if first is None:
            return (step + 1) / max(1, warmup)
        return float(first + (1 - first) * step / max(1, warmup - 1))
    least, progress = _least(own), (step - warmup + 1) / max(1, steps - warmup)
    return max(0.0, _wave(own.get("num_cycles", 0.5), progress) * (1 - least) + least)


def _warmup_stable_decay(step: int, warmup: int, steps: int, own: Mapping[str, Any]) -> float:
    least, falling = own.get("min_lr_ratio", 0.0), own.get("num_decay_steps", 0)
    stable = own.get("num_stable_steps", steps - warmup - falling)
    if step < warmup:
        shape, progress = own.get("warmup_type", "linear"), _rising(step, warmup)
        rising = {"linear": progress, "cosine": 0.5 * (1 - math.cos(math.pi * progress))}
        return max(0.0, rising.get(shape, 1 - math.sqrt(1 - progress)) * (1 - least) + least)
    if step < warmup + stable:
        return 1.0
    if step < warmup + stable + falling:
        shape, progress = own.get("decay_type", "cosine"), (step - warmup - stable) / max(1, falling)
        left = {"linear": 1 - progress, "cosine": _wave(own.get("num_cycles", 0.5), progress)}
        return max(0.0, left.get(shape, 1 - math.sqrt(progress)) * (1 - least) + least)
    return float(least)


def _as_share(rate: float, own: Mapping[str, Any]) -> float:
    return float(rate / own["learning_rate"])


def _least(own: Mapping[str, Any]) -> float:
    """The least share: given as a share, or as a learning rate."""
    return float(own["min_lr_rate"]) if "min_lr_rate" in own else _as_share(own.get("min_lr", 0.0), own)


SHARES: dict[str, Share] = {
    "linear": _linear,
    "cosine": _cosine,
    "cosine_with_restarts": _cosine_with_restarts,
    "polynomial": _polynomial,
    "constant": _constant,
    "constant_with_warmup": _constant_with_warmup,
    "inverse_sqrt": _inverse_sqrt,
    "reduce_lr_on_plateau": _constant,
    "cosine_with_min_lr": _cosine_with_min_lr,
    "cosine_warmup_with_min_lr": _cosine_warmup_with_min_lr,
    "warmup_stable_decay": _warmup_stable_decay,
    "greedy": _constant,
}
"""By the names of ``transformers.SchedulerType``. Those that go by the metric stay as they are while it gets better."""
