"""How a run begins: what it was given, where it runs, how its model reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core import events
from core.data.account import NOT_ALL, in_words
from core.data.parts import DataParts, load_parts
from core.errors import DataError
from core.models import programs
from core.models.checkpoints import resolve
from core.said import said
from core.tasks.base import Context
from core.training import checkpoints
from core.training.preparing import usable_length
from core.training.shop import Workshop
from core.versions import versions


def started(resume_from: Path | None, data: str) -> events.Started:
    """The event that a run begins with; ``data`` is the hash of its files."""
    import torch

    return events.Started(
        device=torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU",
        threads=torch.get_num_threads(),
        versions=versions(),
        resumed_from_step=checkpoints.step_of(resume_from) if resume_from else None,
        data=data,
    )


def prepare(shop: Workshop) -> DataParts:
    """The rows of a run, with what was found on the way said. Raises ``DataError`` where they cannot be used."""
    parts = load_parts(shop.config)
    for finding in parts.findings:
        if finding.severity == "error":
            raise DataError(finding.title, finding.fix or finding.meaning)
        shop.notice(finding.title, finding.meaning, "warning" if finding.severity == "warning" else "info")
    if parts.account and parts.account.aside:
        shop.notice(NOT_ALL, in_words(parts.account))
    return parts


def checkpoint_of(shop: Workshop) -> Path:
    """The folder of the model to start from; one whose program is run stays at the version that the run began with."""
    wanted = shop.config.model
    folder = resolve(wanted.checkpoint, wanted.revision or programs.pinned(shop.run.path, wanted.checkpoint))
    programs.pin(shop.run.path, wanted.checkpoint, folder)
    shop.notices(programs.about(wanted.checkpoint, folder))
    return folder


def context_of(shop: Workshop, folder: Path, parts: DataParts) -> Context:
    """What every part of a run's task is given, for the checkpoint in ``folder``."""
    options = shop.config.options
    tokenizer, notes = shop.task.load_tokenizer(str(folder), options)
    shop.notices(notes)
    length, seed = usable_length(shop, folder), shop.config.training.seed
    return Context(tokenizer, parts.target, length, options, seed, checkpoint=folder)


_JUDGED = {
    "validation": "{count} of the {rows} validation examples are judged.",
    "test": "{count} of the {rows} test examples are judged.",
}


def judged_parts(shop: Workshop, parts: DataParts, context: Context) -> DataParts:
    """The parts with as many rows kept aside as the task judges in bearable time."""
    chosen = {name: shop.task.judged_rows(getattr(parts, name), context) for name in ("validation", "test")}
    for name, table in chosen.items():
        if table.num_rows < (rows := getattr(parts, name).num_rows):
            shop.notice(
                said(_JUDGED[name], count=table.num_rows, rows=rows),
                said(
                    "They are spread evenly over all of them. Judging more would take long and hardly change the score."
                ),
            )
    return replace(parts, **chosen)
