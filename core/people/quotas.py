"""How much of the machine each of several people may use: the personal limits of ``core.ceilings``, or what an
administrator has given somebody instead.

Whoever has the app for themselves has no such limit: all that is asked here is about homes of people.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import ceilings, figures, home, launchers
from core.ceilings import CEILINGS
from core.errors import ConfigError, OverLimit
from core.figures import HOUR, duration, plural
from core.people import disk, hours, kept
from core.resting import state_of
from core.runs import Run, State, runs_in

FILE = "limits.json"
NAMES = tuple(name for name, ceiling in CEILINGS.items() if ceiling.is_personal)
DISK, RUNNING, WAITING, HOURS, RUN = NAMES
WEEK = f"the last {hours.DAYS} days"
WORDS = {
    DISK: "{said} of {limit} of disk space",
    RUNNING: "{said} of {limit} runs at a time",
    WAITING: "{said} of {limit} runs waiting",
    HOURS: f"{{said}} of {{limit}} in {WEEK}",
}


@dataclass(frozen=True)
class Use:
    """What somebody uses of one limit, and both figures as they are written: ``4.1`` and ``20 GB``."""

    name: str
    used: float
    most: float
    said: str
    limit: str
    words: str
    """Both figures in a few words."""
    is_own: bool
    """An administrator has given this person another limit than the others have."""


def is_limited(place: Path) -> bool:
    """Whether this is the home of one of several people. Visitors of a demo have bounds of their own."""
    return place != home.root() and not home.is_visitors(place)


def most(name: str, place: Path) -> int:
    """The limit of whoever has this home, in bytes, as a count or in hours."""
    own = kept.read(FILE).get(place.name, {})
    return int(own[name]) if name in own else ceilings.most(name)


def give(key: str, name: str, text: str) -> None:
    """Give a person another limit, as people write it; an empty text gives back the one that all have. Raises
    ``ConfigError`` for what is none.
    """
    value = _read(name, text)

    def put(everybodys: dict[str, Any]) -> None:
        own = everybodys.setdefault(key, {})
        own.pop(name, None)
        if value is not None:
            own[name] = value
        if not own:
            del everybodys[key]

    kept.change(FILE, put)


def _read(name: str, text: str) -> int | None:
    if name not in NAMES:
        raise ConfigError(f"{name!r} is no limit of a person.", f"There are: {', '.join(NAMES)}.")
    return ceilings.read(name, text) if text.strip() else None


def as_given(name: str, text: str) -> str:
    """How ``given`` would say what somebody writes; raises as ``give`` does."""
    value = _read(name, text)
    return "" if value is None else ceilings.said(name, value)


def given(key: str, name: str) -> str:
    """What an administrator has given a person of a limit, as it is written; empty where they have what all have."""
    own = kept.read(FILE).get(key, {})
    return ceilings.said(name, own[name]) if name in own else ""


def uses(place: Path) -> list[Use]:
    """What whoever has this home uses, of each limit; nothing of somebody who has none."""
    if not is_limited(place):
        return []
    own = kept.read(FILE).get(place.name, {})
    states = [state_of(run) for run in runs_in(place)]
    found: dict[str, float] = {
        DISK: disk.used(place),
        RUNNING: states.count(State.RUNNING),
        WAITING: states.count(State.QUEUED),
        HOURS: hours.used(place) / HOUR,
    }
    return [_use(name, used, place, name in own) for name, used in found.items()]


def line(place: Path) -> str:
    """All of it in one line: ``4.1 of 20 GB of disk space · 1 of 2 runs at a time · …``."""
    return " · ".join(use.words for use in uses(place))


def need_place(place: Path, devices: int = 1) -> None:
    """Raise ``OverLimit`` where whoever has this home may queue no run that takes so many devices of this machine."""
    if not is_limited(place):
        return
    waits = sum(state_of(run) is State.QUEUED for run in runs_in(place))
    if waits >= most(WAITING, place):
        raise OverLimit(
            f"{plural(waits, 'run')} of yours wait{'s' if waits == 1 else ''} already, of {_amount(WAITING, place)} "
            "that may.",
            _advice(WAITING),
        )
    if devices and (why := _no_hours(place)):
        raise OverLimit(why, _advice(HOURS), again_in=hours.again_in(place, most(HOURS, place) * HOUR))
    need_disk(place, 0, "This run")


def need_disk(folder: Path, needed: int, what: str) -> None:
    """Raise ``OverLimit`` where writing ``needed`` bytes in this folder is more than its owner may have; else they
    count from here on.
    """
    place = home.whose(folder / "inside")
    if not is_limited(place):
        return
    used, limit = disk.used(place), most(DISK, place)
    if used + needed > limit or used >= limit:
        asks = f", and needs {figures.size(needed)}" if needed else ""
        raise OverLimit(
            f"{what} has no room{asks}: you use {figures.size(used)} of {figures.size(limit)}.", _advice(DISK)
        )
    disk.came(place, needed)


def held_back(run: Run, going: Collection[Path]) -> str:
    """Why a run that waits does not begin though a device may be free: its owner's limits, in a few words; empty where
    none is in the way. ``going``: the folders of all runs that go on.
    """
    place = home.whose(run.path)
    if not is_limited(place):
        return ""
    mine = sum(home.whose(path) == place for path in going)
    if mine >= most(RUNNING, place):
        return (
            f"begins when fewer than {_amount(RUNNING, place)} of your runs go on" if mine else "you may run none now"
        )
    if _no_hours(place) and launchers.for_start(run)[1]:
        back = hours.again_in(place, most(HOURS, place) * HOUR)
        when = f" in {duration(back)}" if back else ""
        return f"your {_amount(HOURS, place)} of {WEEK} are used up; it begins{when or ' when there are more'}"
    return ""


def why_stop(run: Run, took: float) -> str:
    """Why a run that goes on for so many seconds has to stop, in a sentence; empty where it may go on."""
    place = home.whose(run.path)
    if not is_limited(place):
        return ""
    if took >= most(RUN, place) * HOUR:
        return (
            f"It was stopped after {figures.hours(took / HOUR)}: a run may go on for {_amount(RUN, place)} without a "
            f"break. {CEILINGS[RUN].instead}"
        )
    why = _no_hours(place)
    return f"It was stopped: {why[:1].lower()}{why[1:]} {CEILINGS[HOURS].instead} Then start it again." if why else ""


def _no_hours(place: Path) -> str:
    used = hours.used(place)
    if used < most(HOURS, place) * HOUR:
        return ""
    return (
        f"You have used {figures.hours(used / HOUR)} of the {_amount(HOURS, place)} on devices that you have in {WEEK}."
    )


def _amount(name: str, place: Path) -> str:
    return ceilings.said(name, most(name, place))


def _use(name: str, used: float, place: Path, is_own: bool) -> Use:
    said, limit = ceilings.said(name, used), _amount(name, place)
    if said.rpartition(" ")[2] == limit.rpartition(" ")[2] and " " in said and said.count(" ") == limit.count(" ") == 1:
        said = said.partition(" ")[0]  # 4.1 of 20 GB
    return Use(name, used, most(name, place), said, limit, WORDS[name].format(said=said, limit=limit), is_own)


def _advice(name: str) -> str:
    return f"{CEILINGS[name].instead} An administrator of this app can give you another limit."
