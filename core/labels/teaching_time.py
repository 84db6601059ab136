"""How long the thorough check of labels learns, and the time that this takes: from what the run itself took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.labels.folds import TAUGHT_FOLDS
from core.training.steps import epochs_in_all

if TYPE_CHECKING:
    from core.config import TrainingConfig

MOST_EPOCHS = 8.0
"""Bounds the time. A table of 300 rows is not learned in three: its models stay far less sure than they are right."""


def epochs_of(training: TrainingConfig, rows: int, tokens: float) -> float:
    """How many times each of the models reads its examples, which hold ``tokens``."""
    return min(MOST_EPOCHS, epochs_in_all(training, rows, tokens))


def seconds_of(training: TrainingConfig, report: Mapping[str, Any]) -> float | None:
    """What the trainings will take together, from the report of the run; None where it does not tell."""
    took, read = report.get("train_runtime"), report.get("epochs")
    rows = report.get("rows") or {}
    learned = rows.get("train")
    if not took or not read or not learned:
        return None
    # All parts are learned from, but for the rows that are judged.
    times = (TAUGHT_FOLDS - 1) * sum(rows.get(part) or 0 for part in ("train", "validation", "test")) / learned
    tokens = (training.tokens_per_step or 0) * (report.get("steps") or 0) / read
    return float(took * times * epochs_of(training, learned, tokens) / read)
