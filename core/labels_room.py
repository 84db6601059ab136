"""The part of the one door about labels that are probably wrong: found, decided upon, mended, learned from anew."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import events, runs
from core.config import RunConfig
from core.data.types import Progress
from core.errands import ERRANDS, Errand
from core.errors import RunError
from core.labels import decisions, kept, mended
from core.labels.decisions import Decided
from core.labels.kept import Found, Suspect
from core.labels.teaching_time import seconds_of
from core.labels.types import Label, Way
from core.prediction.client import Predictors
from core.runs import Run
from core.said import said

if TYPE_CHECKING:
    from core.data.parts import DataParts

KIND = "labels"
"""Of the errand, and the name of the job."""
READING = 0.7
"""Share of the time that the texts are read in; the rest is for weighing the labels."""
FORWARD_ONLY = 3
"""A text is read so many times faster than it is learned from."""


@dataclass(frozen=True)
class LabelsView:
    """How it stands with the labels of a run.

    ``why_not`` says why they cannot be checked; empty where they can. ``seconds`` is how long that will take in the
    quick way, ``thorough_seconds`` in the thorough one; None where it cannot be told. ``found`` is None until they
    were.
    """

    why_not: str
    rows: int | None
    seconds: float | None
    thorough_seconds: float | None
    errand: Errand | None
    found: Found | None
    labels: list[Label]
    decided: Decided


class LabelsRoom:
    """What may be asked about the labels of a finished run."""

    _predictors: Predictors

    @abstractmethod
    def start(self, config: RunConfig) -> str:
        """See ``Studio.start``."""

    @abstractmethod
    def parts(self, config: RunConfig) -> DataParts:
        """See ``DataRoom.parts``."""

    def labels_view(self, run_id: str) -> LabelsView:
        """How it stands with the labels of a run."""
        run = runs.find(run_id)
        found = kept.found(run) if kept.path_of(run).is_file() else None
        rows, seconds = (found.rows, None) if found else _cost(run)
        training = seconds_of(run.config.training, run.report or {})
        thorough = None if training is None else training + (seconds or 0)
        labels = kept.labels(run) if found else []
        why = mended.why_not(run)
        errand = ERRANDS.told(run_id, KIND)
        return LabelsView(why, rows, seconds, thorough, errand, found, labels, decisions.read(run))

    def find_suspects(self, run_id: str, way: Way = "quick") -> None:
        """Begin to check all labels of a run, as the errand ``labels``. Raises ``RunError`` where it cannot be done."""
        run = runs.find(run_id)
        if why := mended.why_not(run):
            raise RunError(said("The labels of this run cannot be checked."), why)

        def work(progress: Progress) -> Mapping[str, Any]:
            return self.check_labels(run_id, progress, way)

        ERRANDS.begin(run_id, KIND, work)

    def check_labels(self, run_id: str, progress: Progress, way: Way = "quick") -> dict[str, Any]:
        """Check all labels of a run and wait for it; see ``core.labels.finding.find`` for what it returns."""
        run = runs.find(run_id)
        if why := mended.why_not(run):
            raise RunError(said("The labels of this run cannot be checked."), why)
        return self._predictors.job(run, KIND, {"folder": str(run.path), "way": way}, progress, "done")

    def suspects(self, run_id: str, start: int = 0, count: int = 20) -> list[Suspect]:
        """Rows in the order in which their labels are disputed. Raises ``RunError`` where they were not checked."""
        return kept.suspects(runs.find(run_id), start, count)

    def suspects_of(self, run_id: str, keys: Iterable[str]) -> dict[str, Suspect]:
        """Those of these keys, by them."""
        return kept.suspects_of(runs.find(run_id), keys)

    def decide(self, run_id: str, key: str, what: str) -> None:
        """``keep``, ``change:LABEL`` or ``drop`` for a row; see ``core.labels.decisions.decide``."""
        decisions.decide(runs.find(run_id), key, what)

    def undecide(self, run_id: str, key: str = "") -> str:
        """Take back the decision on a row, or the newest one. Returns the row's key."""
        return decisions.undo(runs.find(run_id), key)

    def mended(self, run_id: str) -> RunConfig:
        """The run's settings with its mended labels. Raises ``RunError`` while nothing is changed."""
        return mended.mended(runs.find(run_id))

    def train_mended(self, run_id: str) -> str:
        """Train again on the mended data. Returns the new run's id. Raises ``ConfigError``, ``DataError`` or
        ``RunError`` where that cannot be done.
        """
        run = runs.find(run_id)
        config = mended.mended(run)
        self.parts(config)  # says at once where the labels cannot be written, or too few rows are left
        trained = self.start(config)
        decisions.note_trained(run, trained)
        return trained


def _cost(run: Run) -> tuple[int | None, float | None]:
    """(rows to read, seconds that it takes), from the pace at which the run itself learned."""
    happened, _ = events.read(run.events_path)
    planned = next((event for event in reversed(happened) if isinstance(event, events.Planned)), None)
    if planned is None:
        return None, None
    rows = planned.train_rows + planned.validation_rows + planned.test_rows
    paces = [event.samples_per_second for event in happened if isinstance(event, events.Stepped)]
    pace = max((pace for pace in paces if pace), default=None)
    if pace is None:
        return rows, None
    return rows, 10 + rows / (FORWARD_ONLY * pace) / READING
