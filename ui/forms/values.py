"""Between a config and what the form holds: a dict of dotted path to value."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache, reduce
from typing import Any

from pydantic import ValidationError

from core import home
from core.config import RunConfig, put, shape_for, shape_of
from core.demo.bounds import FREE, SETTABLE
from core.limits import limits
from core.schema import Row, rows
from core.tasks import TASKS
from ui.languages import told, tr

WATCH_ROWS: tuple[Row, ...] = tuple(row for row in rows(RunConfig) if row.path.startswith("watch."))
"""Settings that are lists: they have a control of their own."""
ROWS: tuple[Row, ...] = tuple(
    row for row in rows(RunConfig) if not row.path.startswith("data.") and row not in WATCH_ROWS
)
"""The settings that every run has, in the order of declaration. How data is read is asked where it is brought."""
OPTIONS = "options."
"""How the paths of a task's own settings begin."""
HERE_ONLY = (
    "notify.",
    "training.resume_from_checkpoint",
    "training.fsdp_config",
    "training.deepspeed",
    "distribution.machine",
    "distribution.address",
    "distribution.port",
)
"""Beginnings of the paths that only a person in front of this machine may set: they name its files, run its programs,
or make it call other machines.
"""

Values = dict[str, Any]
"""What the form holds: dotted path to value, as in ``{"training.learning_rate": 5e-5}``."""


@cache
def own_rows(task: str) -> tuple[Row, ...]:
    """The settings that only this task has."""
    return tuple(row for row in rows(shape_of(task)) if row.path.startswith(OPTIONS))


def rows_of(task: str) -> tuple[Row, ...]:
    """Every setting of a run of this task; of a task that is not known, those that every run has."""
    return (*ROWS, *own_rows(task)) if TASKS.knows(task) else ROWS


def rows_for(task: str, local: bool) -> tuple[Row, ...]:
    """The settings that a visitor may change. ``local``: they sit in front of this machine."""
    if home.is_visitors():
        return tuple(row for row in rows_of(task) if row.path in SETTABLE or row.path.startswith(FREE))
    return tuple(row for row in rows_of(task) if local or not row.path.startswith(HERE_ONLY))


def why_closed(row: Row) -> str:
    """Why somebody may not change a setting that ``rows_for`` leaves out, as a sentence."""
    label = tr(row.setting.label)
    if home.is_visitors():
        return tr("“{label}” cannot be set in a demo.", label=label)
    return tr("“{label}” can only be set by somebody who sits in front of this machine.", label=label)


def values_from(config: RunConfig) -> Values:
    """What the form shows for ``config``."""
    return {row.path: reduce(getattr, row.path.split("."), config) for row in rows_of(config.task)}


def config_from(draft: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``draft`` (a config as plain data, perhaps incomplete) with the form's values put in; not yet validated."""
    config = copy.deepcopy(dict(draft))
    for row in rows_of(str(config.get("task"))):
        if row.path in values:
            put(config, row.path, _said(row, values[row.path]))
    return config


def read(task: str, sent: Any, known: Mapping[str, Any], local: bool) -> Values:
    """The values of a run of this task: what a browser ``sent``, and where it sent nothing what was ``known``.

    A browser may send anything: what is no single value is left out, and so is what this visitor may not set.
    """
    said = sent if isinstance(sent, Mapping) else {}
    values = {row.path: row.default for row in rows_of(task)}
    for row in rows_for(task, local):
        given = said.get(row.path, known.get(row.path, row.default))
        values[row.path] = given if given is None or isinstance(given, str | int | float) else row.default
    return values


def problems(config: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each setting of a config, as a sentence that names the remedy; empty when all is well.

    Complaints that belong to no single control stand under the path that pydantic names, or under ``""``.
    """
    try:
        shape_for(config).model_validate(config)
    except ValidationError as exc:
        found: dict[str, str] = {}
        for error in exc.errors():
            path = ".".join(str(part) for part in error["loc"])
            row = next((row for row in rows_of(str(config.get("task"))) if row.path == path), None)
            words = _complaint(error)
            if row:
                # What a setting has to say for itself says more than its limits.
                if error["type"] == "value_error":
                    words = tr("{limits}.", limits=capital(words))
                else:
                    words = tr("Give {limits}.", limits=told(limits(row)))
            found.setdefault(path, words)
        return found
    return {}


def _complaint(error: Mapping[str, Any]) -> str:
    """What a setting has to say for itself, in the visitor's language where it can be told."""
    match error.get("ctx"):
        case {"error": ValueError(args=(str(words), *_))}:
            return told(words)
    return str(error["msg"]).removeprefix("Value error, ")


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _said(row: Row, value: Any) -> Any:
    """A control's value as a config takes it: an emptied optional field is None, words lose the blanks around them."""
    if isinstance(value, str):
        value = value.strip()
    if value == "" and row.optional:
        return None
    if row.type is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
