"""The list of runs by pages, and a search over all of them.

A page costs what its own lines cost: of the other runs only the folders are looked at, unless something is searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from core import runs
from core.kept_lines import lines_of
from core.resting import state_of
from core.summaries import RunSummary, with_places

PAGE = 50
"""Lines."""
One = TypeVar("One")


@dataclass(frozen=True)
class RunPage:
    """Some lines of a list, newest first."""

    lines: list[RunSummary]
    number: int
    """Of this page, from 1; the last one where fewer are left than were asked for."""
    found: int
    """Runs that the words fit, on all pages."""
    total: int
    is_going_on: bool
    """Some run, on whatever page, waits or runs."""


def page(number: int = 1, words: str = "", size: int = PAGE) -> RunPage:
    """Page ``number`` (from 1) of the runs in which all ``words`` are found, of all runs where there are none."""
    everyone = runs.all_runs()
    wanted = words.casefold().split()
    if wanted:
        fitting = [line for line in lines_of(everyone) if _fits(line, wanted)]
        found, number, lines = len(fitting), *_cut(fitting, number, size)
    else:
        number, shown = _cut(everyone, number, size)
        found, lines = len(everyone), lines_of(shown)
    is_going_on = any(not state_of(run).is_over for run in everyone)
    return RunPage(with_places(lines), number, found, len(everyone), is_going_on)


def trash(also: Sequence[str] = (), size: int = PAGE) -> tuple[list[RunSummary], int]:
    """The newest runs in the trash and those named in ``also``; and how many there are."""
    everyone = runs.trashed()
    return lines_of(run for place, run in enumerate(everyone) if place < size or run.id in also), len(everyone)


def _cut(found: list[One], number: int, size: int) -> tuple[int, list[One]]:
    """The page of this number, or the last one, with its number."""
    number = min(max(1, number), max(1, -(-len(found) // size)))
    return number, found[(number - 1) * size : number * size]


def _fits(line: RunSummary, words: Sequence[str]) -> bool:
    told = f"{line.name}\n{line.id}\n{line.task}\n{line.checkpoint}\n{line.source}\n{line.state}".casefold()
    return all(word in told for word in words)
