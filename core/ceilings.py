"""How much is taken at the most, before one person's table or a hundred clicks cost everybody the machine.

Each limit is declared once, here: its name, its default, its words. Whoever starts the app changes them, with
``--limit rows=80000000`` or with the environment variable ``TUNESMITH_LIMITS=rows=80000000,upload=8GB``; processes that
are started from there inherit them.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from core import figures
from core import said as sentences
from core.errors import ConfigError, StudioError
from core.said import Figures, Said, together

VARIABLE = "TUNESMITH_LIMITS"
Unit = Literal["bytes", "count", "hours"]


@dataclass(frozen=True)
class Ceiling:
    """One limit. ``most`` is its default, in bytes, as a count or in hours."""

    name: str
    most: int
    unit: Unit
    words: str
    instead: Said
    """What a person does who needs more."""
    is_personal: bool = False
    """It is one of each person, where several use the app: see ``core.people.quotas``."""
    demo: int | None = None
    """Its default where visitors of a demo use the app, if that is another one."""


CEILINGS = {
    ceiling.name: ceiling
    for ceiling in (
        Ceiling(
            "upload",
            4_000_000_000,
            "bytes",
            "the size of a file that is uploaded",
            sentences.said(
                "Compress it (.gz, .zst or .parquet), share it out over several files, or copy it to this machine."
            ),
            demo=2_000_000,
        ),
        Ceiling(
            "request",
            100_000_000,
            "bytes",
            "what is sent with one click, other than a file",
            sentences.said("Save it as a file, and bring that."),
            demo=2_000_000,
        ),
        Ceiling(
            "rows",
            50_000_000,
            "count",
            "the rows of a table",
            sentences.said("Take a sample of it; a tenth says as much."),
            demo=1_000,
        ),
        Ceiling(
            "columns",
            10_000,
            "count",
            "the columns of a table",
            sentences.said("Leave out those that say nothing of the answer."),
            demo=50,
        ),
        Ceiling(
            "cell",
            64_000_000,
            "count",
            "the letters of one cell",
            sentences.said("Look at that row: it is nearly always a quote mark that was never closed."),
            demo=100_000,
        ),
        Ceiling(
            "queue",
            200,
            "count",
            "the runs that wait",
            sentences.said("Wait until some are through, or take some out of it."),
            demo=10,
        ),
        Ceiling(
            "pages",
            500,
            "count",
            "the open pages that are remembered at once, the last seen first; each takes up to 1 MB of memory",
            sentences.said("Close pages that nobody looks at."),
        ),
        Ceiling(
            "pace",
            1_200,
            "count",
            "the requests a minute of each of several people; whoever is not known by name shares five times that with "
            "all from the same address",
            sentences.said("Wait a moment."),
        ),
        Ceiling(
            "disk",
            1_000_000_000,
            "bytes",
            "what stays free on the disk",
            sentences.said("Empty the trash, or delete runs that nobody needs."),
        ),
        Ceiling(
            "person_disk",
            20_000_000_000,
            "bytes",
            "the disk space of one person: runs, uploads, what was fetched and computed, and the trash",
            sentences.said("Delete runs that you do not need, then empty the trash."),
            is_personal=True,
        ),
        Ceiling(
            "person_running",
            2,
            "count",
            "the runs of one person that go on at the same time; more of them wait",
            sentences.said("Wait until one is over."),
            is_personal=True,
        ),
        Ceiling(
            "person_waiting",
            20,
            "count",
            "the runs of one person that wait",
            sentences.said("Wait until some have begun, or take some out of the queue."),
            is_personal=True,
        ),
        Ceiling(
            "person_hours",
            40,
            "hours",
            "the time on devices of one person in the last seven days; two devices for an hour are two hours",
            sentences.said("Wait: what was used seven days ago counts no more."),
            is_personal=True,
        ),
        Ceiling(
            "run_hours",
            24,
            "hours",
            "the time that a run of one person goes on without a break; it is stopped then, and its best model kept",
            sentences.said("Start it again: it goes on from where it was."),
            is_personal=True,
        ),
        Ceiling(
            "minutes",
            5,
            "count",
            "the minutes of a training in a demo",
            sentences.said("Fewer epochs or fewer rows take less."),
        ),
        Ceiling(
            "tokens", 384, "count", "the tokens of a text that are read in a demo", sentences.said("Shorten the texts.")
        ),
        Ceiling(
            "letters",
            10_000,
            "count",
            "the letters of a question in a demo",
            sentences.said("Ask with a shorter text."),
        ),
        Ceiling(
            "trainings",
            3,
            "count",
            "the trainings an hour of a visitor of a demo",
            sentences.said("Come back in a while."),
        ),
        Ceiling(
            "visitors",
            30,
            "count",
            "the visitors of a demo who keep something",
            sentences.said("Come back in a while."),
        ),
        Ceiling(
            "home",
            1_500_000_000,
            "bytes",
            "what the things of a visitor of a demo take on the disk",
            sentences.said("Delete runs that you do not need."),
        ),
        Ceiling(
            "keep",
            60,
            "count",
            "the minutes for which a demo keeps what a visitor made",
            sentences.said("Download it before that."),
        ),
    )
}
_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_GIVEN = re.compile(r"(\w+)=(\d+(?:\.\d+)?)\s*([kmgt]?b)?", re.IGNORECASE)


def most(name: str) -> int:
    """The limit of this name as it stands now, in bytes, as a count or in hours."""
    return _read(os.environ.get(VARIABLE, "")).get(name, CEILINGS[name].most)


def in_words(name: str) -> str:
    """The limit as people say it: ``4.0 GB``, ``50,000,000``, ``40 h``."""
    return said(name, most(name))


def said(name: str, value: float) -> str:
    """An amount of what this limit bounds, as people say it: ``Figures``, which each language writes in its way."""
    match CEILINGS[name].unit:
        case "bytes":
            return Figures(figures.size(value))
        case "hours":
            return Figures(figures.hours(value))
        case _:
            return Figures(f"{value:,.0f}")


def read(name: str, text: str) -> int:
    """A value for this limit as people write it: ``8GB``, ``40``. Raises ``ConfigError`` for what is none."""
    return _read(f"{name}={text.strip().replace(',', '')}")[name]


def advice(name: str) -> Said:
    """What to do where a limit is in the way."""
    change = sentences.said("Whoever starts Tunesmith can change it: --limit {limit}=…", limit=name)
    return together(CEILINGS[name].instead, change)


def set_limits(given: list[str]) -> None:
    """From here on, in this process and those it starts. Raises ``ConfigError`` for what is no limit."""
    already = [one for one in os.environ.get(VARIABLE, "").split(",") if one]
    text = ",".join([*already, *given])
    _read(text)
    os.environ[VARIABLE] = text


def take_those_of_a_demo() -> None:
    """Take the limits that a demo comes with, but where whoever starts the app has said otherwise already."""
    said = _read(os.environ.get(VARIABLE, ""))
    set_limits([f"{one.name}={one.demo}" for one in CEILINGS.values() if one.demo is not None and one.name not in said])


@lru_cache(maxsize=8)
def _read(text: str) -> dict[str, int]:
    found = {}
    for one in filter(None, (piece.strip() for piece in text.split(","))):
        match = _GIVEN.fullmatch(one)
        if match is None or match[1].lower() not in CEILINGS:
            raise ConfigError(
                sentences.said("{given} is no limit.", given=repr(one)),
                sentences.said(
                    "Write it as rows=80000000 or upload=8GB. There are: {names}.", names=", ".join(CEILINGS)
                ),
            )
        found[match[1].lower()] = int(float(match[2]) * _UNITS[(match[3] or "").lower()])
    return found


Needing = Literal["This file", "This run", "This table", "What the rented machine has made"]
_NEEDS = {
    "This file": "This file needs {needed}, and the disk has {free} free.",
    "This run": "This run needs {needed}, and the disk has {free} free.",
    "This table": "This table needs {needed}, and the disk has {free} free.",
    "What the rented machine has made": (
        "What the rented machine has made needs {needed}, and the disk has {free} free."
    ),
}
_NO_ROOM = {
    "This file": "The disk has only {free} free: this file has no room.",
    "This run": "The disk has only {free} free: this run has no room.",
    "This table": "The disk has only {free} free: this table has no room.",
    "What the rented machine has made": "The disk has only {free} free: what the rented machine has made has no room.",
}
"""By what needs it."""


def need_room(folder: Path, needed: int, what: Needing) -> None:
    """Raise ``StudioError`` where writing ``needed`` bytes there would take what is kept free on the disk."""
    from core.people.quotas import need_disk  # which knows the limits from here

    need_disk(folder, needed, what)
    need_free(folder, needed, what)


def need_free(folder: Path, needed: int, what: Needing) -> None:
    """The same of the disk alone, whoever it is that writes."""
    left = shutil.disk_usage(folder).free
    if left - needed >= most("disk"):
        return
    free = Figures(figures.size(left))
    why = sentences.said(
        "{room} are kept free, so that runs that go on can save what they have learned.", room=in_words("disk")
    )
    raise StudioError(
        sentences.said(_NEEDS[what], needed=Figures(figures.size(needed)), free=free)
        if needed
        else sentences.said(_NO_ROOM[what], free=free),
        together(why, advice("disk")),
    )
