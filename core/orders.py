"""What a run can be asked while it goes on: small files in its folder, written by the app and read by the worker.

``stop`` holds what is kept of it; ``pause`` is there for as long as it shall rest; ``evaluate`` and ``save`` are taken
away by the worker when it begins to do them.
"""

from __future__ import annotations

import json
from typing import Literal, get_args

from core import events
from core.events import Kept as Kept
from core.runs import Run, State, write_atomically
from core.said import packed, restored

Now = Literal["evaluate", "save"]
"""What is done once, after the present step."""
NOW: tuple[Now, ...] = get_args(Now)


def stop(run: Run, kept: Kept, why: str = "") -> None:
    """Ask for a stop. One that pauses hears it too. ``why``: in a sentence, where it was not a person's wish."""
    write_atomically(run.stop_path, f"{kept}\n{json.dumps(packed({'why': why}))}" if why else kept)


def why_stopped(run: Run) -> str:
    """Why a stop was asked for, in a sentence; empty where a person wished it."""
    try:
        record = run.stop_path.read_text(encoding="utf-8").partition("\n")[2]
    except FileNotFoundError:
        return ""
    if not record.startswith("{"):
        return record  # nothing, or a sentence of an earlier version
    why: str = restored(json.loads(record))["why"]
    return why


def kept_of(run: Run) -> Kept:
    """What a stop that was asked for shall keep."""
    try:
        said = run.stop_path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except FileNotFoundError:
        return "best"
    return next((kept for kept in get_args(Kept) if kept == said), "best")


def ask(run: Run, what: Now) -> None:
    """Ask for something to be done after the present step."""
    (run.path / what).touch()


def take(run: Run, what: Now) -> bool:
    """Whether it was asked for; from here on it counts as done."""
    if not (run.path / what).exists():
        return False
    (run.path / what).unlink(missing_ok=True)
    return True


def is_resting(run: Run) -> bool:
    """Whether it rests now: a pause that was asked for has begun."""
    if not run.pause_path.exists() or run.state is not State.RUNNING:
        return False
    turning = events.last(run.events_path, (events.Paused, events.Continued, events.Started))
    return isinstance(turning, events.Paused)


def forget(run: Run) -> None:
    """Take back all that was asked: it begins, or is taken up again."""
    for path in (run.stop_path, run.pause_path, run.front_path, run.path / "evaluate", run.path / "save"):
        path.unlink(missing_ok=True)
