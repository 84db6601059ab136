"""A run's config as it may be shown to everybody: without a place of this machine, and without texts of the table."""

from __future__ import annotations

import re

from core.config import DataConfig, RunConfig
from core.data.sources import title_of
from core.data.steps import Step
from core.data.steps.rows import SetCell
from core.data.steps.values import DropValues, RenameValues
from core.data_config import HUB
from core.hub_config import HubConfig
from core.publishing.base_model import base_of
from core.tasks import TASKS
from core.watch_config import WatchConfig

_HEAD = """\
# What was asked for when this model was trained. Train it again with: tunesmith train run.yaml
"""
_WITHOUT_TABLE = """\
# The table is not in this repository: put a file of this name beside this one, or write its place under data: source.
"""
_WITHOUT_TEXTS = """\
# Changes of single cells ({count}) are left out, because they hold texts of the table.
"""
_CLASS_KINDS = ("label", "labels")


def as_yaml(config: RunConfig, name: str = "") -> str:
    """The config for everybody, as ``tunesmith train`` takes it, with what has to be known before."""
    hidden = sum(not is_showable(config, step) for step in config.data.steps)
    head = _HEAD
    if not (config.data.source.startswith((HUB, "sample/"))):
        head += _WITHOUT_TABLE
    if hidden:
        head += _WITHOUT_TEXTS.format(count=hidden)
    return head + cleaned(config, name).to_yaml()


def cleaned(config: RunConfig, name: str = "") -> RunConfig:
    """The same intent, with names of files in place of their paths. ``name`` is what the run is called by now."""
    base = base_of(config.model)
    model = config.model if base.hub_id else config.model.model_copy(update={"checkpoint": base.name})
    return config.model_copy(
        update={
            "name": name or config.name,
            "data": _cleaned_data(config),
            "model": model,
            # Where it was published while it learned is its own business, and must not happen again by itself.
            "hub": HubConfig(),
            # They may be somebody's own words, or rows of the table; nothing was learned from them.
            "watch": WatchConfig(),
        }
    )


def source_name(data: DataConfig) -> str:
    """What to call the table: the sample's title, the name of its file, or ``owner/name`` of the Hub."""
    return title_of(data.source) if data.source.startswith((HUB, "sample/")) else file_name(data.source)


def file_name(path: str) -> str:
    """The last part of a path of any system."""
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]


def is_showable(config: RunConfig, step: Step) -> bool:
    """Whether a change of the table can be told as it is: one that names values tells them, unless they are classes."""
    if isinstance(step, SetCell):
        return False
    if not isinstance(step, DropValues | RenameValues):
        return True
    roles = {role.name: role.kind for role in TASKS[config.task].roles}
    columns = config.data.columns
    return any(columns.get(name) == step.column and kind in _CLASS_KINDS for name, kind in roles.items())


def _cleaned_data(config: RunConfig) -> DataConfig:
    data = config.data
    steps = tuple(step for step in data.steps if is_showable(config, step))
    if data.source.startswith((HUB, "sample/")):
        return data.model_copy(update={"steps": steps})
    split = data.split
    if split.column is None:
        parts = {part: getattr(split, part) for part in ("train", "validation", "test")}
        named = {part: file_name(value) for part, value in parts.items() if isinstance(value, str)}
        split = split.model_copy(update=named)
    return data.model_copy(update={"source": file_name(data.source), "steps": steps, "split": split})
