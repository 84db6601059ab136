"""The judgements that were made later: where they are, what is said at their top, and how they are listed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunError
from core.evaluation.types import Section, Style
from core.judging import kept
from core.judging.readings import overlap
from core.judging.what import STRANGE, What
from core.judging.words import said_of
from core.runs import Run
from core.said import Said, restored, said, said_many, together
from core.tasks import TASKS

if TYPE_CHECKING:
    from core.judging.rows import Chosen


@dataclass(frozen=True)
class Line:
    """One judgement in a list. ``mark`` is the task's main one; ``created`` is in seconds since the epoch."""

    name: str
    title: str
    rows: int
    created: float
    label: str
    mark: float | None
    style: Style


def place(run: Run, name: str) -> Path:
    """Where the report of a judgement is. Raises ``RunError`` for a name that is none."""
    return kept.place(run, name).with_suffix(".json")


def report(run: Run, name: str) -> dict[str, Any]:
    """The report of a judgement. Raises ``RunError`` where there is none."""
    path = place(run, name)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise RunError(
            said("There is no such judgement."), said("It may have been removed. Judge these rows once more.")
        ) from None


def lines(run: Run) -> list[Line]:
    """All that were made later, newest first."""
    found = [_line(run, report(run, path.stem)) for path in (run.path / kept.FOLDER).glob("[!.]*.json")]
    return sorted(found, key=lambda line: -line.created)


def remove(run: Run, name: str) -> None:
    """Remove one, with its rows. Raises ``RunError`` where there is none."""
    report(run, name)
    place(run, name).unlink()
    kept.place(run, name).unlink(missing_ok=True)


@lru_cache(maxsize=32)
def _read(path: Path, mtime_ns: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return restored(found)


def _line(run: Run, found: Mapping[str, Any]) -> Line:
    task, judged = TASKS[run.config.task], found["judged"]
    words = next(metric for metric in task.metrics if metric.name == task.main_metric)
    mark = found["metrics"]["test"].get(words.name)
    return Line(judged["name"], judged["title"], judged["rows"], found["created"], words.label, mark, words.style)


# --- What is said of one ---------------------------------------------------------------------------------------------


def told(name: str, what: What, chosen: Chosen) -> dict[str, Any]:
    """What was judged, for the report."""
    return {
        "name": name,
        "title": what.title,
        "called": what.called,
        "part": "" if what.file else what.part,
        "run": what.run,
        "learned_from": what.learned_from,
        "read": chosen.read,
        "rows": chosen.table.num_rows,
        "aside": [list(reason) for reason in chosen.aside],
        "known": chosen.known,
        "known_left_out": what.leaves_known_out,
        "strange": dict(chosen.strange or {}),
        "is_checked": chosen.learned is not None,
    }


def verdict(found: Mapping[str, Any]) -> str:
    """The verdict of the task and the readings, said of these rows, and what to know of them."""
    judged = found["judged"]
    return together(said_of(found["verdict"], judged["called"]), _learned(found), _strange(judged))


def _learned(found: Mapping[str, Any]) -> str:
    judged = found["judged"]
    known, left_out = judged["known"], judged["known_left_out"]
    if judged["learned_from"]:
        return said(
            "These are the rows that it learned from: this says how well it remembers, not how good it is on new ones."
        )
    if judged["part"] == "validation" and not judged["run"]:
        return said("These rows also chose the best version of the model, so its true rate may be lower.")
    if not known or (overlap.NAME in found and not left_out):  # that reading says it, with the mark without them
        return ""
    if left_out:
        return said_many(
            known,
            "{count} row that it learned from was left out.",
            "{count} rows that it learned from were left out.",
        )
    return said("The model learned from {known} of them, so on new rows it will do less well.", known=known)


def _strange(judged: Mapping[str, Any]) -> str:
    if not judged["strange"]:
        return ""
    from core.evaluation.verdicts import named

    count = sum(count for reason, count in judged["aside"] if reason == STRANGE)
    return said_many(
        count,
        "{count} row could not be judged: the model does not know {labels}.",
        "{count} rows could not be judged: the model does not know {labels}.",
        labels=named(list(judged["strange"])),
    )


def _aside(reason: str) -> str:
    """Columns stand in backticks in a reason; cells of a table are plain."""
    match reason:
        case Said(parts=[["nothing in `{column}`", {"column": column}]]):
            reason = said("nothing in “{column}”", column=column)
        case _ if not isinstance(reason, Said):
            reason = reason.replace("`", "“", 1).replace("`", "”", 1)
    return said("Set aside: {reason}", reason=reason)


def section(found: Mapping[str, Any]) -> Section:
    """Where every row went, as a block of the report."""
    judged = found["judged"]
    rows = [[said("Read"), judged["read"]], *([_aside(reason), count] for reason, count in judged["aside"])]
    rows.append([said("Judged"), judged["rows"]])
    if judged["is_checked"] and not judged["learned_from"] and not judged["known_left_out"]:
        rows.append([said("Of these, learned from by this model"), judged["known"]])
    columns = [{"label": said("Rows"), "style": "text"}, {"label": said("How many"), "style": "count"}]
    notes = [words for note in found.get("notes") or () for words in (note["title"], note["detail"])]
    words = said("Where every row went. A row counts as learned from when the training rows hold the same text.")
    return Section("table", said("What was judged"), together(words, *notes), {"columns": columns, "rows": rows})
