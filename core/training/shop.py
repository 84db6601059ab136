"""What the stages of a run share: its folder, its log, its config, its task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from core import events
from core.config import RunConfig, TrainingConfig
from core.models.types import Note
from core.runs import Run
from core.tasks.base import Task


@dataclass(frozen=True)
class Workshop:
    """One run at work."""

    run: Run
    log: events.EventLog
    config: RunConfig
    task: Task

    def with_training(self, training: TrainingConfig) -> Workshop:
        """The same with other settings of the training."""
        return replace(self, config=self.config.model_copy(update={"training": training}))

    def phase(self, name: Literal["preparing", "loading", "training", "judging", "saving"], words: str) -> None:
        self.log.append(events.Phase(name=name, words=words))

    def notice(self, title: str, detail: str = "", level: Literal["info", "warning"] = "info") -> None:
        self.log.append(events.Noticed(level=level, title=title, detail=detail))

    def notices(self, notes: Iterable[Note]) -> None:
        for note in notes:
            self.notice(note.title, note.detail, note.level)
