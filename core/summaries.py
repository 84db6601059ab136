"""Runs at a glance: one line each, from what their folders say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core import events, home, orders
from core.errors import ConfigError
from core.queue import waiting
from core.resting import Remembered
from core.runs import Run, State
from core.said import said, together
from core.tasks import TASKS
from core.waiting_time import standings


@dataclass(frozen=True)
class RunSummary:
    """One line in the list of runs. ``metric`` is on the test part where there is a report, else the best so far."""

    id: str
    name: str
    state: State
    task: str
    """The task's title."""
    checkpoint: str
    source: str
    created: float
    seconds: float | None
    """Seconds of training so far."""
    metric_label: str
    metric: float | None
    metric_style: str
    has_model: bool
    can_answer: bool
    """It can be tried: it has a model, or others answer for it together."""
    problem: str = ""
    """Why the run cannot be read, when it cannot."""
    place: int | None = None
    """Place in the queue, from 1, while it waits."""
    standing: str = ""
    """The same in words, with the time until its turn where that can be told."""
    paused: bool = False
    """It goes on, but rests now."""


def summarise(run: Run) -> RunSummary:
    """The line of one run. One that cannot be read is still a line, so that it can be seen and deleted."""
    try:
        config = run.config
    except ConfigError as exc:
        return _unreadable(run, exc)
    task = TASKS[config.task]
    metric = next(metric for metric in task.metrics if metric.name == task.main_metric)
    state = run.state
    report = run.report
    return RunSummary(
        id=run.id,
        name=run.name,
        state=state,
        task=task.title,
        checkpoint=config.model.checkpoint,
        source=config.data.source,
        created=run.created,
        seconds=_seconds(run, report),
        metric_label=metric.label,
        metric=report["metrics"]["test"].get(metric.name) if report else None,
        metric_style=metric.style,
        has_model=run.has_model,
        can_answer=run.can_answer,
        paused=state is State.RUNNING and orders.is_resting(run),
    )


def _unreadable(run: Run, exc: ConfigError) -> RunSummary:
    return RunSummary(
        id=run.id,
        name=run.id,
        state=State.UNREADABLE,
        task="",
        checkpoint="",
        source="",
        created=run.created,
        seconds=None,
        metric_label="",
        metric=None,
        metric_style="number",
        has_model=False,
        can_answer=False,
        problem=together(exc.title, said("It was written by another version, or changed by hand.")),
    )


line_of: Remembered[RunSummary] = Remembered(summarise, lambda line: line.state.is_over)
"""The same line, read anew only while the run goes on or when something has changed in its folder."""


def with_places(lines: list[RunSummary]) -> list[RunSummary]:
    """The same lines, those that wait with their place in the queue."""
    if not any(line.state is State.QUEUED for line in lines):
        return lines
    queued, runs = waiting(), home.runs_dir()
    words = standings(queued)
    places = {run.path: number for number, run in enumerate(queued)}
    found = [(line, places.get(runs / line.id)) for line in lines]
    return [line if at is None else replace(line, place=at + 1, standing=words[at]) for line, at in found]


def _seconds(run: Run, report: dict[str, Any] | None) -> float | None:
    if report:
        return float(report["train_runtime"])
    stepped = events.last(run.events_path, events.Stepped)
    return stepped.elapsed_s if isinstance(stepped, events.Stepped) else None
