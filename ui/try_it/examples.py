"""Rows of the test part to try a model with, out of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.tasks.base import Role
from ui.try_it import talk

SHOWN = 5
LENGTH = 90
"""Characters of a row on its button."""
Example = Mapping[str, str]


def rows(report: Mapping[str, Any] | None, roles: Sequence[Role]) -> list[Example]:
    """A few inputs by role: rows of the test part, else the ones it got wrong. Of a conversation, how it begins."""
    found = (report or {}).get("examples") or (report or {}).get("mistakes") or []
    given = [
        {role.name: _begun(role, str(row[role.name])) for role in roles if role.name in row}
        for row in found[:SHOWN]
        if all(role.name in row for role in roles if role.required)
    ]
    return [row for row in given if any(row.values())]


def _begun(role: Role, text: str) -> str:
    return talk.first_question(text) if role.kind == "chat" else text


def choices(found: Sequence[Example]) -> list[tuple[str, int]]:
    """The rows as short lines to choose from."""
    lines = [" · ".join(filter(None, row.values())) for row in found]
    return [(line if len(line) <= LENGTH else f"{line[:LENGTH]}…", place) for place, line in enumerate(lines)]
