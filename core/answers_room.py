"""The part of the one door to trained models: one question, many in one go, a whole table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from core import runs
from core.data.types import Progress
from core.errors import RunError
from core.prediction.client import Predictors
from core.runs import Run
from core.said import said


class AnswersRoom:
    """What may be asked of the models of runs."""

    _predictors: Predictors

    def predict(self, run_id: str, inputs: Mapping[str, str], untrained: bool = False) -> dict[str, Any]:
        """The model's answer to one input, in the form of its task's ``answers``.

        ``untrained`` asks the model that the run began with, where the task's can answer then (``Task.starts_able``).
        """
        return self._predictors.answers(runs.find(run_id), [inputs], untrained)[0]

    def answers(self, run_id: str, inputs: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """One answer for each input, in the form of the task's ``answers``. Raises ``RunError`` without a model."""
        run = runs.find(run_id)
        if not run.can_answer:
            raise RunError(
                said("This run has no trained model."), said("Let it finish first, or stop it after a while.")
            )
        return self._predictors.answers(run, inputs)

    def write(
        self, run_id: str, inputs: Mapping[str, str], knobs: Mapping[str, Any], untrained: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The same as it grows: records of the answer so far, the last of them whole. Who closes this ends it."""
        return self._predictors.write(runs.find(run_id), inputs, knobs, untrained)

    def predict_file(
        self,
        run_id: str,
        path: Path,
        progress: Progress | None = None,
        output: Path | None = None,
        fast: bool = False,
    ) -> tuple[Path, dict[str, Any]]:
        """Answer every row of a table into the run's folder, or into ``output``; one table at a time.

        It is written in the form in which it came, unless ``output`` ends otherwise (``.csv``, ``.jsonl``...).
        ``fast``: with rounded weights, where the answers stay the same (see ``core.prediction.quick``).
        Returns its place and the reply of ``core.prediction.files.predict_file``.
        """
        run = runs.find(run_id)
        output = output or _prediction_path(run, path)
        reply = self._predictors.file(run, str(path.absolute()), output, progress, fast)
        return Path(reply["output"]), reply


def _prediction_path(run: Run, source: Path) -> Path:
    """A new place for an answered table, still without the ending that its format will have."""
    run.predictions_path.mkdir(exist_ok=True)
    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in source.stem)[:60] or "table"
    moment = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    return run.predictions_path / f"{stem}-{moment}"
