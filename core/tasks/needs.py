"""Which columns a task needs, in words."""

from __future__ import annotations

from core.data.columns import Columns, several
from core.tasks.base import Task


def ways_in_words(task: Task, columns: Columns) -> list[str]:
    """What is still missing in each way to fill the roles, the nearest first: ``["Response", "Messages"]``."""
    return [", ".join(labels) for labels in _missing(task, columns)]


def needs(task: Task) -> str:
    """``Text and Label``, or where there are several ways, ``Messages; or Prompt and Response``."""
    return "; or ".join(
        " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]])) for labels in _missing(task, {})
    )


def _missing(task: Task, columns: Columns) -> list[list[str]]:
    ways = task.ways or (tuple(role.name for role in task.roles if role.required),)
    missing = ([task.role(name).label for name in way if not several(columns.get(name))] for way in ways)
    return sorted(missing, key=len)
