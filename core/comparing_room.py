"""The part of the one door about runs beside each other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from core import runs
from core.data.types import Progress
from core.errands import ERRANDS, Errand
from core.errors import RunError, StudioError
from core.said import said
from core.versus import curves, together
from core.versus.aligned import FOR_ANOTHER, lacking
from core.versus.changed import Direction
from core.versus.types import ChangedPage, Curve, Versus

ERRAND = "versus"
"""The kind of errand that judges runs on each other's rows; it is told under the first of them."""


class ComparingRoom:
    """What may be asked about several runs together. The first is what the others are measured against."""

    @abstractmethod
    def judge(
        self, run_id: str, what: Mapping[str, Any], name: str = "", progress: Progress = lambda share, words: None
    ) -> dict[str, Any]:
        """See ``JudgingRoom.judge``."""

    def versus(self, run_ids: Sequence[str]) -> Versus:
        """Marks, verdict and settings of two to six runs. Raises ``RunError`` for others."""
        return together.versus([runs.find(run_id) for run_id in run_ids])

    def learned(self, run_ids: Sequence[str]) -> list[list[Curve]]:
        """How each of the runs learned, as lines."""
        return [curves.curves(runs.find(run_id)) for run_id in run_ids]

    def changed_rows(
        self, run_ids: Sequence[str], other: str, direction: Direction, start: int = 0, count: int = 10
    ) -> ChangedPage:
        """Rows that ``other``, one of these runs, answers better (or worse) than the first of them."""
        return together.changed_rows([runs.find(run_id) for run_id in run_ids], other, direction, start, count)

    def judge_on_same_rows(self, run_ids: Sequence[str]) -> None:
        """Ask each of the models about the test rows of the others, without those that it learned from.

        It takes a while: see ``core.errands``, where it is of the kind ``ERRAND`` of the first run.
        """
        found = [runs.find(run_id) for run_id in run_ids]
        together.require(found)
        if without := [run for run in found if not run.has_model]:
            raise RunError(
                said("“{name}” has no model that could be asked.", name=without[0].name), said("Leave that run out.")
            )
        asked = lacking(found)
        if not asked:
            raise RunError(said("They have been asked already."), said("Load the page anew to see what came of it."))

        def work(progress: Progress) -> Mapping[str, Any]:
            refused: list[StudioError] = []
            for number, (run, other) in enumerate(asked):

                def note(share: float, words: str, number: int = number, name: str = run.name) -> None:
                    progress((number + share) / len(asked), f"“{name}”: {words}")

                what = {"run": other.id, "part": "test", "without_known": True}
                try:
                    self.judge(run.id, what, f"{FOR_ANOTHER}{other.id}", note)
                except StudioError as exc:  # one may have learned from all rows of the other, and not the reverse
                    refused.append(exc)
            if len(refused) == len(asked):
                raise refused[0]
            return {"judged": len(asked) - len(refused), "refused": [str(exc) for exc in refused]}

        ERRANDS.begin(found[0].id, ERRAND, work)

    def judging_on_same_rows(self, run_ids: Sequence[str]) -> Errand | None:
        """How far that is; None where it was not asked for since the app was started."""
        return ERRANDS.told(run_ids[0], ERRAND)

    def leave_same_rows(self, run_ids: Sequence[str]) -> None:
        """End it, where it goes on."""
        ERRANDS.cancel(run_ids[0], ERRAND)
