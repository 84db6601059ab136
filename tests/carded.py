"""Runs of every task with a past and a judgement, as a model card is written from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core import events, runs
from core.config import validate
from core.data.account import NOT_ALL
from core.models import manual
from core.models.manual import Manual
from core.runs import Run
from core.tasks.base import Task
from tests.judgements import report_of, target_of
from tests.making import started, stepped

ACCOUNT = "109 rows were read: 105 are used; 4 nothing in `text`."
WARNING = "12 rows have nothing in `text`."


def judged_run(
    task: Task, report: dict[str, Any] | None = None, source: str = "", checkpoint: str = "", **data: Any
) -> Run:
    """A finished run of the task. ``report`` is its judgement; without it, one is made up."""
    run = run_of(task, source, checkpoint, **data)
    (run.path / "report.json").write_text(json.dumps(report or report_of(task)), encoding="utf-8")
    return run


def run_of(task: Task, source: str = "", checkpoint: str = "", **data: Any) -> Run:
    """A run with a model and without a judgement."""
    way = task.ways[0] if task.ways else tuple(role.name for role in task.roles if role.required)
    found = {"source": source or "/home/somebody/secret place/talks.csv", "columns": {role: role for role in way}}
    model = {"model": {"checkpoint": checkpoint}} if checkpoint else {}
    run = runs.create(validate({"task": task.id, "name": "a test", "data": found | data} | model))
    log = events.EventLog(run.events_path)
    aside = events.Noticed(level="info", title=NOT_ALL, detail=ACCOUNT)
    for event in (started(), aside, events.Noticed(level="warning", title=WARNING), stepped(10), stepped(20)):
        log.append(event)
    log.close()
    _model(run.model_path, task)
    return run


def _model(folder: Path, task: Task) -> None:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text("{}", encoding="utf-8")
    options = task.options().model_dump(mode="json")
    manual.write(folder, Manual(task.id, 32, target_of(task), options))


def head_of(card: str) -> Any:
    """The head of a model card, as the Hub's own client reads it."""
    from huggingface_hub import ModelCard

    return ModelCard(card).data
