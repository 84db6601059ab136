"""A few rows of a table as sentences to watch while a model learns: short ones, of different classes where possible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.watch_config import BETWEEN, asked_roles

if TYPE_CHECKING:
    from core.tasks.base import Role, Task

READ = 200
"""Rows that are looked at."""
SHORT = 240
"""Characters of a text that is read at a glance."""
BEGINNING = 8
"""Words of a text that a model is to go on with."""


def sentences(task: Task, columns: Mapping[str, Any], examples: Any, count: int = 3) -> list[str]:
    """Up to ``count`` lines for ``watch.sentences`` out of ``examples``, a table in the form of ``Examples.table``."""
    roles = asked_roles(task, columns)
    told = [role.name for role in task.roles if not role.is_input and role.name in examples.column_names]
    rows = examples.slice(0, READ).to_pylist()
    lines = [(_line(task, roles, row), str([row[name] for name in told])) for row in rows]
    found = [(line, truth) for line, truth in lines if line]
    return _different([pair for pair in found if len(pair[0]) <= SHORT] or found, count)


def _line(task: Task, roles: Sequence[Role], row: Mapping[str, Any]) -> str:
    parts = [" ".join(_text(role, row.get(role.name)).split()) for role in roles]
    if task.write is not None and task.asks and roles[0].kind == "text":
        parts = [" ".join(part.split()[:BEGINNING]) for part in parts]
    if len(parts) > 1:
        parts = [part.replace(BETWEEN, "/") for part in parts]
    return f" {BETWEEN} ".join(parts) if all(parts) else ""


def _text(role: Role, value: Any) -> str:
    if role.kind != "chat" or not value:
        return str(value or "")
    return next((str(turn["content"]) for turn in json.loads(value) if turn["role"] == "user"), "")


def _different(lines: Iterable[tuple[str, str]], count: int) -> list[str]:
    """Those with other right answers first."""
    fresh: dict[str, str] = {}
    others: list[str] = []
    for line, truth in lines:
        if truth in fresh:
            others.append(line)
        else:
            fresh[truth] = line
    return list(dict.fromkeys([*fresh.values(), *others]))[:count]
