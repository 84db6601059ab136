"""What a script does not do that its run did: said in its head, so that nobody takes other losses for an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from core.data.parts import DataParts
from core.models.blocks import rows_before
from core.schema import Row, rows
from core.script import shaping
from core.script.types import ScriptParts
from core.settings.schedule import Schedule
from core.training.batching.splitting import Splitting
from core.training.shop import Workshop

EXPRESSED = {
    "max_length",
    "early_stopping_patience",
    "early_stopping_threshold",
    # Of how a run is kept and steered, which changes nothing of what is learned.
    "keep_checkpoints",
    "auto_find_batch_size",
    "padding",
}
"""Settings of the training that a script takes account of though ``TrainingArguments`` has them not."""
INTERCEPTED = {"label_smoothing_factor", "resume_from_checkpoint", "push_to_hub"}
"""Arguments that our own loop reads, and the script's does not."""


def phrases(shop: Workshop, task: ScriptParts, trainer: Any, parts: DataParts) -> list[str]:
    """Each a phrase; empty where the script learns as the run does."""
    config = shop.config
    found = list(task.leaves_out)
    said = {*_arguments(), *EXPRESSED, *shaping.EXPRESSED, *Schedule.model_fields, *task.expressed}
    found += _unsaid(config.training, lambda row: row.name in said)
    found += _unsaid(config.options, lambda row: row.name in task.expressed)
    if config.adapter.is_used:
        found.append("the adapter (all weights are trained)")
    if config.data.streaming:
        found.append("reading the table as a stream (its batches come in another order)")
    if isinstance(trainer.data_collator, Splitting):
        found.append("computing batches in parts (the same step, but dropout falls on other places)")
    if trainer.order is not None:
        found.append("the order of the examples, which the script groups by length in its own way")
    if config.custom.is_used:
        found.append("program code of your own")
    best_by = trainer.args.metric_for_best_model
    if best_by not in (*task.metrics, "loss"):
        label = next((metric.label for metric in shop.task.metrics if metric.name == best_by), best_by)
        found.append(f"{label}, by which the run chooses its best model (the script does by the loss)")
    if (chosen := parts.validation.num_rows) < (before := rows_before(parts.validation)):
        found.append(f"the choice of {chosen:,} of {before:,} validation rows that are judged (all of them are)")
    return found


def _arguments() -> set[str]:
    from dataclasses import fields

    from transformers import TrainingArguments

    return {field.name for field in fields(TrainingArguments)} - INTERCEPTED


def _unsaid(section: BaseModel, is_said: Any) -> Iterator[str]:
    """The settings that are not as by default and that the script does not say."""
    for row in rows(type(section)):
        value = _value(section, row)
        if value != row.default and not is_said(row):
            yield f"“{row.setting.label}” ({value})"


def _value(section: Any, row: Row) -> Any:
    for name in row.path.split("."):
        section = getattr(section, name)
    return section
