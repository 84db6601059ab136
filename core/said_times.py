"""Times as ``core.figures`` writes them, which pages say in their readers' languages."""

from __future__ import annotations

import re

from core import figures
from core.said import Figures, said, said_many

_UNITS = {"s": "{number} s", "min": "{number} min", "h": "{number} h", "d": "{number} d"}
_TIME = re.compile(r"([\d.,]+) (s|min|h|d)\b")


def duration(seconds: float | None) -> str:
    """``4 min 50 s``"""
    return _told(figures.duration(seconds))


def hours(count: float) -> str:
    """``40 h``, ``3 h 20 min``"""
    return _told(figures.hours(count))


def about(seconds: float | None) -> str:
    """``about 4 minutes``"""
    written = figures.about(seconds)
    match written.removeprefix("about ").split():
        case ["less", *_]:
            return said("less than a minute")
        case ["a", "minute"]:
            return said("about a minute")
        case [number, "minutes"]:
            return said_many(int(number), "about {count} minute", "about {count} minutes")
        case ["an", *_]:
            return said("an unknown time")
    return said("about {time}", time=_told(written.removeprefix("about ")))


def _told(written: str) -> str:
    told = written
    for place, (number, unit) in enumerate(_TIME.findall(written)):
        piece = said(_UNITS[unit], number=Figures(number))
        told = said("{time} {more}", time=told, more=piece) if place else piece
    return told
