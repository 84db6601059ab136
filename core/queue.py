"""Which run is next: of each person's the one with the smallest turn, and of people as ``core.fairness`` has it; and
which devices are free for it.

A worker holds the lock of its device for as long as it trains, so that the folders say which are free, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core import ceilings, home, locks, machine, runs
from core.errors import OverLimit, RunError
from core.fairness import by_turns
from core.machine import Device
from core.people import quotas
from core.resting import state_of
from core.runs import Run, State
from core.said import said
from core.waiting_time import until_each

_STEP = 0.001
"""Seconds between two turns: less than anybody needs for two clicks."""


def device_lock(name: str) -> Path:
    """The lock that says that a worker has this device."""
    return home.root() / f"device-{name}.lock"


def free_devices() -> list[Device]:
    """The devices that no run has."""
    return [device for device in machine.devices() if not locks.is_held(device_lock(device.name))]


def waiting() -> list[Run]:
    """The runs of all people that wait, the next one first; before all stands what an administrator moved there."""
    order = by_turns(in_order(run for run in runs.everyones_runs() if state_of(run) is State.QUEUED))
    return sorted(order, key=lambda run: not run.front_path.exists())


def going() -> set[Path]:
    """The folders of the runs of all people that go on."""
    return {run.path for run in runs.everyones_runs() if state_of(run) is State.RUNNING}


def need_place(devices: int = 1) -> None:
    """Raise ``StudioError`` where as many runs wait as may, all together or of whoever asks now, where the disk has no
    room for another, or where one that takes so many ``devices`` of this machine has no hours left.
    """
    queued = waiting()
    if len(queued) >= ceilings.most("queue"):
        raise OverLimit(
            said("{most} runs wait already, so this one was not begun.", most=ceilings.in_words("queue")),
            ceilings.advice("queue"),
            again_in=until_each(queued)[0] if queued else None,
        )
    quotas.need_place(home.home(), devices)
    ceilings.need_room(home.runs_dir(), 0, "This run")


def in_order(queued: Iterable[Run]) -> list[Run]:
    """These runs, the next one first. One that is deleted at this moment is left out."""
    turns = []
    for run in queued:
        try:
            turns.append((run.turn, run.id, run))
        except FileNotFoundError:
            continue
    return [run for _, _, run in sorted(turns, key=lambda entry: entry[:2])]


def move(run: Run, place: int) -> None:
    """Give a run that waits another place, from 1; places beyond the ends are the ends. Only one's own runs give way:
    where those of others stand between, it takes the place of one's own that is nearest to the wanted one.

    Raises ``RunError`` when it is deleted meanwhile.
    """
    everyone = waiting()
    own = [one for one in everyone if home.whose(one.path) == home.whose(run.path)]
    others = [one for one in own if one.path != run.path]
    if not others:
        return
    at = _nearest([everyone.index(one) + 1 for one in own], everyone.index(run) + 1 if run in everyone else 0, place)
    try:
        _squeeze_in(run, others[:at], others[at:])
    except FileNotFoundError as exc:
        raise RunError(said("A run that waits was deleted meanwhile."), said("Look at the queue again.")) from exc


def _nearest(places: list[int], now: int, wanted: int) -> int:
    """Which of one's own ``places`` a run comes to that stands at ``now`` and is to go towards ``wanted``."""
    if wanted < now:
        return max((number for number, place in enumerate(places) if place <= wanted), default=0)
    return min((number for number, place in enumerate(places) if place >= wanted), default=len(places) - 1)


def _squeeze_in(run: Run, before: list[Run], after: list[Run]) -> None:
    if not after:
        return run.take_turn(before[-1].turn + _STEP)
    if not before:
        return run.take_turn(after[0].turn - _STEP)
    low, high = before[-1].turn, after[0].turn
    if low < (middle := (low + high) / 2) < high:
        return run.take_turn(middle)
    # Two were made at once, or there was too much moving between them: all get turns of their own.
    everyone = [*before, run, *after]
    newest = max(one.turn for one in everyone)
    for number, one in enumerate(reversed(everyone)):
        one.take_turn(newest - number * _STEP)
