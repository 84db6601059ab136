"""What a person should hear before a run starts: texts that are too long, and what will be done to the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.config import RunConfig
from core.models.types import Note
from core.tasks import TASKS

if TYPE_CHECKING:
    from core.studio import Studio


def remarks(studio: Studio, config: RunConfig) -> list[Note]:
    """The notes for a config whose data can be learned from."""
    task, checkpoint = TASKS[config.task], studio.describe(config.model.checkpoint)
    folder = Path(checkpoint.path) if checkpoint.path else None
    target = studio.parts(config).target
    return [*_long_texts(studio, config), *task.remarks(folder, target, config.options)]


def _long_texts(studio: Studio, config: RunConfig) -> list[Note]:
    """The share of texts beyond the maximum length, in the words of what is done with them."""
    limit, lengths = config.training.max_length, studio.token_lengths(config)
    if not lengths:
        return []
    share = sum(length > limit for length in lengths) / len(lengths)
    kept = sum(TASKS[config.task].features(lengths, limit, config.options)) / sum(lengths)
    if not share:
        return []
    cut = f"{_percent(share)} of your texts are longer than {limit:,} tokens."
    if kept >= 0.999:
        return [Note(cut, "They are read in pieces, so nothing is lost.")]
    return [
        Note(
            cut,
            f"They are cut there: {_percent(1 - kept)} of all text is not read. A larger maximum length reads more and "
            "takes longer.",
            "warning",
        )
    ]


def _percent(share: float) -> str:
    return "Under 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")
