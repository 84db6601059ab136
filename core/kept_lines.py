"""The lines of runs that are over, kept in the cache folder: a program that starts anew reads no thousand reports.

``run_lines.json`` is ``{"for": ..., "lines": {folder: [stamp, line]}}``; it may be deleted at any time. A line counts
while the folder of its run is as it was, and while the program would say the same of it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from core import home
from core.runs import Run, State, write_atomically
from core.summaries import RunSummary, line_of
from core.tasks import TASKS

WORTH_WRITING = 20
"""So many new lines: reading fewer again costs less than writing all of them."""

_of_home: dict[Path, int] = {}
"""The homes whose kept lines were read in this process, and how many lines were known when they were last written."""


def lines_of(found: Iterable[Run]) -> list[RunSummary]:
    """The line of each run; one that is deleted at this moment is left out."""
    place = home.cache_dir() / "run_lines.json"
    if place not in _of_home:
        line_of.known.update(_kept(place))
        _of_home[place] = len(line_of.known)
    lines = []
    for run in found:
        with contextlib.suppress(FileNotFoundError):
            lines.append(line_of(run))
    if len(line_of.known) >= _of_home[place] + WORTH_WRITING:
        _of_home[place] = len(line_of.known)
        _keep(place)
    return lines


def _kept(place: Path) -> dict[Path, tuple[tuple[int, ...], RunSummary]]:
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
        if told["for"] != _program():
            return {}
        return {Path(folder): (tuple(stamp), _line(line)) for folder, (stamp, line) in told["lines"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # none yet, or somebody has changed it: everything is read again


def _line(told: dict[str, Any]) -> RunSummary:
    return RunSummary(**{**told, "state": State(told["state"])})


def _keep(place: Path) -> None:
    """Of runs that are still there and belong to this home."""
    inside = (str(home.runs_dir()), str(home.trash_dir()))
    lines = {
        str(folder): [stamp, asdict(line)]
        for folder, (stamp, line) in list(line_of.known.items())
        if str(folder.parent) in inside and folder.is_dir()
    }
    with contextlib.suppress(OSError):  # a full disk: the lines are read again next time
        write_atomically(place, json.dumps({"for": _program(), "lines": lines}))


def _program() -> str:
    """Differs where a line would be told in other words: a mark of what goes into it beside the folder."""
    words = [[task.id, task.title, task.main_metric, [asdict(one) for one in task.metrics]] for task in TASKS.values()]
    return sha256(repr([[one.name for one in fields(RunSummary)], words]).encode()).hexdigest()
