"""Keeping a run as an errand of the app, and the note in its folder that it is kept: ``kept.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import events
from core.data.types import Progress
from core.errands import ERRANDS, Errand
from core.errors import RunError
from core.keeping.asking import ask
from core.people import audit
from core.publishing import record
from core.publishing.publications import need_somebody
from core.publishing.types import Published
from core.runs import Run
from core.said import said

KIND = "keep"
NAME = "kept.json"


def keep(run: Run) -> None:
    """Begin to keep it, as whoever asks now. Raises ``HubError`` or ``RunError`` where it cannot begin."""
    if not has_begun(run):
        advice = said("It was stopped while it waited: there is nothing to keep.")
        raise RunError(said("Nothing has happened in this run."), advice)
    need_somebody()

    def work(progress: Progress) -> Mapping[str, Any]:
        made = ask("keep", str(run.path), progress)
        record.add(run, Published(**made), NAME)
        return made

    ERRANDS.begin(run.id, KIND, work)
    audit.note("run kept", run.id)


def told(run: Run) -> Errand | None:
    """How far keeping it has come; None where it was not begun since the app was started."""
    return ERRANDS.told(run.id, KIND)


def kept(run: Run) -> Published | None:
    """Where it is kept, and since when, as the Hub has confirmed; None where it never was."""
    return next(iter(record.published(run, NAME)), None)


def has_begun(run: Run) -> bool:
    """Whether anything has happened in it. One that was taken out of the queue holds nothing to be kept."""
    return events.size(run.events_path) > 0


def is_kept_now(run: Run) -> bool:
    """Whether it was kept, and nothing has happened in it since."""
    made = kept(run)
    return made is not None and run.events_path.stat().st_mtime <= made.when
