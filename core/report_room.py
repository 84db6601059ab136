"""The part of the one door about the report of a run: as it is, as blocks that any page can draw, and as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core import runs, takeaway
from core.counterparts import augmentation_sections
from core.errors import RunError
from core.evaluation.extra import extra_sections
from core.evaluation.streamed import stream_sections
from core.evaluation.types import Section
from core.judging import readings
from core.judging_room import JudgingRoom
from core.runs import Run
from core.said import said
from core.tasks import TASKS


class ReportRoom(JudgingRoom):
    """What may be asked about the judgement that a run ends with, beside what may be asked about any."""

    def report(self, run_id: str) -> dict[str, Any] | None:
        """``report.json``, or None while there is no judgement."""
        return runs.find(run_id).report

    def report_sections(self, run_id: str) -> list[Section]:
        """The report in blocks that any page can draw; empty while there is no judgement."""
        run = runs.find(run_id)
        return [] if (report := run.report) is None else _sections(run, report)

    def report_html(self, run_id: str, judgement: str = "") -> Iterator[bytes]:
        """The report as one page that needs nothing else, in pieces; or that of a ``judgement`` made later.

        Raises ``RunError`` where there is none.
        """
        return takeaway.as_html(*self._whole(run_id, judgement))

    def report_data(self, run_id: str, judgement: str = "") -> bytes:
        """The same as JSON: the report, and its blocks. Raises ``RunError`` where there is none."""
        return takeaway.as_json(*self._whole(run_id, judgement))

    def _whole(self, run_id: str, judgement: str) -> tuple[dict[str, Any], list[Section], str, takeaway.Facts]:
        run = runs.find(run_id)
        if judgement:
            report, sections = self.judgement(run_id, judgement), self.judgement_sections(run_id, judgement)
            return report, sections, run.name, takeaway.facts_of(run.config, report)
        if (own := run.report) is None:
            raise RunError(said("This run has no report yet."), said("It is written when the run has been judged."))
        return own, _sections(run, own), run.name, takeaway.facts_of(run.config, own)


def _sections(run: Run, report: dict[str, Any]) -> list[Section]:
    sections = readings.with_sections(report, TASKS[run.config.task].sections(report), run.id)
    return [*sections, *stream_sections(report), *augmentation_sections(run, report), *extra_sections(report)]
