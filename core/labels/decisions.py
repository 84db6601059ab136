"""What people decided on disputed labels: ``labels.jsonl`` in the run's folder, a line a decision, only ever added to.

A line is ``{"key", "do": "keep" | "change" | "drop" | "undo", "label", "at"}``, or ``{"trained": RUN}`` for a run that
was begun with what had been decided so far. A later decision on a row stands above an earlier one.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import RunError
from core.labels import kept
from core.labels.types import Label
from core.runs import Run
from core.said import said

Do = Literal["keep", "change", "drop"]
CHANGE = "change:"
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Decision:
    """What is to become of a row; ``label`` is the new one where it changes. ``at`` is in seconds since the epoch."""

    key: str
    do: Do
    label: Label | None
    at: float


@dataclass(frozen=True)
class Decided:
    """All decisions that stand, the newest last, and the runs that were begun with them, the newest last."""

    decisions: tuple[Decision, ...]
    trained: tuple[str, ...]


def path_of(run: Run) -> Path:
    """Where decisions are written down."""
    return run.path / "labels.jsonl"


def read(run: Run) -> Decided:
    """What was decided. A line that was half written when the machine went down counts as none."""
    standing: dict[str, Decision] = {}
    trained: list[str] = []
    try:
        lines = path_of(run).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if "trained" in record:
            trained.append(record["trained"])
            continue
        standing.pop(record["key"], None)
        if record["do"] != "undo":
            standing[record["key"]] = Decision(record["key"], record["do"], record["label"], record["at"])
    return Decided(tuple(standing.values()), tuple(trained))


def decide(run: Run, key: str, what: str) -> None:
    """Write a decision down: ``keep``, ``drop`` or ``change:LABEL``, where several labels are a JSON list.

    Raises ``RunError`` for a row that was not checked, and for a label that the row has already or none has.
    """
    found = kept.suspect(run, key)
    if what in ("keep", "drop"):
        _add(run, {"key": key, "do": what, "label": None, "at": time.time()})
        return
    if not what.startswith(CHANGE):
        raise RunError(
            said("{what} is no decision on a label.", what=repr(what)),
            said("Keep the label, change it or take the row out."),
        )
    label = _label(run, what.removeprefix(CHANGE), found)
    _add(run, {"key": key, "do": "change", "label": label, "at": time.time()})


def undo(run: Run, key: str = "") -> str:
    """Take back the decision on a row, or the newest one. Returns the row's key. Raises ``RunError`` without any."""
    standing = read(run).decisions
    wanted = [decision.key for decision in standing if decision.key == key or not key]
    if not wanted:
        raise RunError(said("There is no decision to take back."), said("The page shows what was decided."))
    _add(run, {"key": wanted[-1], "do": "undo", "label": None, "at": time.time()})
    return wanted[-1]


def note_trained(run: Run, trained: str) -> None:
    """Remember a run that was begun with what was decided."""
    _add(run, {"trained": trained})


def _label(run: Run, text: str, found: kept.Suspect) -> Label:
    """The label that is meant. Raises ``RunError`` where no such label is in the data."""
    wanted: Label = text
    if isinstance(found.label, list):
        try:
            names = json.loads(text)
        except ValueError:
            names = [text]
        wanted = [str(name) for name in names]
    known = kept.labels(run)
    if isinstance(wanted, list):
        names = {name for label in known for name in label}
        strange = next((name for name in wanted if name not in names), None)
    else:
        strange = None if wanted in known else wanted
    if strange is not None:
        raise RunError(
            said("No row has the label “{label}”.", label=strange), said("Choose one of those that the data has.")
        )
    same = sorted(wanted) == sorted(found.label) if isinstance(wanted, list) else wanted == found.label
    if same:
        raise RunError(said("The row has this label already."), said("Choose another one, or keep it."))
    return wanted


def _add(run: Run, record: Mapping[str, Any]) -> None:
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    with _LOCK, open(path_of(run), "a+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        if end and file.read() != b"\n":
            line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
