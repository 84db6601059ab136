"""Which finished runs can answer together, and the config of the run that judges them so."""

from __future__ import annotations

from collections.abc import Sequence

from core import runs
from core.config import EnsembleConfig, OriginConfig, RunConfig
from core.errors import RunError
from core.runs import Run
from core.said import said
from core.tasks import TASKS

MOST = 10
"""Models in one ensemble: each is held in memory while they answer."""

_NO_MATTER = {"streaming": {"max_steps", "shuffle_buffer"}}
"""Of the settings of data: they do not change which rows are kept aside."""


def partners(run: Run) -> list[Run]:
    """The other runs that could answer together with this one, newest first."""
    return [one for one in runs.all_runs() if one.id != run.id and not _why_not(run, one)]


def together(members: Sequence[Run], method: str) -> RunConfig:
    """The config of a run that judges these as one model. Raises ``RunError`` where they cannot be that."""
    if len({run.id for run in members}) < 2:
        raise RunError(said("One model is no ensemble."), said("Choose at least two runs."))
    if len(members) > MOST:
        raise RunError(
            said("{count} models are too many to hold at once.", count=len(members)),
            said("Choose at most {most}.", most=MOST),
        )
    first = members[0]
    for run in members:
        if why := _why_not(first, run):
            raise RunError(
                said("“{name}” cannot answer together with “{other}”.", name=run.name, other=first.name), why
            )
    if method != "weights" and TASKS[first.config.task].combine is None:
        raise RunError(
            said("The answers of this task cannot be put together."),
            said("Average the weights instead, which takes models of the same make."),
        )
    return first.config.model_copy(
        update={
            "name": f"Ensemble of {len(members)}",
            "origin": OriginConfig(),
            "ensemble": EnsembleConfig.model_validate({"members": [run.id for run in members], "method": method}),
        }
    )


def members_of(run: Run) -> list[Run]:
    """The runs whose models answer together in this one. Raises ``RunError`` where one was deleted."""
    found = {one.id: one for one in runs.all_runs()}
    members = run.config.ensemble.members
    if gone := [name for name in members if name not in found]:
        raise RunError(
            said("A run that this one is made of was deleted: {run}.", run=gone[0]),
            said("Bring it back from the trash, or put others together in a new ensemble."),
        )
    return [found[name] for name in members]


def _why_not(run: Run, other: Run) -> str:
    """Why two runs cannot answer together; empty where they can."""
    if not run.has_model or not other.has_model:
        return said("It has no model: let it finish first.")
    if other.state is runs.State.UNREADABLE:
        return said("Its settings cannot be read.")
    if run.config.ensemble.is_used or other.config.ensemble.is_used:
        return said("It is an ensemble itself: choose its members.")
    if run.config.task != other.config.task:
        return said("It has learned another task.")
    if run.config.data.model_dump(exclude=_NO_MATTER) != other.config.data.model_dump(exclude=_NO_MATTER):
        return said("It has learned from other rows, so what was kept aside for one may be known to the other.")
    return ""
