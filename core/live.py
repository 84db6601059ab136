"""What a run's page asks for once a second: only what is new, and on the first ask a bounded picture of it all.

The answer is ``{"cursor": int, "state": str, "reset": bool, "steps": [[step, loss, learning_rate, grad_norm], ...],
"now": {...the newest ``stepped`` event...}, "events": [{...every other event...}]}``; empty parts are left out.
``place`` (in the queue) is there while it waits. While it goes on, ``stopping`` is there when a stop was asked for, and
says what is kept (``best``, ``last``, ``nothing``); ``pausing`` when a pause was, ``paused`` once it rests. ``cursor``
is a byte offset into ``events.jsonl``: the cost of an answer depends on what is new, never on the length of the run.
``reset`` tells the page to forget what it drew: the first answer, or a run that was taken up again at an earlier step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core import events, orders
from core.runs import Run, State

MAX_POINTS = 2000
MAX_POINTS_A_TICK = 8
MAX_CHECKS = 200
"""Of the watched sentences and of the single classes, in a first answer."""

Record = dict[str, Any]
Point = list[float | None]


def tick(run: Run, since: int = 0, max_points: int = MAX_POINTS) -> dict[str, Any]:
    """What happened in ``run`` after byte ``since`` of its events, in the form of this module's docstring."""
    state = run.state
    since = since if since <= events.size(run.events_path) else 0  # another file has taken this one's place
    block, cursor = events.read_lines(run.events_path, since)
    news = list(_records(block))
    reset = since == 0 or any(record["kind"] == "started" for record in news)
    if reset and since:
        block, cursor = events.read_lines(run.events_path, 0)
        news = list(_records(block))
    steps, others = _since_last_restart(news) if reset else _sorted_out(news)
    answer: dict[str, Any] = {"cursor": cursor, "state": str(state)}
    if state is State.RUNNING and run.stop_path.exists():
        answer["stopping"] = orders.kept_of(run)
    elif state is State.RUNNING and run.pause_path.exists():
        answer["paused" if orders.is_resting(run) else "pausing"] = True
    if reset:
        answer["reset"] = True
    if steps:
        answer["steps"] = decimate([_point(step) for step in steps], max_points if reset else MAX_POINTS_A_TICK)
        answer["now"] = {key: value for key, value in steps[-1].items() if key not in ("v", "kind")}
    if others:
        answer["events"] = [{key: value for key, value in record.items() if key != "v"} for record in bounded(others)]
    return answer


def decimate(points: list[Point], limit: int) -> list[Point]:
    """At most ``limit`` points (4 or more): of each bucket the lowest and the highest loss, so no spike is lost."""
    if len(points) <= limit:
        return points
    inner = points[1:-1]
    buckets = max(1, (limit - 2) // 2)
    kept: list[Point] = [points[0]]
    for number in range(buckets):
        bucket = inner[len(inner) * number // buckets : len(inner) * (number + 1) // buckets]
        drawn = [point for point in bucket if point[1] is not None]
        if not drawn:
            continue
        low = min(drawn, key=lambda point: point[1] or 0.0)
        high = max(drawn, key=lambda point: point[1] or 0.0)
        kept += [low] if low is high else sorted((low, high), key=lambda point: point[0] or 0)
    return [*kept, points[-1]]


def bounded(records: list[Record], most: int = MAX_CHECKS) -> list[Record]:
    """What was said of watched sentences and single classes at up to ``most`` checks (2 or more), spread over all of
    them, the first and the last among them. Marks stay for each check.
    """
    watched = [place for place, record in enumerate(records) if record["kind"] == "watched"]
    detailed = [place for place, record in enumerate(records) if record.get("per_class")]
    dropped = set(watched) - set(_spread(watched, most))
    plain = set(detailed) - set(_spread(detailed, most))
    return [
        {key: value for key, value in record.items() if key != "per_class"} if place in plain else record
        for place, record in enumerate(records)
        if place not in dropped
    ]


def _spread(places: list[int], most: int) -> list[int]:
    if len(places) <= most:
        return places
    return [places[round(number * (len(places) - 1) / (most - 1))] for number in range(most)]


def _records(block: bytes) -> Iterator[Record]:
    for line in block.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # a line cut by a crash, completed with a newline by the next writer
        if record.get("kind") in events.KINDS and record.get("v") == events.VERSION:
            yield record


def _point(record: Record) -> Point:
    return [record["step"], record["loss"], record["learning_rate"], record["grad_norm"]]


def _sorted_out(records: list[Record]) -> tuple[list[Record], list[Record]]:
    """(steps, all others); of the notes on an evaluation's progress only the newest, and only while it goes on."""
    steps = [record for record in records if record["kind"] == "stepped"]
    others = [record for record in records if record["kind"] not in ("stepped", "evaluating")]
    if records and records[-1]["kind"] == "evaluating":
        others.append(records[-1])
    return steps, others


def _since_last_restart(records: list[Record]) -> tuple[list[Record], list[Record]]:
    """As ``_sorted_out``, without what a restart from an earlier step made void and without ends that were not."""
    kept: list[Record] = []
    for record in records:
        if record["kind"] == "started":
            resumed = record.get("resumed_from_step") or 0
            kept = [old for old in kept if _survives(old, resumed)]
        kept.append(record)
    return _sorted_out(kept)


def _survives(record: Record, resumed_from: int) -> bool:
    if record["kind"] in ("stepped", "evaluated", "watched", "saved"):
        return bool(record["step"] <= resumed_from)
    return False
