"""Who answers a question: the model of a run, and beside it the model before its training, or that of another run."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import StudioError
from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Role, Task
from ui.languages import tr

AFTER = "After training"
BEFORE = "Before training"


@dataclass(frozen=True)
class Seat:
    """One model that answers: that of a run, or (``untrained``) the one the run began with."""

    run: str
    title: str = ""
    """Stands over its answers; empty where it answers alone."""
    untrained: bool = False

    @property
    def key(self) -> str:
        return f"{self.run}{' untrained' * self.untrained}"


def seats(studio: Studio, run: str, before: bool, other: str | None) -> list[Seat]:
    """The run's model, and the one that stands beside it, if any."""
    if before:
        return [Seat(run, tr(AFTER)), Seat(run, tr(BEFORE), untrained=True)]
    if other:
        return [Seat(one, studio.summary(one).name) for one in (run, other)]
    return [Seat(run)]


def asked_roles(studio: Studio, run: str) -> tuple[Task, list[Role]]:
    """The task of a run, and what a person is asked for: of a task that asks for its inputs, those of the training."""
    config = studio.config(run)
    task = TASKS[config.task]
    return task, list(task.asks) or [role for role in task.inputs if role.name in config.data.columns]


def others(studio: Studio, run: str) -> list[tuple[str, str]]:
    """(name, id) of the other runs with a model that can answer the same questions, newest first."""
    task, roles = asked_roles(studio, run)
    found = []
    for line in studio.runs():
        if line.id == run or not line.can_answer:
            continue
        try:
            their_task, their_roles = asked_roles(studio, line.id)
        except StudioError:  # its config cannot be read; the list of runs says so
            continue
        if their_task is task and set(their_roles) <= set(roles):
            found.append((line.name, line.id))
    names = [name for name, _ in found]
    return [(name if names.count(name) == 1 else f"{name} ({id_})", id_) for name, id_ in found]
