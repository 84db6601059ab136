"""Several models, loaded and ready to answer as one. Used in prediction workers only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.ensembles.making import members_of
from core.errors import PredictionError
from core.models import manual
from core.prediction.inference import run_model
from core.prediction.predictor import Predictor
from core.runs import Run


def predictor_of(run: Run, untrained: bool = False) -> Predictor:
    """Whoever answers for a run: its own model, or those of its members together."""
    ensemble = run.config.ensemble
    if not ensemble.is_used or ensemble.method == "weights" or untrained:
        return Predictor(run, untrained)
    return TogetherPredictor([Predictor(member) for member in members_of(run)], run)


class TogetherPredictor(Predictor):
    """The models of an ensemble. What was tuned on the validation part was tuned for all of them together."""

    def __init__(self, members: Sequence[Predictor], run: Run) -> None:
        first = members[0]
        self.config, self.task, self._model = run.config, first.task, first.model
        self._members = members
        tuned = manual.read(run.together_path)
        if tuned is None:
            raise PredictionError("These models have not been judged together yet.", "Let the run finish first.")
        self._context = replace(first.context, learned=tuned.learned)

    def answers(
        self, columns: Mapping[str, Sequence[Any]], on_progress: Callable[[int, int], None] | None = None
    ) -> list[dict[str, Any]]:
        """One record for each row, in the form of the task's ``answers``."""
        if not len(next(iter(columns.values()), ())):
            return []
        combine = self.task.combine
        assert combine is not None, "asked before the ensemble was made"
        outputs = []
        for place, member in enumerate(self._members):

            def note(done: int, total: int, place: int = place) -> None:
                if on_progress:
                    on_progress((place * total + done) // len(self._members), total)

            outputs.append(run_model(member.model, self.task, member.context, columns, "predict", note).rows)
        return self.task.answers(combine(outputs, self.config.ensemble.method), self._context)
