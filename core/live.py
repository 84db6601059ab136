"""What a run's page asks for once a second: only what is new, and on the first ask a bounded picture of it all.

The answer is ``{"cursor": int, "state": str, "reset": bool, "steps": [[step, loss, learning_rate, grad_norm], ...],
"now": {...the newest ``stepped`` event...}, "events": [{...every other event...}]}``; empty parts are left out.
``place`` (in the queue) and ``standing`` (the same in words) are there while it waits. While it goes on, ``stopping``
is there when a stop was asked for, and says what is kept (``best``, ``last``, ``nothing``); ``why`` when that was not a
person's wish; ``pausing`` when a pause was, ``paused`` once it rests. ``cursor`` is a byte offset into
``events.jsonl``: the cost of an answer depends on what is new, never on the length of the run.
``reset`` tells the page to forget what it drew: the first answer, or a run that was taken up again at an earlier step.
"""

from __future__ import annotations

from typing import Any

from core import events, job_room, orders, picture
from core.picture import MAX_POINTS, Point, Record
from core.runs import Run, State

MAX_POINTS_A_TICK = 8
MAX_CHECKS = 200
"""Of the watched sentences and of the single classes, in a first answer."""


def tick(run: Run, since: int = 0, max_points: int = MAX_POINTS) -> dict[str, Any]:
    """What happened in ``run`` after byte ``since`` of its events, in the form of this module's docstring."""
    state = run.state
    if since and since <= events.size(run.events_path):  # otherwise another file has taken this one's place
        block, cursor = events.read_lines(run.events_path, since)
        news = list(picture.records(iter(block.splitlines())))
        reset = any(record["kind"] == "started" for record in news)
    else:
        news, reset = [], True
    if reset:
        points, now, others, cursor = picture.of(run.events_path).told(max_points)
    else:
        points, now, others = _sorted_out(news)
    answer: dict[str, Any] = {"cursor": cursor, "state": str(state)}
    if state is State.RUNNING and run.stop_path.exists():
        answer["stopping"] = orders.kept_of(run)
    elif state is State.RUNNING and run.pause_path.exists():
        answer["paused" if orders.is_resting(run) else "pausing"] = True
    if state in (State.RUNNING, State.STOPPED) and (why := orders.why_stopped(run)):
        answer["why"] = why
    if (job := job_room.told(run)) is not None:
        answer["job"] = job
    if reset:
        answer["reset"] = True
    if points:
        answer["steps"] = points
    if now:
        answer["now"] = {key: value for key, value in now.items() if key not in ("v", "kind")}
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


def _sorted_out(records: list[Record]) -> tuple[list[Point], Record | None, list[Record]]:
    """(some points, the newest step, all others); of the notes on an evaluation's progress only the newest, and only
    while it goes on.
    """
    steps = [record for record in records if record["kind"] == "stepped"]
    others = [record for record in records if record["kind"] not in ("stepped", "evaluating")]
    if records and records[-1]["kind"] == "evaluating":
        others.append(records[-1])
    return decimate([picture.point(step) for step in steps], MAX_POINTS_A_TICK), steps[-1] if steps else None, others
