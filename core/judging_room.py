"""The part of the one door about judgements: the judged rows, and what is found out about them on demand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core import runs
from core.errands import ERRANDS, Errand
from core.errors import RunError
from core.judging import kept
from core.judging.kept import Condition, Page


class JudgingRoom:
    """What may be asked about how well a model does."""

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
            raise RunError("The answers to these rows were not kept.", "Judge the run once more from its page.")
        return path

    def errand(self, run_id: str, kind: str) -> Errand | None:
        """How far something is that was asked for: see ``core.errands``."""
        return ERRANDS.told(run_id, kind)

    def cancel_errand(self, run_id: str, kind: str) -> None:
        """End it, where it goes on."""
        ERRANDS.cancel(run_id, kind)
