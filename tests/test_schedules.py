"""The learning rate that the page draws is the one that a run has, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from core.schedules import BY_THE_METRIC, SHARES, curve, share, warmup_steps

RATE, STEPS = 3e-4, 57
OWN: dict[str, list[dict[str, Any]]] = {
    "cosine": [{}, {"num_cycles": 1.5}],
    "cosine_with_restarts": [{}, {"num_cycles": 3}],
    "polynomial": [{}, {"lr_end": 1e-5, "power": 2.0}],
    "inverse_sqrt": [{}, {"timescale": 20}],
    "cosine_with_min_lr": [{"min_lr": 1e-5}, {"min_lr_rate": 0.2, "num_cycles": 1.0}],
    "cosine_warmup_with_min_lr": [{"min_lr": 1e-5}, {"min_lr_rate": 0.1, "warmup_lr_rate": 0.3}],
    "warmup_stable_decay": [
        {"num_decay_steps": 20},
        {"num_decay_steps": 10, "min_lr_ratio": 0.1, "warmup_type": "cosine", "decay_type": "1-sqrt"},
        {"num_decay_steps": 10, "num_stable_steps": 5, "warmup_type": "1-sqrt", "decay_type": "linear"},
    ],
}


def real(kind: str, warmup: int, own: dict[str, Any]) -> list[float]:
    """The learning rate at each step, as ``transformers`` sets it."""
    import torch
    from transformers import get_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = get_scheduler(kind, optimizer, warmup, STEPS, own or None)
    rates = []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def test_every_scheduler_is_known() -> None:
    from transformers.trainer_utils import SchedulerType

    assert set(SHARES) == {str(one.value) for one in SchedulerType}


@pytest.mark.parametrize("kind", sorted(set(SHARES) - set(BY_THE_METRIC)))
@pytest.mark.parametrize("warmup", [0, 1, 9])
def test_each_step_has_the_learning_rate_of_the_run(kind: str, warmup: int) -> None:
    for own in OWN.get(kind, [{}]):
        ours = [RATE * share(kind, step, warmup, STEPS, {**own, "learning_rate": RATE}) for step in range(STEPS)]

        assert ours == pytest.approx(real(kind, warmup, own), abs=1e-9, rel=1e-9)


def test_a_share_of_warm_up_is_rounded_as_the_trainer_does() -> None:
    from transformers import TrainingArguments

    for warmup in (0, 0.1, 0.55, 7):
        assert warmup_steps(warmup, STEPS) == TrainingArguments(warmup_steps=warmup).get_warmup_steps(STEPS)


def test_a_curve_has_its_ends_and_its_top_however_long_the_run() -> None:
    points = curve("linear", 333, 100_000, points=50)

    assert points[0] == (0, 0.0)
    assert (333, 1.0) in points
    assert points[-1][0] == 99_999
    assert len(points) <= 51
    assert curve("linear", 0, 1) == [(0, 1.0), (1, 0.0)]
