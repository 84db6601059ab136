"""What surrounds a save, and what a run takes up from one beside what the Trainer takes up itself.

Imported in workers only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch  # noqa: TID253  (imported in workers only)

from core.errors import TrainingError
from core.said import said
from core.training import checkpoints, ranks

_UNLOGGED = "unlogged"


def refuse_broken_numbers(trainer: Any) -> None:
    """Raise ``TrainingError`` where a weight is no number any more: a checkpoint must be from before that.

    The loss says so too, but only when it is logged next.
    """
    if all(bool(torch.isfinite(one).all()) for one in trainer.model.parameters() if one.requires_grad):
        return
    raise TrainingError(
        said(
            "The numbers broke by step {step}: a weight of the model is no longer a number.",
            step=str(trainer.state.global_step),
        ),
        said("The learning rate is most likely too high. Start again with a smaller one."),
        remedy={"training.learning_rate": float(f"{trainer.args.learning_rate / 5:.2g}")},
    )


def unlogged(trainer: Any) -> dict[str, Any]:
    """The loss since it was last logged, for the seal: the next one that is logged is a mean over all steps since."""
    loss = getattr(trainer, "_tr_loss", None)
    if loss is None:
        return {}
    if ranks.count() > 1:  # what is logged is the mean of what all have summed up
        loss = trainer.accelerator.gather(loss).mean()
    return {_UNLOGGED: {"loss": float(loss), "since": trainer._globalstep_last_logged}}


def take_up_unlogged(trainer: Any, checkpoint: Path) -> None:
    """Before the first step after a checkpoint: the loss is summed up on from what it was then."""
    kept = checkpoints.about(checkpoint).get(_UNLOGGED)
    if kept:
        trainer._tr_loss += kept["loss"]
        trainer._globalstep_last_logged = kept["since"]


def rates_of(optimizer: Any) -> list[float]:
    """The learning rate of each group of weights before its schedule, as the settings want it."""
    return [group["initial_lr"] for group in optimizer.param_groups]


def set_rates(optimizer: Any, scheduler: Any, wanted: list[float]) -> None:
    """After a checkpoint was loaded: learn on with the rates and the schedule of this run, not of the one before.

    Where both are the same, which is so unless a run goes on from another one, nothing changes.
    """
    before = rates_of(optimizer)
    for group, old, new in zip(optimizer.param_groups, before, wanted, strict=True):
        group["initial_lr"] = new
        group["lr"] *= new / old if old else 1.0
    if not hasattr(scheduler, "base_lrs"):  # one that follows the checks, not the steps
        return
    scheduler.base_lrs = list(wanted)
    if isinstance(scheduler, torch.optim.lr_scheduler.LambdaLR):
        for group, base, factor in zip(optimizer.param_groups, wanted, scheduler.lr_lambdas, strict=True):
            group["lr"] = base * factor(scheduler.last_epoch)
    scheduler._last_lr = [group["lr"] for group in optimizer.param_groups]
