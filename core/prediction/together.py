"""Several models, loaded and ready to answer as one. Used in prediction workers only."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.ensembles.making import members_of
from core.errors import PredictionError
from core.models import manual
from core.prediction.predictor import Predictor
from core.runs import Run
from core.said import said
from core.tasks.base import Purpose


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
            raise PredictionError(
                said("These models have not been judged together yet."), said("Let the run finish first.")
            )
        self._context = replace(first.context, learned=tuned.learned)

    def changed(self, change: Callable[[Any], Any]) -> Predictor | None:
        members = [member.changed(change) for member in self._members]
        if None in members:
            return None
        other = copy.copy(self)
        other._members = [member for member in members if member is not None]
        return other

    def in_turn(
        self, parts: Iterable[Mapping[str, Sequence[Any]]], on_progress: Callable[[int, int], None]
    ) -> Generator[list[dict[str, Any]], None, None]:
        for columns in parts:  # each member cuts it in its own way
            yield self.answers(columns, on_progress)

    def outputs(
        self,
        columns: Mapping[str, Sequence[Any]],
        purpose: Purpose,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Any:
        """What they say of each row, put together as if one had said it."""
        combine = self.task.combine
        assert combine is not None, "asked before the ensemble was made"
        found = []
        for place, member in enumerate(self._members):

            def note(done: int, total: int, place: int = place) -> None:
                if on_progress:
                    on_progress((place * total + done) // len(self._members), total)

            found.append(member.outputs(columns, purpose, note))
        return combine(found, self.config.ensemble.method)
