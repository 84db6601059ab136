"""The part of the one door that programs use beside what pages ask: events by pages, how far a run is."""

from __future__ import annotations

from dataclasses import dataclass

from core import event_pages, events, runs
from core.event_pages import EventPage
from core.tasks import TASKS
from core.tasks.base import Role


@dataclass(frozen=True)
class HowFar:
    """How far a run is: its newest logged step, and how it failed, if it did."""

    step: events.Stepped | None
    failure: events.Failed | None
    predictions: tuple[str, ...]
    """The names of the tables that it has answered."""


class ProgramsRoom:
    """What programs ask."""

    def events(self, run_id: str, since: int = 0) -> EventPage:
        """What happened in a run after byte ``since`` of its events: see ``core.event_pages``."""
        return event_pages.page(runs.find(run_id).events_path, since)

    def how_far(self, run_id: str) -> HowFar:
        """How far a run is."""
        run = runs.find(run_id)
        step, end = events.last(run.events_path, events.Stepped), events.last(run.events_path, events.ENDINGS)
        folder = run.predictions_path
        names = sorted(path.name for path in folder.iterdir() if _is_shown(path.name)) if folder.is_dir() else []
        return HowFar(
            step if isinstance(step, events.Stepped) else None,
            end if isinstance(end, events.Failed) and run.state is runs.State.FAILED else None,
            tuple(names),
        )

    def asked(self, run_id: str) -> tuple[Role, ...]:
        """What the model of a run is asked with: of a task that asks for its inputs, those of the training."""
        config = runs.find(run_id).config
        task = TASKS[config.task]
        return task.asks or tuple(role for role in task.inputs if role.name in config.data.columns)


def _is_shown(name: str) -> bool:
    return not name.startswith(".")
