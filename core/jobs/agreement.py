"""That somebody has agreed to what a rented machine may cost: given with the start of a run, by a person or by the
program that one has written, and kept in the run's folder. Nothing is rented without it, and none can be given by a
config.
"""

from __future__ import annotations

import json
import math
import time

from core.config import RunConfig
from core.errors import ConfigError, RunError
from core.figures import dollars
from core.jobs.hardware import Hardware, hardware_of
from core.runs import Run, write_atomically
from core.said import Figures, said

_FILE = "agreed.json"
_CENT = 0.01


def ceiling(config: RunConfig, machine: Hardware) -> float:
    """What a run can cost at the most: the price of its machine for as long as its time limit allows."""
    return machine.price * config.job.seconds / 3600


def need(config: RunConfig, agreed: float | None) -> None:
    """Raise ``RunError`` where a run would cost money that nobody has agreed to pay. The Hub is asked for the price."""
    if not config.job.is_rented:
        return
    machine = hardware_of(config.job.hardware)
    if config.distribution.processes > max(1, machine.gpus):
        raise ConfigError(
            said(
                "This run wants {count} processes, each with a GPU of its own, and {machine} has {gpus}."
                if machine.gpus
                else "This run wants {count} processes, each with a GPU of its own, and {machine} has none.",
                count=config.distribution.processes,
                machine=machine.title,
                gpus=machine.gpus,
            ),
            said("Take a machine with more GPUs, or set the processes to 0: one for each GPU."),
            field="distribution.processes",
        )
    most = ceiling(config, machine)
    if agreed is None:
        raise RunError(
            said(
                "This run would be sent to a rented machine ({machine}), which costs up to {most}.",
                machine=machine.title,
                most=Figures(dollars(most)),
            ),
            said("Agree to that sum first: on the last step of New run, with --yes in a terminal, or as agreed_cost."),
        )
    if not math.isfinite(agreed) or agreed + _CENT / 2 < most:
        raise RunError(
            said(
                "At most {agreed} was agreed to, and this run can cost {most} ({price} an hour for {hours} hours).",
                agreed=Figures(dollars(agreed)),
                most=Figures(dollars(most)),
                price=Figures(dollars(machine.price)),
                hours=Figures(f"{config.job.time_limit:g}"),
            ),
            said("Look at the sum again and agree to it, or lower the time limit."),
        )


def give(run: Run, agreed: float) -> None:
    """Keep what was agreed to."""
    write_atomically(run.path / _FILE, json.dumps({"most": agreed, "time": time.time()}))


def given(run: Run) -> float | None:
    """What was agreed to; None where nobody was asked, as for a run that another one, or a search, has begun."""
    try:
        return float(json.loads((run.path / _FILE).read_text(encoding="utf-8"))["most"])
    except FileNotFoundError:
        return None


def take_back(run: Run) -> None:
    """It was for one machine, which is rented now."""
    (run.path / _FILE).unlink(missing_ok=True)


def refuse_what_cannot_go(config: RunConfig) -> None:
    """Raise ``ConfigError`` where a run needs something of this machine that no other one has."""
    kept_here = {
        "custom": config.custom.is_used,
        "distribution.launcher": bool(config.distribution.launcher),
        "distribution.machines": config.distribution.machines > 1,
        "ensemble": config.ensemble.is_used,
        "hub.push_to_hub": config.hub.push_to_hub,
        "training.resume_from_checkpoint": bool(config.training.resume_from_checkpoint),
        "training.fsdp_config": bool(config.training.fsdp_config),
        "training.deepspeed": bool(config.training.deepspeed),
        "training.report_to": config.training.report_to in ("trackio", "wandb"),
    }
    for path in (path for path, is_used in kept_here.items() if is_used):
        raise ConfigError(
            said("{setting} cannot be used on a rented machine.", setting=path),
            said(
                "It needs something of this machine, or a login that is not sent along. Leave it as it comes, or train "
                "here."
            ),
            field=path,
        )
