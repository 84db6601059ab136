"""A run of several processes as all of its parts see it: as one that makes the same steps; and the end of its training.

Called in workers only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.launchers import files
from core.launchers.several_processes import began_with
from core.runs import Run
from core.tasks.base import Context
from core.training import ranks
from core.training.report import ACCUMULATION
from core.training.shop import Workshop


def as_one(run: Run) -> RunConfig:
    """The config of a run as one process would have it: a step takes the examples that all processes together took when
    the run began, so it stays the same step however many there are when it is taken up again.
    """
    config, times = run.config, began_with(run)
    training = config.training
    if times > 1:
        training = training.model_copy(update={ACCUMULATION: getattr(training, ACCUMULATION) * times})
    if ranks.count() > 1:
        training = training.model_copy(update=_strategy(run, config))
    return config if training is config.training else config.model_copy(update={"training": training})


def _strategy(run: Run, config: RunConfig) -> dict[str, Any]:
    """The settings of the Trainer that the strategy stands for, unless one's own are given."""
    strategy = config.distribution.strategy
    if strategy == "fsdp":
        return {"fsdp": True, "fsdp_config": config.training.fsdp_config or str(run.path / files.FSDP)}
    if strategy.startswith("deepspeed"):
        return {"deepspeed": config.training.deepspeed or str(run.path / files.DEEPSPEED)}
    return {}


def part(shop: Workshop, trainer: Any, folder: Path, context: Context) -> bool:
    """The training is over: the first process goes on alone, with the whole model and all cores that they had together;
    whether this is the first.
    """
    if ranks.count() == 1:
        return True
    import torch

    processes = ranks.count()
    whole = trainer.accelerator.get_state_dict(trainer.model_wrapped) if _is_in_parts(shop) else None
    if not ranks.part():
        return False
    if whole is not None:
        model = shop.task.build_model(str(folder), context).model
        model.load_state_dict(whole)
        trainer.model = trainer.model_wrapped = model.to(trainer.args.device)
    if trainer.args.device.type == "cpu":
        torch.set_num_threads(torch.get_num_threads() * processes)
    return True


def _is_in_parts(shop: Workshop) -> bool:
    training = shop.config.training
    return bool(training.fsdp or training.deepspeed)
