"""Which columns a task needs, in words."""

from __future__ import annotations

from core.data.columns import Columns, several
from core.said import enumerated, in_a_row, said
from core.tasks.base import Task


def ways_in_words(task: Task, columns: Columns) -> list[str]:
    """What is still missing in each way to fill the roles, the nearest first: ``["Response", "Messages"]``."""
    return [enumerated(*map(said, labels)) for labels in _missing(task, columns)]


def needs(task: Task) -> str:
    """``Text and Label``, or where there are several ways, ``Messages; or Prompt and Response``."""
    first, *others = [in_a_row(*(said(label) for label in labels)) for labels in _missing(task, {})]
    for other in others:
        first = said("{first}; or {next}", first=first, next=other)
    return first


def _missing(task: Task, columns: Columns) -> list[list[str]]:
    ways = task.ways or (tuple(role.name for role in task.roles if role.required),)
    missing = ([task.role(name).label for name in way if not several(columns.get(name))] for way in ways)
    return sorted(missing, key=len)
