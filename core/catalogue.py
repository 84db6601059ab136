"""What each task is, for people who do not sit in front of the pages: as plain data, and as Markdown for the docs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.limits import in_words, limits, shown
from core.markdown import table
from core.schema import Row, rows
from core.tasks.base import Task
from core.tasks.needs import needs

ROWS_SHOWN = 4
LONGEST_CELL = 90
INTRODUCTION = """\
# Tasks

What a model can learn here, and what each task wants to know. This page is made from the tasks themselves by
`make docs`; `python -m core.cli tasks` says the same, `--json` for a program.

In a `run.yaml`, `task:` names the task, `data: {columns: {role: column}}` says which column plays which role (a list
of columns where several may), and `options:` holds the settings that only this task has.
"""


def as_data(task: Task) -> dict[str, Any]:
    """Everything that can be said of a task, as plain JSON."""
    return {
        "id": task.id,
        "title": task.title,
        "summary": task.summary,
        "needs": needs(task),
        "ways": [list(way) for way in task.ways],
        "roles": [
            {
                "name": role.name,
                "label": role.label,
                "help": role.help,
                "required": role.required,
                "many": role.many,
                "is_input": role.is_input,
            }
            for role in task.roles
        ],
        "options": [_option(row) for row in rows(task.options)],
        "metrics": [
            {
                "name": metric.name,
                "label": metric.label,
                "help": metric.help,
                "greater_is_better": metric.greater_is_better,
            }
            for metric in task.metrics
        ],
        "main_metric": task.main_metric,
        "starters": list(task.starters),
        "sample_rows": [dict(row) for row in task.sample_rows],
    }


def _option(row: Row) -> dict[str, Any]:
    return {
        "name": row.path,
        "label": row.setting.label,
        "help": row.setting.help,
        "unit": row.setting.unit,
        "level": row.setting.level,
        "default": row.default,
        "limits": limits(row),
        "choices": [value for _, value in row.choices],
    }


def page(tasks: Iterable[Task]) -> str:
    """``docs/tasks.md``."""
    return "\n".join([INTRODUCTION, *(section(task) for task in tasks)])


def section(task: Task) -> str:
    """One task in Markdown."""
    metrics = [
        [f"`{one.name}`", one.label, one.help if one.greater_is_better else f"{one.help} Less is better."]
        for one in task.metrics
    ]
    parts = [
        f"## {task.title}",
        f"`task: {task.id}`",
        task.summary,
        f"Needs: {needs(task)}.",
        table(["Role", "Called", "What it is"], [_role(task, role.name) for role in task.roles]),
        "A table for it, for example:",
        _samples(task.sample_rows[:ROWS_SHOWN]),
        *_options(list(rows(task.options))),
        f"Measured by, with `{task.main_metric}` to choose the best model:",
        table(["Metric", "Called", "What it says"], metrics),
        f"Starts from: {', '.join(f'`{one}`' for one in task.starters)}, or any other model of this kind.",
    ]
    return "\n\n".join(parts) + "\n"


def _role(task: Task, name: str) -> list[str]:
    role = task.role(name)
    needed = role.required or any(name in way for way in task.ways)
    more = " Several columns may play it." if role.many else ""
    return [f"`{name}`", role.label if needed else f"{role.label} (optional)", role.help + more]


def _options(found: Sequence[Row]) -> list[str]:
    if not found:
        return []
    lines = [
        [f"`{row.path}`", row.setting.label, f"{row.setting.help} {_limits(row)}", f"`{json.dumps(row.default)}`"]
        for row in found
    ]
    return ["Settings of its own, under `options:`:", table(["Setting", "Called", "What it does", "Default"], lines)]


def _limits(row: Row) -> str:
    if row.choices:
        return "; ".join(f"`{json.dumps(value)}`: {shown(row, value)}" for _, value in row.choices) + "."
    words = limits(row)
    unit = f" ({row.setting.unit})" if row.setting.unit else ""
    return f"{words[:1].upper()}{words[1:]}{unit}."


def _samples(found: Sequence[Mapping[str, Any]]) -> str:
    headers = list(dict.fromkeys(name for row in found for name in row))
    return table(headers, [[_cell(row.get(name)) for name in headers] for row in found])


def _cell(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else in_words(value)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"
