"""The part of the one door about judgements: the judged rows, and what is found out about them on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import home, runs
from core.data.types import Progress
from core.errands import ERRANDS, Errand
from core.errors import RunError
from core.evaluation.extra import extra_sections
from core.evaluation.types import Section
from core.judging import kept, made, readings, words
from core.judging.columns import Understood, understood
from core.judging.kept import Condition, Page
from core.judging.made import Line
from core.judging.what import named, what_of
from core.prediction.client import Predictors
from core.runs import Run
from core.said import said
from core.tasks import TASKS

JUDGE = "judge"
"""The errand, and the job of the worker that does it."""
_ANSWERED = 0.9
"""The share of an errand that is over when all rows are answered; marks and readings take the rest."""


class JudgingRoom:
    """What may be asked about how well a model does."""

    _predictors: Predictors

    def begin_judging(self, run_id: str, what: Mapping[str, Any], name: str = "") -> str:
        """Begin to judge a run's model on other rows (see ``core.judging.what``), as the errand ``judge``. Returns the
        name that the judgement will have; one is made up where none is given.
        """
        run, details = self._asked(run_id, what, name)
        ERRANDS.begin(run_id, JUDGE, lambda progress: self._judge(run, details, progress))
        return str(details["name"])

    def judge(
        self, run_id: str, what: Mapping[str, Any], name: str = "", progress: Progress = lambda share, words: None
    ) -> dict[str, Any]:
        """The same, waited for. Returns what ``core.judging.on_demand.judge`` does."""
        return self._judge(*self._asked(run_id, what, name), progress)

    def understood(self, run_id: str, file: str) -> Understood:
        """Which columns of a file are read for which roles, before it is judged. Raises ``DataError``."""
        from core.data.tables import open_table

        config = runs.find(run_id).config
        names = open_table(file).table.column_names
        return understood(TASKS[config.task], config.data.columns, names, what_of({"file": file}))

    def _asked(self, run_id: str, what: Mapping[str, Any], name: str) -> tuple[Run, dict[str, Any]]:
        run, wanted = runs.find(run_id), what_of(what)
        if not run.can_answer:
            raise RunError(said("This run has no model to judge."), said("Let it finish first, or choose another run."))
        return run, {"run": run_id, "name": named(run, name, wanted), "what": wanted.model_dump(mode="json")}

    def _judge(self, run: Run, details: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        def note(share: float, words: str) -> None:
            progress(_ANSWERED * share, "Working out the marks" if share == 1 else words)

        return self._predictors.job(run, JUDGE, details, note, "rows")

    def later_judgements(self, run_id: str) -> list[Line]:
        """The judgements that were made after the run's own, newest first."""
        return made.lines(runs.find(run_id))

    def judgement(self, run_id: str, name: str) -> dict[str, Any]:
        """A judgement that was made later, in the form of ``report.json``. Raises ``RunError`` where there is none."""
        return made.report(runs.find(run_id), name)

    def judgement_sections(self, run_id: str, name: str) -> list[Section]:
        """The same in blocks that any page can draw."""
        run = runs.find(run_id)
        report = made.report(run, name)
        first, *others = readings.with_sections(report, TASKS[run.config.task].sections(report), run.id)
        whole = [first, made.section(report), *others, *extra_sections(report)]
        return words.sections_of(whole, report["judged"]["called"], name)

    def judgement_file(self, run_id: str, name: str) -> Path:
        """The JSON of a judgement that was made later."""
        run = runs.find(run_id)
        made.report(run, name)
        return made.place(run, name)

    def delete_judgement(self, run_id: str, name: str) -> None:
        """Remove a judgement that was made later, with its rows. The run's own stays with the run."""
        made.remove(runs.find(run_id), name)

    def judgements(self, run_id: str) -> list[str]:
        """The names of the judgements whose rows were kept: ``test``, ``validation`` and those made later."""
        return kept.names(runs.find(run_id))

    def judged_rows(
        self, run_id: str, name: str, where: Sequence[Condition] = (), start: int = 0, count: int = 50, order: str = ""
    ) -> Page:
        """Some rows of a judgement; see ``core.judging.kept.page``."""
        return kept.page(runs.find(run_id), name, where, start, count, order)

    def judged_file(self, run_id: str, name: str) -> Path:
        """The Parquet file of a judgement. Raises ``RunError`` where there is none."""
        path = kept.place(runs.find(run_id), name)
        if not path.is_file():
            raise RunError(
                said("The answers to these rows were not kept."), said("Judge the run once more from its page.")
            )
        return path

    def errand(self, run_id: str, kind: str) -> Errand | None:
        """How far something is that was asked for: see ``core.errands``."""
        return ERRANDS.told(run_id, kind)

    def cancel_errand(self, run_id: str, kind: str) -> None:
        """End it, where it goes on; at once where a job of the same name does its work."""
        ERRANDS.cancel(run_id, kind)
        self._predictors.stop_job(home.runs_dir() / run_id, kind)
