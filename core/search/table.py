"""A search as people see it: its trials in a table, the best of them, how far it is, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from core import runs
from core.errors import ConfigError, RunError
from core.evaluation.types import MetricWords
from core.limits import shown
from core.runs import Run, State
from core.schema import Row
from core.search.budget import gave_up, is_over, used_seconds
from core.search.config import Span
from core.search.past import past_of
from core.search.searches import Search
from core.search.space import grid_size, searchable, written
from core.search.tried import Tried
from core.tasks import TASKS

SearchState = Literal["running", "stopping", "stopped", "finished", "failed", "unreadable"]
STATES = {"complete": "finished", "pruned": "pruned", "fail": "failed", "waiting": "queued"}


@dataclass(frozen=True)
class Column:
    """A setting that is searched."""

    path: str
    label: str
    log: bool
    is_number: bool
    within: str
    """What it may become, in words."""


@dataclass(frozen=True)
class TrialLine:
    """One trial. ``values`` and ``words`` are in the order of the columns."""

    number: int
    state: str
    """queued, running, finished, pruned (ended early), stopped or failed."""
    values: tuple[Any, ...]
    words: tuple[str, ...]
    value: float | None
    """Its best check on the validation part so far."""
    checks: int
    share: float | None
    """How far a running one is, 0 to 1."""
    run: str | None
    """The id of its run, while that is there."""
    seconds: float
    reason: str
    is_beginning: bool
    """It tries the settings that the search began from."""


@dataclass(frozen=True)
class SearchView:
    """Everything that the page of a search shows."""

    id: str
    name: str
    state: SearchState
    created: float
    task: str = ""
    origin: str | None = None
    """The run that it began from, while that is there."""
    metric: MetricWords | None = None
    columns: tuple[Column, ...] = ()
    trials: tuple[TrialLine, ...] = ()
    best: int | None = None
    """The number of the best finished trial on the validation part."""
    test: float | None = None
    """The mark of the best one on the test part, which no choice was made by."""
    counted: int = 0
    """Trials that used up the budget."""
    n_trials: int | None = None
    """How many there will be at the most."""
    minutes: float | None = None
    seconds: float = 0.0
    """How long it has been at work."""
    sampler: str = ""
    pruning: bool = False
    problem: str = ""


def view(search: Search) -> SearchView:
    """The search as it is now. One that cannot be read is still a line, so that it can be seen and deleted."""
    try:
        config = search.config
    except ConfigError as exc:
        return SearchView(search.id, search.id, "unreadable", search.created, problem=str(exc))
    task = TASKS[config.base.task]
    metric = next(metric for metric in task.metrics if metric.name == task.main_metric)
    tried = trials_of(search)
    rows = {row.path: row for row in searchable(task.id)}
    known = [span for span in config.space if span.path in rows]
    first = 0 if config.sampler != "grid" and any(trial.fixed for trial in tried) else None
    lines = tuple(_line(trial, known, rows, metric, first) for trial in tried if trial.state != "waiting")
    best = best_of(lines, metric)
    most = config.n_trials
    if config.sampler == "grid":
        most = min(filter(None, (most, grid_size(config.space))))
    state = _state(search, tried)
    return SearchView(
        id=search.id,
        name=config.name or config.base.name or search.id,
        state=state,
        created=search.created,
        task=task.title,
        origin=config.origin if _run(config.origin) else None,
        metric=metric,
        columns=tuple(_column(span, rows[span.path]) for span in known),
        trials=lines,
        best=best.number if best else None,
        test=_mark_on_test(best, metric) if best else None,
        counted=sum(trial.counts for trial in tried),
        n_trials=most,
        minutes=config.minutes,
        seconds=used_seconds(tried),
        sampler=config.sampler,
        pruning=config.pruning,
        problem=_why(lines) if state == "failed" else "",
    )


def trials_of(search: Search) -> list[Tried]:
    """The trials in the journal of a search, oldest first."""
    try:
        status = search.journal_path.stat()
    except FileNotFoundError:
        return []
    return _read(search.journal_path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, size: int, mtime_ns: int) -> list[Tried]:
    from core.search.study import read

    return read(path)


def best_of(lines: Sequence[TrialLine], metric: MetricWords) -> TrialLine | None:
    """The finished trial with the best check; of equals the earliest."""
    finished = [line for line in lines if line.state == "finished" and line.value is not None]
    sign = 1 if metric.greater_is_better else -1
    return max(finished, key=lambda line: (sign * (line.value or 0.0), -line.number), default=None)


def _state(search: Search, tried: Sequence[Tried]) -> SearchState:
    goes_on = any(trial.state == "running" for trial in tried)
    if search.is_stopped:
        return "stopping" if goes_on else "stopped"
    if goes_on or not is_over(search, tried):
        return "running"
    return "failed" if gave_up(tried) else "finished"


def _line(
    trial: Tried, space: Sequence[Span], rows: dict[str, Row], metric: MetricWords, beginning: int | None
) -> TrialLine:
    run = _run(trial.notes.get("run", ""))
    past = past_of(run.id) if run else None
    values = tuple(written(span, trial.params[span.path]) if span.path in trial.params else None for span in space)
    checks = [value for _, value in past.measured(metric.name)] if past else list(trial.reported.values())
    step = past.newest_step if past else 0
    return TrialLine(
        number=trial.number,
        state=_trial_state(trial, run),
        values=values,
        words=tuple(shown(rows[span.path], value) for span, value in zip(space, values, strict=True)),
        value=(max if metric.greater_is_better else min)(checks) if checks else trial.value,
        checks=len(checks),
        share=step / past.total_steps if past and past.total_steps and trial.state == "running" else None,
        run=run.id if run else None,
        seconds=past.seconds if past else 0.0,
        reason=trial.notes.get("reason", ""),
        is_beginning=trial.number == beginning,
    )


def _trial_state(trial: Tried, run: Run | None) -> str:
    if trial.state == "running":
        return "queued" if run is None or run.state is State.QUEUED else "running"
    if trial.state == "pruned" and "behind" not in trial.notes:
        return "stopped"
    if trial.state == "fail" and trial.notes.get("void"):
        return "stopped"
    return STATES[trial.state]


def _run(run_id: str) -> Run | None:
    try:
        return runs.find(run_id)
    except RunError:
        return None


def _mark_on_test(best: TrialLine, metric: MetricWords) -> float | None:
    report = runs.find(best.run).report if best.run else None
    value = report["metrics"]["test"].get(metric.name) if report else None
    return float(value) if isinstance(value, int | float) else None


def _column(span: Span, row: Row) -> Column:
    if span.kind == "choice":
        within = ", ".join(shown(row, value) for value in span.choices)
    else:
        within = f"{shown(row, span.low)} to {shown(row, span.high)}"
    return Column(span.path, row.setting.label, span.log, span.kind != "choice", within)


def _why(lines: Sequence[TrialLine]) -> str:
    return next((line.reason for line in reversed(lines) if line.reason), "")
