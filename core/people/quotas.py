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
from core.figures import HOUR
from core.people import disk, hours, kept
from core.resting import state_of
from core.runs import Run, State, runs_in
from core.said import Figures, said, said_many, together
from core.said_times import duration
from core.said_times import hours as in_hours

FILE = "limits.json"
NAMES = tuple(name for name, ceiling in CEILINGS.items() if ceiling.is_personal)
DISK, RUNNING, WAITING, HOURS, RUN = NAMES
WEEK = f"the last {hours.DAYS} days"
_NEEDS = {
    "This file": "This file has no room, and needs {needs}: you use {used} of {limit}.",
    "This run": "This run has no room, and needs {needs}: you use {used} of {limit}.",
    "This table": "This table has no room, and needs {needs}: you use {used} of {limit}.",
    "What the rented machine has made": (
        "What the rented machine has made has no room, and needs {needs}: you use {used} of {limit}."
    ),
}
_NO_ROOM = {
    "This file": "This file has no room: you use {used} of {limit}.",
    "This run": "This run has no room: you use {used} of {limit}.",
    "This table": "This table has no room: you use {used} of {limit}.",
    "What the rented machine has made": "What the rented machine has made has no room: you use {used} of {limit}.",
}
"""By what needs it."""
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
        title = said_many(
            waits,
            "{count} run of yours waits already, of {limit} that may.",
            "{count} runs of yours wait already, of {limit} that may.",
            limit=Figures(_amount(WAITING, place)),
        )
        raise OverLimit(title, _advice(WAITING))
    if devices and _has_no_hours(place):
        title = said(
            "You have used {used} of the {limit} on devices that you have in the last {days} days.", **_of_hours(place)
        )
        raise OverLimit(title, _advice(HOURS), again_in=hours.again_in(place, most(HOURS, place) * HOUR))
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
        gaps = {"used": Figures(figures.size(used)), "limit": Figures(figures.size(limit))}
        asked = Figures(figures.size(needed))
        title = said(_NEEDS[what], needs=asked, **gaps) if needed else said(_NO_ROOM[what], **gaps)
        raise OverLimit(title, _advice(DISK))
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
        if not mine:
            return said("you may run none now")
        return said("begins when fewer than {limit} of your runs go on", limit=Figures(_amount(RUNNING, place)))
    if _has_no_hours(place) and launchers.for_start(run)[1]:
        back, of_hours = hours.again_in(place, most(HOURS, place) * HOUR), _of_hours(place)
        if back:
            return said(
                "your {limit} of the last {days} days are used up; it begins in {time}",
                time=duration(back),
                **of_hours,
            )
        return said("your {limit} of the last {days} days are used up; it begins when there are more", **of_hours)
    return ""


def why_stop(run: Run, took: float) -> str:
    """Why a run that goes on for so many seconds has to stop, in a sentence; empty where it may go on."""
    place = home.whose(run.path)
    if not is_limited(place):
        return ""
    if took >= most(RUN, place) * HOUR:
        why = said(
            "It was stopped after {time}: a run may go on for {limit} without a break.",
            time=in_hours(took / HOUR),
            limit=in_hours(most(RUN, place)),
        )
        return together(why, CEILINGS[RUN].instead)
    if not _has_no_hours(place):
        return ""
    why = said(
        "It was stopped: you have used {used} of the {limit} on devices that you have in the last {days} days.",
        **_of_hours(place),
    )
    return together(why, CEILINGS[HOURS].instead, said("Then start it again."))


def _has_no_hours(place: Path) -> bool:
    return hours.used(place) >= most(HOURS, place) * HOUR


def _of_hours(place: Path) -> dict[str, object]:
    """What sentences about them are filled with."""
    used, limit = in_hours(hours.used(place) / HOUR), in_hours(most(HOURS, place))
    return {"used": used, "limit": limit, "days": hours.DAYS}


def _amount(name: str, place: Path) -> str:
    return ceilings.said(name, most(name, place))


def _use(name: str, used: float, place: Path, is_own: bool) -> Use:
    has, limit = str(ceilings.said(name, used)), str(_amount(name, place))
    if has.rpartition(" ")[2] == limit.rpartition(" ")[2] and " " in has and has.count(" ") == limit.count(" ") == 1:
        has = has.partition(" ")[0]  # 4.1 of 20 GB
    return Use(name, used, most(name, place), has, limit, WORDS[name].format(said=has, limit=limit), is_own)


def _advice(name: str) -> str:
    return together(CEILINGS[name].instead, said("An administrator of this app can give you another limit."))
