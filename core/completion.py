"""From a draft with gaps to a whole config: columns, split, name and settings are filled in, each with its reason."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import machine
from core.config import RunConfig, put, validate
from core.data.types import Guess, Preview
from core.errors import ConfigError, DataError
from core.suggest import Suggestion, suggest
from core.tasks import TASKS

if TYPE_CHECKING:
    from core.studio import Studio


def complete(studio: Studio, draft: Mapping[str, Any]) -> tuple[RunConfig, list[Suggestion]]:
    """Fill what ``draft`` leaves out. What it says is never changed, only made absolute where it is a path.

    Raises ``ConfigError`` for what is wrong in it and ``DataError`` when the table does not fit the task.
    """
    filled = copy.deepcopy(dict(draft))
    source = _source(filled)
    preview = studio.preview(source)
    reasons = _fill_task_and_columns(filled, preview, studio.guess(preview))
    reasons += _fill_split(filled, preview)
    if not filled.get("name"):
        filled["name"] = Path(preview.title).stem.replace("_", " ")
    config = validate(filled)
    if studio.checkup(config).blocks:
        return config, reasons
    for suggestion in _training_suggestions(studio, config):
        section, field = suggestion.path.split(".")
        if field not in (filled.get(section) or {}):
            put(filled, suggestion.path, suggestion.value)
            reasons.append(suggestion)
    return validate(filled), reasons


def _source(filled: dict[str, Any]) -> str:
    data = filled.get("data")
    source = data.get("source") if isinstance(data, dict) else None
    if not source or not isinstance(source, str):
        raise ConfigError("data.source is missing.", "Name the table to learn from.", field="data.source")
    if not source.startswith("sample/"):
        source = str(Path(source).expanduser().absolute())
        put(filled, "data.source", source)
    return source


def _fill_task_and_columns(filled: dict[str, Any], preview: Preview, guesses: list[Guess]) -> list[Suggestion]:
    """Columns that the draft names stay; the other roles are guessed, unless it names all that are required."""
    task = filled.get("task") or (guesses[0].task if guesses else None)
    if task is None:
        raise DataError(
            "No task fits this table.",
            "A text classifier needs a column of texts and a column of labels, the answers to learn.",
        )
    filled["task"] = task
    if task not in TASKS:
        return []
    guess = next((guess for guess in guesses if guess.task == task), None)
    columns = dict((filled.get("data") or {}).get("columns") or {})
    if guess is None or columns:
        return []
    put(filled, "data.columns", dict(guess.columns))
    return [
        Suggestion(f"data.columns.{role}", column, guess.reasons.get(role, ""))
        for role, column in guess.columns.items()
    ]


def _fill_split(filled: dict[str, Any], preview: Preview) -> list[Suggestion]:
    from core.data.guess_split import guess_split

    if (filled.get("data") or {}).get("split"):
        return []
    split = guess_split(preview)
    put(filled, "data.split", split.model_dump())
    if split.column is None:
        return []
    return [Suggestion("data.split.column", split.column, f"The column `{split.column}` says which row is for what.")]


def _training_suggestions(studio: Studio, config: RunConfig) -> list[Suggestion]:
    parts = studio.parts(config)
    return suggest(
        train_rows=parts.train.num_rows,
        validation_rows=parts.validation.num_rows,
        lengths=studio.token_lengths(config),
        checkpoint=studio.describe(config.model.checkpoint),
        has_gpu=machine.has_gpu(),
    )
