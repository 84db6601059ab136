"""Runs of every task with a model as it is before training, kept as a trained one is: enough to compare answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import runs
from core.config import RunConfig, validate
from core.data.preview import preview
from core.data.tables import open_table
from core.judging.judging import examples
from core.models import manual
from core.models.manual import Manual
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Context, Task

LENGTH = 64
HOSTILE = 'it\'s "so"\n""" + $place {x} \\ \'\'\''
"""What no class name should be, and some are."""
REPORT = {"version": 1, "verdict": "It knows `little`, 50 % of it. And nothing more.", "max_length": LENGTH}


def run_of(
    task: Task,
    checkpoint: Path,
    folder: Path,
    *,
    options: Mapping[str, Any] | None = None,
    learned: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] = (),
) -> Run:
    """A run with a model and a report, made in seconds."""
    import torch

    config = config_of(task, checkpoint, folder, options or {}, rows or task.sample_rows)
    run = runs.create(config)
    table = open_table(config.data.source).table
    found = task.examples(table, config.data.columns, task.options_of_data(config.options))
    tokenizer, _ = task.load_tokenizer(str(checkpoint), config.options)
    context = Context(tokenizer, found.target, LENGTH, config.options, learned=learned or {})
    torch.manual_seed(1)
    model = task.build_model(str(checkpoint), context).model
    task.polish(model, context)
    if model.config.is_encoder_decoder:
        # By chance it would write nothing at all, and nothing could be compared.
        model.generation_config.suppress_tokens = tokenizer.all_special_ids
    model.save_pretrained(run.model_path)
    tokenizer.save_pretrained(run.model_path)
    kept = config.options.model_dump(mode="json")
    manual.write(run.model_path, Manual(task.id, LENGTH, found.target, kept, context.learned))
    report = {**REPORT, "task": task.id, "labels": found.target.labels, "examples": examples(task, found.table)}
    (run.path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return run


def config_of(
    task: Task, checkpoint: Path, folder: Path, options: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> RunConfig:
    """A config for these rows, which are put into ``folder``."""
    source = folder / f"{task.id}-{len(list(folder.iterdir()))}.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    guess = task.guess(preview(str(source)))
    assert guess is not None
    named = {role.name: role.name for role in task.roles if role.name in rows[0]}
    return validate(
        {
            "task": task.id,
            "data": {"source": str(source), "columns": {**guess.columns, **named}},
            "model": {"checkpoint": str(checkpoint)},
            "training": {"max_length": LENGTH},
            "options": dict(options),
        }
    )


def rows_with(task: str, names: Mapping[str, str], **more: Any) -> tuple[Mapping[str, Any], ...]:
    """The task's sample rows with other values for some."""
    changed = [json.loads(json.dumps(row)) for row in TASKS[task].sample_rows]
    for row in changed:
        for key, value in row.items():
            if isinstance(value, str):
                row[key] = names.get(value, value)
            elif isinstance(value, list):
                row[key] = [names.get(one, one) if isinstance(one, str) else one for one in value]
        row.update(more)
    return tuple(changed)
