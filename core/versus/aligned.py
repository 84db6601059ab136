"""The kept answers of several runs to the rows that all of them were judged on, row beside row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.evaluation.sections import judged
from core.judging import kept, made
from core.runs import Run
from core.said import said
from core.tasks import TASKS
from core.tasks.base import Task
from core.versus.reasons import why_other_rows
from core.versus.types import Sameness

FOR_ANOTHER = "versus-"
"""So begins the name of a judgement that a run was asked for, on the test part of the run whose id follows."""
_FEW = 100
"""Rows below which it is said how to come by more."""
_NEARLY_ALL = 0.9
"""Of the rows of the smallest part: from that share on they are what the marks are made of."""


@dataclass(frozen=True)
class Aligned:
    """``tables``: one a run, with the same rows in the same order and the same truth; none unless they can be compared.

    A row that one of them has no answer to is left out.
    """

    same: Sameness
    tables: tuple[Any, ...] = ()


def aligned(found: Sequence[Run]) -> Aligned:
    """The answers of these runs, two or more. What was read last is kept while no file changes."""
    stamps = tuple(tuple((name, _stamp(run, name)) for name in judgements(run, found)) for run in found)
    return _aligned(tuple((run.path, run.name, run.has_model) for run in found), stamps)


def judgements(run: Run, others: Sequence[Run]) -> list[str]:
    """The names of what counts of a run beside these others: its own test part, theirs, then new files."""
    known = kept.names(run)
    wanted = ("test", *(f"{FOR_ANOTHER}{one.id}" for one in others))
    return [*(name for name in wanted if name in known), *(name for name in known if _is_new_file(run, name))]


def _is_new_file(run: Run, name: str) -> bool:
    """Whether it is a judgement on rows that were brought later, of which the model is known to have seen none."""
    if name in ("test", "validation") or not made.place(run, name).is_file():
        return False
    told = made.report(run, name)["judged"]
    is_file = not told["run"] and not told["part"]
    return is_file and told["is_checked"] and (not told["known"] or told["known_left_out"])


def lacking(found: Sequence[Run]) -> list[tuple[Run, Run]]:
    """(who, whose): each model that was not yet asked about the test part of another, or about its own."""
    return [
        (run, other)
        for run in found
        for other in found
        if (f"{FOR_ANOTHER}{other.id}" if other.id != run.id else "test") not in kept.names(run)
        and (other.id != run.id or f"{FOR_ANOTHER}{run.id}" not in kept.names(run))
    ]


def input_columns(task: Task) -> tuple[str, ...]:
    """The columns of kept rows by which two rows are told to be the same."""
    return task.read_columns


def _stamp(run: Run, name: str) -> tuple[int, int]:
    status = kept.place(run, name).stat()
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=2)
def _aligned(facts: tuple[tuple[Path, str, bool], ...], stamps: tuple[tuple[tuple[str, Any], ...], ...]) -> Aligned:
    """``facts`` (folder, name, whether it has a model) and ``stamps`` are all that the answer depends on."""
    from core.versus.rows import common, pooled, unseen

    found = [Run(path) for path, _, _ in facts]
    problem = _cannot(found, stamps)
    if problem is not None:
        return Aligned(problem)
    task = TASKS[found[0].config.task]
    columns = input_columns(task)
    names = [[name for name, _ in own] for own in stamps]
    tests = [kept.read(run, own[0]) for run, own in zip(found, names, strict=True)]
    meeting = common(tests, columns)
    smallest = min(table.num_rows for table in tests)
    if meeting.rows and meeting.rows >= _NEARLY_ALL * smallest:
        whole = all(table.num_rows == meeting.rows for table in tests)
        return _with(found, tests, meeting.places, "same" if whole else "shared", task)
    if any(len(own) > 1 for own in names):
        # Nobody learned from the rows of a validation part, but the best model of a run was chosen by them.
        chosen_by = [kept.read(run, "validation") for run in found if "validation" in kept.names(run)]
        asked = [[kept.read(run, name) for name in own] for run, own in zip(found, names, strict=True)]
        pools = [unseen(pooled(own, columns), chosen_by, columns) for own in asked]
        judged = common(pools, columns)
        if judged.rows:
            return _with(found, pools, judged.places, "judged", task)
    return Aligned(_other(found, meeting.rows, bool(lacking(found))))


def _cannot(found: Sequence[Run], stamps: Sequence[Any]) -> Sameness | None:
    """What is missing for any comparison of answers."""
    first = found[0]
    other = [run for run in found[1:] if run.config.task != first.config.task]
    if other:
        return Sameness("none", reasons=tuple(why_other_rows(first, run) for run in other))
    silent = [run for run, own in zip(found, stamps, strict=True) if not own]
    if silent:
        return Sameness("none", reasons=tuple(map(_why_silent, silent)), can_judge=_can_judge(found))
    return None


def _why_silent(run: Run) -> str:
    if not run.report:
        if run.state.is_over:
            return said("“{run}” has not been judged.", run=run.name)
        return said("“{run}” has not been judged yet.", run=run.name)
    if not judged(run.report)[1]:
        return said("“{run}” kept no test rows aside, so that there are no answers of it to compare.", run=run.name)
    return said("The answers of “{run}” were not kept: it is older than this version.", run=run.name)


def _other(found: Sequence[Run], rows: int, is_lacking: bool) -> Sameness:
    reasons = [why_other_rows(found[0], run) for run in found[1:]]
    if not is_lacking:
        reasons.append(said("They have been asked about each other's rows, but learned from nearly all of them."))
    elif rows:
        reasons.append(said("Only {rows} of the rows kept aside are the same.", rows=rows))
    return Sameness("other", rows, reasons=tuple(reasons), can_judge=is_lacking and _can_judge(found))


def _can_judge(found: Sequence[Run]) -> bool:
    return all(run.has_model for run in found)


def _with(found: Sequence[Run], tables: Sequence[Any], places: Sequence[Any], kind: Any, task: Task) -> Aligned:
    import numpy as np

    from core.versus.mended import differing, settled

    taken = [table.take(own) for table, own in zip(tables, places, strict=True)]
    answered = np.logical_and.reduce([table.column("error").is_valid().to_numpy() for table in taken])
    taken = [table.filter(answered) for table in taken]
    where = differing(taken)
    newest = max(range(len(found)), key=lambda place: found[place].created)
    done, left_out = settled(taken, newest, where, task.output == "label")
    reasons = _reasons(found, kind, done[0].num_rows, max(table.num_rows for table in tables))
    same = Sameness(kind, done[0].num_rows, int(where.sum()), left_out, reasons)
    return Aligned(same, tuple(done))


def _reasons(found: Sequence[Run], kind: str, rows: int, most: int) -> tuple[str, ...]:
    if kind == "same":
        return ()
    if kind == "shared":
        return (
            said(
                "{rows} of up to {most} test rows are there in all of them; only those count here.",
                rows=rows,
                most=most,
            ),
        )
    reasons = [why_other_rows(found[0], run) for run in found[1:]]
    reasons.append(said("So those rows count that all were asked about later and that none of them knew."))
    if rows < _FEW:
        reasons.append(
            said(
                "These are few. Judge all of them on a file of new rows, or train one again with the split of the "
                "other."
            )
        )
    return tuple(reasons)
