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
from core.runs import Run
from core.tasks import TASKS


class ReportRoom:
    """What may be asked about the judgement that a run ends with."""

    def report(self, run_id: str) -> dict[str, Any] | None:
        """``report.json``, or None while there is no judgement."""
        return runs.find(run_id).report

    def report_sections(self, run_id: str) -> list[Section]:
        """The report in blocks that any page can draw; empty while there is no judgement."""
        run = runs.find(run_id)
        return [] if (report := run.report) is None else _sections(run, report)

    def report_html(self, run_id: str) -> Iterator[bytes]:
        """The report as one page that needs nothing else, in pieces. Raises ``RunError`` where there is none."""
        run, report = _judged(run_id)
        return takeaway.as_html(report, _sections(run, report), run.name, takeaway.facts_of(run.config, report))

    def report_data(self, run_id: str) -> bytes:
        """The same as JSON: what ``report`` and ``report_sections`` say. Raises ``RunError`` where there is none."""
        run, report = _judged(run_id)
        return takeaway.as_json(report, _sections(run, report), run.name, takeaway.facts_of(run.config, report))


def _judged(run_id: str) -> tuple[Run, dict[str, Any]]:
    run = runs.find(run_id)
    if (report := run.report) is None:
        raise RunError("This run has no report yet.", "It is written when the run has been judged.")
    return run, report


def _sections(run: Run, report: dict[str, Any]) -> list[Section]:
    sections = readings.with_sections(report, TASKS[run.config.task].sections(report), run.id)
    return [*sections, *stream_sections(report), *augmentation_sections(run, report), *extra_sections(report)]
