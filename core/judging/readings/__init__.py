"""All readings of a judgement, in the order in which they are made and shown. See ``core.judging.readings.base``."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from core.errors import explain
from core.evaluation.types import Section
from core.judging.advising import RUN
from core.judging.readings.advice import ADVICE
from core.judging.readings.base import Facts, Reading, Report
from core.judging.readings.overlap import OVERLAP
from core.judging.readings.slices import SLICES
from core.judging.readings.sources import SOURCES
from core.said import said, together

READINGS: tuple[Reading, ...] = (OVERLAP, SLICES, SOURCES, ADVICE)


def read_all(facts: Facts, complain: Callable[[str, str], None]) -> dict[str, Any]:
    """What each reading found, by its name. One that fails is told to ``complain`` (title, detail); the others go on:
    a mark that took hours is not lost for a remark on it.
    """
    found: dict[str, Any] = {}
    for reading in READINGS:
        try:
            result = reading.read(replace(facts, report={**facts.report, **found}))
        except Exception as exc:
            traceback.print_exc()
            error = explain(exc)
            complain(
                said("“{what}” could not be worked out.", what=reading.called), together(error.title, error.cause or "")
            )
            continue
        if result is not None:
            found[reading.name] = result
    return found


def verdicts(report: Report) -> str:
    """What the readings have to say at the top, after the task's own verdict."""
    return together(*(reading.verdict(report) for reading in READINGS if reading.name in report))


def with_sections(report: Report, sections: Sequence[Section], run_id: str = "") -> list[Section]:
    """The task's ``sections`` with those of the readings in their places; their links lead to this run."""
    found = [(reading, reading.sections(report)) for reading in READINGS if reading.name in report]
    found = [(reading, [_linked(section, run_id) for section in made]) for reading, made in found]
    first = [section for reading, made in found if reading.comes_first for section in made]
    later = [section for reading, made in found if not reading.comes_first for section in made]
    return [*sections[:1], *first, *sections[1:], *later]


def _linked(section: Section, run_id: str) -> Section:
    """A report does not know of which run it is: ids are given anew when a folder is copied."""
    if section.kind != "advice":
        return section
    items = [{**item, "link": item["link"].replace(RUN, quote(run_id, safe=""))} for item in section.content["items"]]
    return replace(section, content={**section.content, "items": items})
