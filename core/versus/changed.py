"""Rows that two models answer unequally well, those with the largest difference first."""

from __future__ import annotations

from typing import Any, Literal

from core.judging.kept import MOST_ROWS
from core.tasks.base import Task
from core.versus.aligned import input_columns
from core.versus.types import Changed, ChangedPage

Direction = Literal["better", "worse"]
_LONGEST = 2000


def counts(first: Any, other: Any) -> tuple[int, int]:
    """(rows that the other answers better than the first, rows that it answers worse)."""
    change = _change(first, other)
    return int((change < 0).sum()), int((change > 0).sum())


def page(first: Any, other: Any, task: Task, direction: Direction, start: int, count: int) -> ChangedPage:
    """Rows that ``other`` answers better (or worse) than ``first``. The tables have the same rows in the same order."""
    import numpy as np

    change = _change(first, other) * (1 if direction == "worse" else -1)
    order = np.argsort(-change, kind="stable")
    order = order[change[order] > 0]
    places = order[max(0, start) :][: max(0, min(count, MOST_ROWS))]
    rows = zip(first.take(places).to_pylist(), other.take(places).to_pylist(), strict=True)
    return ChangedPage(len(order), tuple(_changed(one, two, task) for one, two in rows))


def _change(first: Any, other: Any) -> Any:
    """How much more wrong the other is, a number a row."""
    return other.column("error").to_numpy() - first.column("error").to_numpy()


def _changed(one: dict[str, Any], two: dict[str, Any], task: Task) -> Changed:
    labels = {role.name: role.label for role in (*task.roles, *task.asks)}
    texts = {labels.get(name, name.capitalize()): _text(one[name]) for name in input_columns(task) if name in one}
    return Changed(
        int(one.get("row") or 0),
        texts,
        _text(one["truth"]),
        _text(one["answer"]),
        _text(two["answer"]),
        float(one["error"]),
        float(two["error"]),
    )


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
