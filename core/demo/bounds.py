"""What a visitor of a demo may train: a small table, a model that comes along, a few minutes.

How much of each is declared in ``core.ceilings``. Whatever a config says that is not listed here has to stay as it
comes: no Hub, no programs, no addresses, no files of the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Literal

from core import ceilings, figures, home, space
from core.config import RunConfig, validate
from core.errors import ConfigError, RunError
from core.estimate import Estimate
from core.models.types import Checkpoint
from core.said import Figures, said, together
from core.said_times import about
from core.tasks import TASKS

SETTABLE = frozenset(
    f"training.{name}"
    for name in (
        "num_train_epochs",
        "learning_rate",
        "per_device_train_batch_size",
        "max_length",
        "warmup_steps",
        "weight_decay",
        "lr_scheduler_type",
        "eval_strategy",
        "eval_steps",
        "early_stopping_patience",
        "seed",
        "bf16",
        "tf32",
    )
)
"""Settings of the training that a visitor may change, or that are suggested."""
FREE = ("version", "task", "name", "data.", "model.checkpoint", "options.", "watch.sentences")
"""What else may differ: it is looked at by itself, or does no harm."""
MOST_STEPS = 100
"""Changes of a table."""
_SAMPLE = "sample/"


def instead() -> str:
    """How somebody has the app without these bounds."""
    return said(INSTEAD[not space.is_space()])


INSTEAD = (
    "Duplicate this Space, and it is yours without these limits.",
    "Install Tunesmith on a machine of your own, and there are no such limits.",
)


def need_allowed(config: RunConfig, offered: list[Checkpoint]) -> None:
    """Raise ``ConfigError`` for what no training of a demo may have. ``offered`` are the starters of its task."""
    if config.task not in TASKS:
        raise ConfigError(
            said("A demo knows the tasks that come with it."),
            said("They are: {tasks}.", tasks=", ".join(TASKS)),
            field="task",
        )
    _need_data(config)
    here = {one.id for one in offered if not one.needs_network and not one.install}
    if config.model.checkpoint not in here or not config.model.checkpoint.startswith("starter/"):
        raise ConfigError(
            said("A demo trains only models that come with the app."),
            together(
                said("Start from: {models}.", models=", ".join(sorted(here)))
                if here
                else said("Start from: another task, which has one."),
                instead(),
            ),
            field="model.checkpoint",
        )
    if others := list(_others(config)):
        raise ConfigError(
            said("{setting} cannot be set in a demo.", setting=others[0]),
            together(said("Leave it as it comes."), instead()),
            field=others[0],
        )
    if config.training.max_length > ceilings.most("tokens"):
        raise ConfigError(
            said("A demo reads {most} tokens of a text at the most.", most=ceilings.in_words("tokens")),
            together(said("Choose a smaller maximum length."), instead()),
            field="training.max_length",
        )


def need_small(rows: int, estimate: Estimate, used: int) -> None:
    """Raise ``ConfigError`` or ``RunError`` where a training is larger than a demo has room for. ``used`` bytes are
    taken by the visitor's things already.
    """
    if rows > ceilings.most("rows"):
        raise ConfigError(
            said(
                "This table has {rows} rows to use, and a demo takes {most}.", rows=rows, most=ceilings.in_words("rows")
            ),
            together(ceilings.CEILINGS["rows"].instead, instead()),
            field="data.source",
        )
    if estimate.seconds > 60 * ceilings.most("minutes"):
        raise ConfigError(
            said(
                "This would take {about}, and a demo gives {most}.",
                about=about(estimate.seconds),
                most=ceilings.in_words("minutes"),
            ),
            together(ceilings.CEILINGS["minutes"].instead, instead()),
            field="training.num_train_epochs",
        )
    if not estimate.fits:
        raise ConfigError(
            said("This needs more memory than there is."),
            said("Choose a smaller batch size or maximum length."),
            field="training.per_device_train_batch_size",
        )
    need_disk(used, estimate.disk_bytes, "This training")


Needing = Literal["This file", "This table", "This training"]
_NEEDS = {
    "This file": "This file needs {size}, and your things here take {used} of {most} already.",
    "This table": "This table needs {size}, and your things here take {used} of {most} already.",
    "This training": "This training needs {size}, and your things here take {used} of {most} already.",
}
"""By what needs it."""


def need_disk(used: int, more: int, what: Needing) -> None:
    """Raise ``RunError`` where the things of a visitor would take more of the disk than they may. ``what`` needs it."""
    if used + more > ceilings.most("home"):
        raise RunError(
            said(
                _NEEDS[what],
                size=Figures(figures.size(more)),
                used=Figures(figures.size(used)),
                most=ceilings.in_words("home"),
            ),
            together(ceilings.CEILINGS["home"].instead, instead()),
        )


def _need_data(config: RunConfig) -> None:
    source = config.data.source
    is_own = source.startswith(_SAMPLE) or source.startswith(f"{home.uploads_dir()}{os.sep}")
    if not is_own or config.data.revision or config.data.subset or config.data.streaming:
        raise ConfigError(
            said("A demo trains on its samples, or on a table that you upload."),
            together(said("Upload a small table, or choose a sample."), instead()),
            field="data.source",
        )
    if len(config.data.steps) > MOST_STEPS:
        raise ConfigError(
            said("A demo makes {most} changes of a table at the most.", most=MOST_STEPS),
            said("Mend the file itself."),
        )


def _others(config: RunConfig) -> Iterator[str]:
    """The settings that are not as they come, and that no visitor may change."""
    as_it_comes = validate({"task": config.task, "data": {"source": config.data.source}})
    default = dict(_leaves(as_it_comes.model_dump(mode="json")))
    for path, value in _leaves(config.model_dump(mode="json")):
        if path not in SETTABLE and not path.startswith(FREE) and value != default.get(path):
            yield path


def _leaves(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(record, dict) and record:
        for name, value in record.items():
            yield from _leaves(value, f"{path}.{name}" if path else name)
    else:
        yield path, record
