"""What every judgement is made of, whether at the end of a training or later: marks, words, and the judged rows.

Called by workers. A judgement is a plain dict in the form of ``report.json``.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.evaluation.extra import compute_all
from core.judging import kept, readings
from core.judging.readings.base import Facts
from core.runs import Run, write_atomically
from core.said import packed, said, together
from core.tasks.base import Context, Task

VERSION = 1
EXAMPLES = 5
EXAMPLE_LENGTH = 1000
"""Characters of a text that a report keeps as an example."""

Complain = Callable[[str, str], None]
"""Told (title, detail) where something beside the marks could not be had."""


def marks(
    task: Task,
    outputs: Any,
    rows: Any,
    context: Context,
    model: Any,
    extra: Mapping[str, Any],
    complain: Complain,
) -> dict[str, Any]:
    """The final marks on ``rows``: the task's own, a few answers in full, and the metrics of ``extra``."""
    found = task.judge(outputs, rows, context)
    if task.samples is not None:
        found["samples"] = task.samples(model, rows, context)
    if extra:
        predictions, references = task.comparable(outputs, rows, context)
        found["extra"], complaints = compute_all(extra, predictions, references)
        for name, complaint in complaints.items():
            complain(said("{metric} could not be computed.", metric=name), complaint)
    return found


def opening(config: RunConfig, labels: tuple[str, ...], rows: Mapping[str, int]) -> dict[str, Any]:
    """How a report begins: what was judged when. ``rows`` are counts by part, and those of no use."""
    return {
        "version": VERSION,
        "task": config.task,
        "checkpoint": config.model.checkpoint,
        "created": time.time(),
        "labels": list(labels),
        "rows": dict(rows),
    }


def seen_in(task: Task, outputs: Any, rows: Any, context: Context) -> dict[str, Any]:
    """What a report shows of single rows: the worst answers, and a few inputs to try the model with."""
    return {
        "mistakes": task.mistakes(outputs, rows, context),
        "options": context.options.model_dump(mode="json"),
        "examples": examples(task, rows),
    }


def keep(run: Run, name: str, task: Task, outputs: Any, rows: Any, context: Context) -> Any:
    """Keep the judged rows with what was said of them. Returns them as a ``pyarrow.Table``."""
    table = kept.together(rows, task.kept(outputs, rows, context, task))
    kept.write(run, name, table)
    return table


def concluded(facts: Facts, report: dict[str, Any], complain: Complain) -> dict[str, Any]:
    """The ``report`` with what the readings find in it, and the verdict."""
    report |= readings.read_all(replace(facts, report=finite(report)), complain)
    return report | {"verdict": together(facts.task.verdict(report), readings.verdicts(report))}


def write(place: Path, report: dict[str, Any]) -> None:
    """Write a report whole or not at all."""
    write_atomically(place, json.dumps(packed(finite(_shown(report))), ensure_ascii=False, allow_nan=False))


def examples(task: Task, rows: Any) -> list[dict[str, str]]:
    """A few inputs of the judged rows, spread evenly over them, to try the model with: role to text, long ones cut."""
    roles = [role for role in task.asked if role.name in rows.column_names]
    places = sorted({place * rows.num_rows // EXAMPLES for place in range(EXAMPLES)} if rows.num_rows else ())
    # Conversations are JSON, which is nothing once it is cut.
    longest = {role.name: None if role.kind == "chat" else EXAMPLE_LENGTH for role in roles}
    return [{name: str(rows.column(name)[place])[:most] for name, most in longest.items()} for place in places]


def _shown(value: Any) -> Any:
    """Without what a judgement holds for comparisons only."""
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items() if not str(key).startswith("_")}
    return value


def finite(value: Any) -> Any:
    """numpy numbers as plain ones, and what is not finite as null: JSON has no NaN."""
    if isinstance(value, dict):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return finite(value.tolist())
