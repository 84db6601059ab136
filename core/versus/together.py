"""Several runs beside each other, in one record: what a page, the command line or a program may ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from core import comparing
from core.errors import RunError
from core.judging import kept
from core.runs import Run, State
from core.said import said
from core.tasks import TASKS
from core.versus import changed, verdicts
from core.versus.aligned import Aligned, aligned
from core.versus.types import Against, ChangedPage, Compared, Mark, Side, Versus

FEWEST, MOST = 2, 6
"""Runs in one comparison: more lines than colours cannot be told apart."""
_NO_MATTER = ("origin.",)
"""Settings that say where a run comes from, not how it learns."""


def versus(found: Sequence[Run]) -> Versus:
    """The runs beside each other; the first is what the others are measured against. Raises ``RunError``."""
    require(found)
    sides = _sides(found)
    rows = aligned(found)
    measured = _against(sides, rows, found)
    settings = comparing.apart([run.config for run in found])
    return Versus(
        sides,
        rows.same,
        verdicts.verdict(sides, rows.same, measured) or _without_marks(found),
        measured,
        _marks(found),
        tuple(one for one in settings if not one.path.startswith(_NO_MATTER)),
    )


def changed_rows(found: Sequence[Run], other: str, direction: changed.Direction, start: int, count: int) -> ChangedPage:
    """Rows that the run ``other`` answers better (or worse) than the first of these. None where rows differ."""
    require(found)
    place = next((place for place, run in enumerate(found) if run.id == other and place), None)
    if place is None:
        raise RunError(
            said("{other} is not compared here.", other=repr(other)), said("Load the page anew, then try again.")
        )
    tables = aligned(found).tables
    if not tables:
        return ChangedPage(0, ())
    return changed.page(tables[0], tables[place], TASKS[found[0].config.task], direction, start, count)


def require(found: Sequence[Run]) -> None:
    """Raises ``RunError`` where these are too few or too many, or one of them cannot be read."""
    if len({run.id for run in found}) < len(found) or len(found) < FEWEST:
        raise RunError(
            said("It takes two different runs to compare."), said("Choose at least two on the page of all runs.")
        )
    if len(found) > MOST:
        raise RunError(
            said("{count} runs are too many beside each other.", count=len(found)),
            said("Choose at most {most}.", most=MOST),
        )
    if unreadable := [run for run in found if run.state is State.UNREADABLE]:
        raise RunError(said("The settings of {run} cannot be read.", run=unreadable[0].id), said("Leave that run out."))


def _sides(found: Sequence[Run]) -> tuple[Side, ...]:
    """Each under its name; where several have the same, with the animal of its id."""
    names = [run.name for run in found]
    return tuple(
        _side(run, name if names.count(name) == 1 else f"{name} ({run.id[11:]})")
        for run, name in zip(found, names, strict=True)
    )


def _side(run: Run, name: str) -> Side:
    import pyarrow.parquet as pq

    place = kept.place(run, "test")
    rows = pq.read_metadata(place).num_rows if place.is_file() else None
    config = run.config
    title = TASKS[config.task].title
    return Side(run.id, name, title, config.model.checkpoint, str(run.state), run.report is not None, rows)


def _against(sides: Sequence[Side], rows: Aligned, found: Sequence[Run]) -> tuple[Against, ...]:
    if not rows.tables or not rows.same.rows:
        return ()
    marks = _compared(_Rows(found[0].config.task, rows))
    if not all(marks):
        return ()
    first = sides[0]
    return tuple(
        verdicts.against(first, side, own, rows.same.rows, *changed.counts(rows.tables[0], table))
        for side, own, table in zip(sides[1:], verdicts.corrected(marks), rows.tables[1:], strict=True)
    )


class _Rows:
    """Rows that are kept in memory, as a key of a cache: the same as long as they are the very same object."""

    def __init__(self, task: str, rows: Aligned) -> None:
        self.task, self.rows = task, rows

    def __hash__(self) -> int:
        return id(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rows) and other.rows is self.rows


@lru_cache(maxsize=2)
def _compared(found: _Rows) -> list[list[Compared]]:
    """What the task makes of each run beside the first. Of 100,000 rows that takes seconds, so it is done once."""
    task, tables = TASKS[found.task], found.rows.tables
    return [task.compared(tables[0], table) for table in tables[1:]]


def _without_marks(found: Sequence[Run]) -> str:
    if not aligned(found).tables:
        return said("These runs cannot be compared by their answers.")
    return said(
        "Their marks do not measure the same: the models cut texts into other pieces (tokens), and each was judged by "
        "how well it guesses its own."
    )


def _marks(found: Sequence[Run]) -> tuple[Mark, ...]:
    """The metrics of the runs' own reports, those that any of them has."""
    tests: list[dict[str, Any]] = [((run.report or {}).get("metrics") or {}).get("test") or {} for run in found]
    words = {one.name: one for run in found for one in TASKS[run.config.task].metrics}
    return tuple(
        Mark(
            name,
            said(one.label),
            said(one.help),
            one.style,
            one.greater_is_better,
            tuple(test.get(name) for test in tests),
        )
        for name, one in words.items()
        if any(test.get(name) is not None for test in tests)
    )
