"""The part of the one door about runs whose models answer together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from core import runs
from core.config import RunConfig
from core.ensembles import making
from core.summaries import RunSummary, summarise
from core.tasks import TASKS


class EnsembleRoom:
    """What may be asked about ensembles. One is a run like any other: it waits, is judged, and can be tried."""

    @abstractmethod
    def start(self, config: RunConfig) -> str:
        """See ``Studio.start``."""

    def partners(self, run_id: str) -> list[RunSummary]:
        """Runs that could answer together with this one, newest first: of its task, on its rows, with a model."""
        return [summarise(run) for run in making.partners(runs.find(run_id))]

    def ensemble_methods(self, run_id: str) -> list[str]:
        """The ways in which this run's model can answer together with others."""
        together = TASKS[runs.find(run_id).config.task].combine is not None
        return [*(("probabilities", "votes") if together else ()), "weights"]

    def ensemble(self, members: Sequence[str], method: str) -> str:
        """Queue a run that judges these together. Returns its id. Raises ``RunError`` where they do not fit."""
        return self.start(making.together([runs.find(name) for name in members], method))
