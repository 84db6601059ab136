"""What a visitor of a demo may train: a small table, a model that comes along, a few minutes.

How much of each is declared in ``core.ceilings``. Whatever a config says that is not listed here has to stay as it
comes: no Hub, no programs, no addresses, no files of the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from core import ceilings, figures, home, space
from core.config import RunConfig, validate
from core.errors import ConfigError, RunError
from core.estimate import Estimate
from core.models.types import Checkpoint
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
    return INSTEAD[not space.is_space()]


INSTEAD = (
    "Duplicate this Space, and it is yours without these limits.",
    "Install Tunesmith on a machine of your own, and there are no such limits.",
)


def need_allowed(config: RunConfig, offered: list[Checkpoint]) -> None:
    """Raise ``ConfigError`` for what no training of a demo may have. ``offered`` are the starters of its task."""
    if config.task not in TASKS:
        raise ConfigError("A demo knows the tasks that come with it.", f"They are: {', '.join(TASKS)}.", field="task")
    _need_data(config)
    here = {one.id for one in offered if not one.needs_network and not one.install}
    if config.model.checkpoint not in here or not config.model.checkpoint.startswith("starter/"):
        raise ConfigError(
            "A demo trains only models that come with the app.",
            f"Start from: {', '.join(sorted(here)) or 'another task, which has one'}. {instead()}",
            field="model.checkpoint",
        )
    if others := list(_others(config)):
        raise ConfigError(
            f"{others[0]} cannot be set in a demo.", f"Leave it as it comes. {instead()}", field=others[0]
        )
    if config.training.max_length > ceilings.most("tokens"):
        raise ConfigError(
            f"A demo reads {ceilings.in_words('tokens')} tokens of a text at the most.",
            f"Choose a smaller maximum length. {instead()}",
            field="training.max_length",
        )


def need_small(rows: int, estimate: Estimate, used: int) -> None:
    """Raise ``ConfigError`` or ``RunError`` where a training is larger than a demo has room for. ``used`` bytes are
    taken by the visitor's things already.
    """
    if rows > ceilings.most("rows"):
        raise ConfigError(
            f"This table has {rows:,} rows to use, and a demo takes {ceilings.in_words('rows')}.",
            f"{ceilings.CEILINGS['rows'].instead} {instead()}",
            field="data.source",
        )
    if estimate.seconds > 60 * ceilings.most("minutes"):
        raise ConfigError(
            f"This would take {figures.about(estimate.seconds)}, and a demo gives {ceilings.in_words('minutes')}.",
            f"{ceilings.CEILINGS['minutes'].instead} {instead()}",
            field="training.num_train_epochs",
        )
    if not estimate.fits:
        raise ConfigError(
            "This needs more memory than there is.",
            "Choose a smaller batch size or maximum length.",
            field="training.per_device_train_batch_size",
        )
    need_disk(used, estimate.disk_bytes, "This training")


def need_disk(used: int, more: int, what: str) -> None:
    """Raise ``RunError`` where the things of a visitor would take more of the disk than they may. ``what`` needs it."""
    if used + more > ceilings.most("home"):
        raise RunError(
            f"{what} needs {figures.size(more)}, and your things here take {figures.size(used)} of "
            f"{ceilings.in_words('home')} already.",
            f"{ceilings.CEILINGS['home'].instead} {instead()}",
        )


def _need_data(config: RunConfig) -> None:
    source = config.data.source
    is_own = source.startswith(_SAMPLE) or source.startswith(f"{home.uploads_dir()}{os.sep}")
    if not is_own or config.data.revision or config.data.subset or config.data.streaming:
        raise ConfigError(
            "A demo trains on its samples, or on a table that you upload.",
            f"Upload a small table, or choose a sample. {instead()}",
            field="data.source",
        )
    if len(config.data.steps) > MOST_STEPS:
        raise ConfigError(f"A demo makes {MOST_STEPS} changes of a table at the most.", "Mend the file itself.")


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
