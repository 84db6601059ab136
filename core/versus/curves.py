"""How runs learned, as lines that can be laid over each other: by step, epoch, time at work, examples or tokens."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from core import events
from core.live import decimate
from core.runs import Run
from core.said import said
from core.tasks import TASKS
from core.versus.types import Curve

POINTS = 400
"""Of one line, at most: several runs are drawn at once."""

Point = list[float | None]


def curves(run: Run) -> list[Curve]:
    """The training loss, the validation loss, then each metric of the checks. Pauses do not count as time at work."""
    path = run.events_path
    try:
        status = path.stat()
    except FileNotFoundError:
        return []
    words = {one.name: one for one in TASKS[run.config.task].metrics}
    drawn = _lines(path, status.st_size, status.st_mtime_ns)
    found = []
    for name, label in (("training_loss", said("Training loss")), ("loss", said("Validation loss"))):
        if name in drawn:
            found.append(Curve(name, label, "number", False, drawn[name]))
    return found + [
        Curve(name, said(words[name].label), words[name].style, words[name].greater_is_better, drawn[name])
        for name in words
        if name in drawn and name not in ("training_loss", "loss")
    ]


@lru_cache(maxsize=64)
def _lines(path: Path, size: int, mtime_ns: int) -> dict[str, tuple[tuple[float | None, ...], ...]]:
    happened, _ = events.read(path)
    lines: dict[str, list[Point]] = {}
    planned, at_work = None, 0.0
    for event in _lasting(happened):
        match event:
            case events.Planned():
                planned = event
            case events.Stepped():
                at_work = event.elapsed_s
                lines.setdefault("training_loss", []).append(_point(event, event.loss, at_work, planned))
            case events.Evaluated():
                for name, value in event.metrics.items():
                    lines.setdefault(name, []).append(_point(event, value, at_work, planned))
    return {name: tuple(map(tuple, decimate(points, POINTS))) for name, points in lines.items()}


def _lasting(happened: list[events.Event]) -> list[events.Event]:
    """Without the steps that a restart from an earlier checkpoint made void."""
    kept: list[events.Event] = []
    for event in happened:
        if isinstance(event, events.Started) and kept:
            since = event.resumed_from_step or 0
            kept = [one for one in kept if not isinstance(one, events.Stepped | events.Evaluated) or one.step <= since]
        kept.append(event)
    return kept


def _point(
    event: events.Stepped | events.Evaluated, value: float | None, seconds: float, planned: events.Planned | None
) -> Point:
    return [event.step, value, event.epoch, seconds, _examples(event, planned), _tokens(event, planned)]


def _examples(event: events.Stepped | events.Evaluated, planned: events.Planned | None) -> float | None:
    """Training examples seen so far. The rows of a stream are those that all its steps take."""
    if planned is None or not planned.train_rows:
        return None
    if planned.num_train_epochs:
        return round(event.epoch * planned.train_rows)
    return round(event.step / planned.total_steps * planned.train_rows) if planned.total_steps else None


def _tokens(event: events.Stepped | events.Evaluated, planned: events.Planned | None) -> float | None:
    """Tokens read so far: exact after each whole epoch, and in between as if all examples were equally long."""
    return round(event.epoch * planned.train_tokens) if planned and planned.train_tokens else None
