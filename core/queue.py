"""Which run is next: the one with the smallest turn among those that wait."""

from __future__ import annotations

from core import runs
from core.runs import Run, State


def waiting() -> list[Run]:
    """The runs that wait, the next one first."""
    queued = [run for run in runs.all_runs() if run.state is State.QUEUED]
    return sorted(queued, key=lambda run: (run.turn, run.id))


def move(run: Run, place: int) -> None:
    """Give a run that waits another place, from 1; places beyond the ends are the ends."""
    others = [one for one in waiting() if one.id != run.id]
    if not others:
        return
    at = min(max(place, 1), len(others) + 1) - 1
    if at == 0:
        run.take_turn(others[0].turn - 1)
    elif at == len(others):
        run.take_turn(others[-1].turn + 1)
    else:
        run.take_turn((others[at - 1].turn + others[at].turn) / 2)
