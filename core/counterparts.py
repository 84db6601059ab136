"""Whether changed training examples helped: what was done to them, beside the same run with none or others of it.

Computed when a report is shown, so that a run which ends later stands in the report of the earlier one too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core import events, runs, schema
from core.config import RunConfig
from core.errors import ConfigError
from core.evaluation import sections
from core.evaluation.sections import Judgement, judged
from core.evaluation.types import Baseline, MetricWords, Section
from core.evaluation.verdicts import percent
from core.runs import Run
from core.tasks import TASKS
from core.training.augmentation import FIELDS

MOST = 3
"""Runs that stand beside one at most: the newest."""
_TITLE = "With and without changed examples"


def augmentation_sections(run: Run, report: dict[str, Any]) -> list[Section]:
    """What was done to the training examples, and the same marks of runs that differ in nothing else. Empty where this
    run changed nothing and no other run did.
    """
    mine = _changes(run.config)
    others = [other for other in counterparts(run) if mine or _changes(other.config)][:MOST]
    found = [_done(run.config, report)] if report.get("augmentation") else []
    if others:
        return [*found, _beside(run, report, others)]
    return [replace(section, help=f"{section.help} {_how_to_find_out()}") for section in found]


def counterparts(run: Run) -> list[Run]:
    """Other finished runs on the same rows whose settings are the same but for how examples are changed; those that
    change nothing come first, then the newest.
    """
    config, plain = run.config, _plain(run.config)
    found = []
    for other in runs.all_runs():
        try:
            same = other.id != run.id and other.config.task == config.task and _plain(other.config) == plain
        except ConfigError:
            continue  # written by another version: it cannot be compared
        if same and _changes(other.config) != _changes(config) and other.report and _data(other) == _data(run):
            found.append(other)
    return sorted(found, key=lambda other: bool(_changes(other.config)))


def _plain(config: RunConfig) -> dict[str, Any]:
    """All that must be the same: not the name, and not how examples are changed."""
    whole = config.model_dump(mode="json", exclude={"name"})
    return whole | {"options": {name: value for name, value in whole["options"].items() if name not in FIELDS}}


def _changes(config: RunConfig) -> dict[str, float]:
    options = config.options.model_dump()
    return {name: options[name] for name in FIELDS if options.get(name)}


def _data(run: Run) -> str:
    """What the rows were when the run last began: among the first of its events, so all are looked through."""
    started = events.last(run.events_path, events.Started, window=run.events_path.stat().st_size)
    return started.data if isinstance(started, events.Started) else ""


# --- Words -----------------------------------------------------------------------------------------------------------


def _done(config: RunConfig, report: dict[str, Any]) -> Section:
    asked, figures = _changes(config), report["augmentation"]
    labels = _labels(config)
    rows = [[labels[name], percent(value), _figure(name, figures)] for name, value in asked.items()]
    columns = [{"label": label, "style": "text"} for label in ("Setting", "Asked for", "Done")]
    return Section(
        "table",
        "Changes of the training examples",
        "Done to what was learned from, never to the validation and test examples.",
        {"columns": columns, "rows": rows},
    )


def _figure(name: str, figures: dict[str, Any]) -> str:
    match name:
        case "oversampling":
            added, rows = figures["repeated"], figures["rows"]
            return f"{added:,} {'copy' if added == 1 else 'copies'} added to {rows:,} examples"
        case "token_masking":
            return f"{percent(figures[name])} of the tokens, others in each epoch"
        case _:
            return f"{percent(figures[name])} of the words, others in each epoch"


def _labels(config: RunConfig) -> dict[str, str]:
    return {row.name: row.setting.label for row in schema.rows(type(config.options))}


def _called(config: RunConfig) -> str:
    labels = _labels(config)
    done = [f"{labels[name].lower()} {percent(value)}" for name, value in _changes(config).items()]
    return f"With: {', '.join(done)}" if done else "Without"


def _how_to_find_out() -> str:
    return (
        "Whether it helped is not known yet: start the same run once more with all of these settings at 0, and the "
        "marks of both stand here side by side."
    )


def _beside(run: Run, report: dict[str, Any], others: Sequence[Run]) -> Section:
    found, is_test = judged(report)
    reports = {other.id: other.report or {} for other in others}
    marks = {name: judged(other)[0] for name, other in reports.items()}
    words = [
        Baseline(other.id, _called(other.config), f"The run {other.name}: the same rows, the same settings else.")
        for other in others
    ]
    task = TASKS[run.config.task]
    section = sections.scores(found, marks, task.metrics, "test" if is_test else "validation", words)
    main = next(metric for metric in task.metrics if metric.name == task.main_metric)
    told = " ".join(_told(main, run, found, other, marks[other.id]) for other in others)
    return replace(section, title=_TITLE, help=f"{told} {section.help}")


def _told(metric: MetricWords, run: Run, found: Judgement, other: Run, theirs: Judgement) -> str:
    """Which of the two is better by the main metric; clearly, where the ranges of both do not touch."""
    mine, value = found[metric.name], theirs[metric.name]
    write = percent if metric.style == "percent" else "{:.3f}".format
    names = [_called(one.config) for one in (run, other)]
    marks = f"{names[0]}: {metric.label} {write(mine)}. {names[1]}: {write(value)}."
    if mine == value:
        return f"{marks} No difference."
    better = names[0] if (mine > value) == metric.greater_is_better else names[1]
    first, second = ((one.get("intervals") or {}).get(metric.name) for one in (found, theirs))
    apart = first and second and (first[0] > second[1] or second[0] > first[1])
    sure = "clearly better" if apart else "a little better, which may be chance"
    return f"{marks} “{better}” is {sure}."
