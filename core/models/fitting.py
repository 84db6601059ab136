"""Whether a model can do a task's work, from its ``config.json`` alone: as ``core.models.heads`` will take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from core.models import head_table
from core.models.families import family_of
from core.models.heads import FAMILIES
from core.models.programs import needs_program
from core.tasks.base import Task

Fit = Literal["fits", "other-family", "no-head", "unknown-kind"]
"""``other-family``: it can be trained for the task, and was made for another kind of work. ``unknown-kind``: neither
can the installed library transformers open it, nor does it bring a program that could."""


def fit(task: Task, config: Mapping[str, Any]) -> Fit:
    """How a model with this config, or only its ``model_type``, ``architectures`` and ``auto_map``, suits a task."""
    kind, family = str(config.get("model_type") or ""), family_of(config)
    if needs_program(config):
        has_head: bool | None = task.auto_class in config["auto_map"]
    elif head_table.is_known(kind):
        has_head = head_table.has_head(task.auto_class, kind)
    else:
        return "unknown-kind"
    carriers = FAMILIES.get(task.auto_class)
    if has_head is False or (carriers is not None and family is not None and family not in carriers):
        return "no-head"
    return "fits" if family in (task.family, None) else "other-family"
