"""The part of the one door about single answers: which words moved them, and which training examples are near."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core import runs
from core.config import RunConfig
from core.data.types import Progress
from core.errors import PredictionError
from core.explaining import kept_vectors
from core.prediction.client import Predictors
from core.said import said
from core.tasks import TASKS

if TYPE_CHECKING:
    from core.data.parts import DataParts

SEVERAL = said("Several models answer together here. Ask one of them on its own run's page.")


class ExplainingRoom:
    """What may be asked about one answer, and which sentences are worth watching."""

    _predictors: Predictors

    if TYPE_CHECKING:

        def parts(self, config: RunConfig) -> DataParts: ...

    def why_not_explained(self, run_id: str) -> str:
        """Why it cannot be told which words moved an answer of this run, as a sentence; empty where it can."""
        config = runs.find(run_id).config
        if config.ensemble.is_used:
            return SEVERAL
        if TASKS[config.task].explained is None:
            return said(
                "Which words moved an answer can be told of models that sort a text into classes, give it labels, or "
                "answer with a number. This one answers otherwise."
            )
        return ""

    def classes(self, run_id: str) -> list[str]:
        """The classes or labels that a run's model knows, in its own order; empty where it knows none."""
        from core.models import manual

        run = runs.find(run_id)
        told = manual.read(run.model_path) if run.has_model else None
        return list(told.target.labels) if told and TASKS[run.config.task].output in ("label", "labels") else []

    def why(self, run_id: str, inputs: Mapping[str, str], target: str = "") -> dict[str, Any]:
        """Which words pulled the answer which way: see ``core.explaining.why``. ``target`` is a class, by default the
        one that is answered. Raises ``PredictionError`` where that cannot be told.
        """
        if reason := self.why_not_explained(run_id):
            raise PredictionError(said("It cannot be told which words moved this answer."), reason)
        return self._predictors.quick(runs.find(run_id), "why", {"inputs": dict(inputs), "target": target})

    def why_no_neighbours(self, run_id: str) -> str:
        """Why no nearest training examples can be shown, as a sentence; empty where they can."""
        config = runs.find(run_id).config
        task = TASKS[config.task]
        if config.ensemble.is_used:
            return SEVERAL
        if task.family != "encoder" or task.write is not None:
            return said("Nearest examples are found by models that read a whole text at once; this one writes.")
        if config.data.streaming:
            return said("It learned from a stream, of which nothing is kept to look into.")
        return ""

    def near(self, run_id: str, inputs: Mapping[str, str], progress: Progress) -> dict[str, Any]:
        """The training examples nearest to a text: see ``core.explaining.near``. The first time all of them are read,
        which takes a while. Raises ``PredictionError`` where there are none to be had.
        """
        if reason := self.why_no_neighbours(run_id):
            raise PredictionError(said("The nearest training examples cannot be shown."), reason)
        run = runs.find(run_id)
        if not run.has_model:
            raise PredictionError(
                said("This run has no trained model."), said("Let it finish first, or stop it after a while.")
            )
        if kept_vectors.about(run) is None:
            self._predictors.job(run, "embed", {"run": run.id}, progress, "training examples read")
        return self._predictors.quick(run, "near", {"run": run.id, "inputs": dict(inputs)})

    def sentences_to_watch(self, config: RunConfig, count: int) -> list[str]:
        """Lines for ``watch.sentences`` out of the rows that are kept aside to check by, else of those to learn from.

        Raises ``DataError`` when the data cannot be learned from.
        """
        from core.data.to_watch import sentences

        parts = self.parts(config)
        task, columns = TASKS[config.task], config.data.columns
        return sentences(task, columns, parts.validation, count) or sentences(task, columns, parts.train, count)
