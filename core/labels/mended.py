"""The config of a run that learns from the mended rows: the old one with one step more, and all else as it was."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from core.config import HubConfig, OriginConfig, RunConfig, put, validate
from core.data.columns import several
from core.errors import RunError
from core.labels import decisions
from core.runs import Run
from core.said import said
from core.tasks import TASKS

SUFFIX = ", mended labels"
LONGEST_NAME = 120


def mended(run: Run) -> RunConfig:
    """The config. Raises ``RunError`` while nothing is changed or taken out."""
    step = step_of(run)
    draft = run.config.model_dump(mode="json")
    draft["data"]["steps"].append(step)
    # Nothing that it learned from the old labels may come along, and nothing is published under the old one's name.
    put(draft, "training.resume_from_checkpoint", None)
    draft["hub"] = HubConfig().model_dump(mode="json")
    draft["origin"] = OriginConfig(kind="mended", run=run.id).model_dump(mode="json")
    draft["name"] = f"{run.name[: LONGEST_NAME - len(SUFFIX)]}{SUFFIX}"
    return validate(draft)


def step_of(run: Run) -> dict[str, Any]:
    """The step ``mend_labels`` of what was decided, as plain data."""
    changes: dict[str, dict[str, Any]] = defaultdict(dict)
    drops: dict[str, list[int]] = defaultdict(list)
    for decision in decisions.read(run).decisions:
        file, _, row = decision.key.rpartition("-")
        if decision.do == "change":
            changes[file][row] = decision.label
        elif decision.do == "drop":
            drops[file].append(int(row))
    if not changes and not drops:
        raise RunError(said("Nothing is changed yet."), said("Change a label or take a row out first."))
    columns = label_columns(run)
    column = columns[0] if len(columns) == 1 else columns
    return {"kind": "mend_labels", "column": column, "changes": dict(changes), "drops": dict(drops)}


def label_columns(run: Run) -> tuple[str, ...]:
    """The columns of the table that hold the labels."""
    role = next(role.name for role in TASKS[run.config.task].roles if not role.is_input)
    return several(run.config.data.columns[role])


def why_not(run: Run) -> str:
    """Why the labels of this run cannot be checked; empty where they can."""
    task, config = TASKS[run.config.task], run.config
    if task.doubts is None:
        return said(
            "Labels can be checked where each row has a class or labels. “{task}” has answers of another kind, of "
            "which no model can tell that a single one is wrong.",
            task=said(task.title),
        )
    if config.ensemble.is_used:
        return said("Several models answer together here. Check the labels of one of the runs that they come from.")
    if config.data.streaming is not None:
        return said(
            "This run learned from a stream: its rows are not kept, so none of them can be looked at or changed."
        )
    if not run.can_answer:
        return said("The run has no model yet. Its labels can be checked once it has finished.")
    return ""
