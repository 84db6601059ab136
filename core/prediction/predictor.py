"""A trained model, loaded and ready to answer. Used in prediction workers only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.data.types import Target
from core.errors import PredictionError
from core.prediction.inference import run_model
from core.runs import Run
from core.tasks import TASKS


class Predictor:
    """The model of one finished run. Questions are role columns: ``{"text": [...], "text_pair": [...]}``."""

    def __init__(self, run: Run) -> None:
        import torch
        from transformers import AutoTokenizer

        if not run.has_model:
            raise PredictionError("This run has no trained model.", "Let it finish first, or stop it after a while.")
        self.config = run.config
        self.task = TASKS[self.config.task]
        self._tokenizer = AutoTokenizer.from_pretrained(run.model_path, trust_remote_code=False, local_files_only=True)
        self._model = self.task.load_model(str(run.model_path))
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")
        names = self._model.config.id2label
        self._target = Target(labels=tuple(names[index] for index in sorted(names)))
        report = run.report or {}
        self._max_length = int(report.get("max_length") or self.config.training.max_length)

    def answers(
        self, columns: Mapping[str, Sequence[str]], on_progress: Callable[[int, int], None] | None = None
    ) -> list[dict[str, Any]]:
        """One record for each row, in the form of the task's ``answers``."""
        if not len(next(iter(columns.values()), ())):
            return []
        output = run_model(
            self._model, self._tokenizer, self.task, columns, self._target, self._max_length, on_progress
        )
        return self.task.answers(output.logits, self._target)
