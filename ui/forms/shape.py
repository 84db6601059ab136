"""What the script draws the form from: every setting of a run, with its words, its kind of control and its heading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.limits import shown
from core.schema import Row, closed_choices
from core.tasks import TASKS
from ui.forms.values import OPTIONS, rows_for
from ui.languages import told, tr

FIRST = "The run"
"""The heading of settings that declare none."""
FEW = 4
"""So many choices stand beside each other; more are folded into a list."""


def shape(task: str, base: Mapping[str, Any], local: bool) -> dict[str, Any]:
    """The form of a task, as data for the script. ``base`` are the values that "back" leads to.

    Headings under which somebody finds a basic setting come first.
    """
    drawn = [described(row, task, base) for row in rows_for(task, local)]
    basic = {one["group"] for one in drawn if one["level"] == "basic"}
    return {"task": task, "rows": sorted(drawn, key=lambda one: one["group"] not in basic)}


def described(row: Row, task: str, base: Mapping[str, Any]) -> dict[str, Any]:
    """One setting."""
    setting = row.setting
    value, closed = base.get(row.path, row.default), closed_choices(row)
    return {
        "path": row.path,
        "name": row.name,
        "group": heading(row, task),
        "level": setting.level,
        "label": f"{tr(setting.label)} ({tr(setting.unit)})" if setting.unit else tr(setting.label),
        "help": tr(setting.help),
        "kind": kind(row),
        "choices": [
            {"words": tr(words), "value": choice, "closed": told(closed.get(choice, ""))}
            for words, choice in row.choices
        ],
        "step": step(row),
        "base": value,
        "back": tr("empty") if value in ("", None) else told(shown(row, value)),
    }


def heading(row: Row, task: str) -> str:
    """What it stands under; a task's own settings that declare nothing else stand under the task's title."""
    return tr(row.group) or (tr(TASKS[task].title) if row.path.startswith(OPTIONS) and TASKS.knows(task) else tr(FIRST))


def kind(row: Row) -> str:
    """What control it has."""
    if row.choices:
        return "few" if len(row.choices) <= FEW else "many"
    if row.type is bool:
        return "yes"
    return "number" if row.type in (int, float) else "words"


def step(row: Row) -> float:
    """What one press of an arrow key adds: 1 for whole numbers, else the size of the default's first digit."""
    if row.type is not float or not row.default or row.default >= 1:
        return 1
    return float(10.0 ** math.floor(math.log10(row.default)))
