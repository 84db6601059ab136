"""The whole of a run so far, in a bounded number of points: read once, kept, and carried on by what is new.

However long a run is and however many people open its page, its events are read from the beginning only once.
"""

from __future__ import annotations

import json
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from core import events, said

MAX_POINTS = 2000
PICTURES = 16
"""Kept, of the runs that were looked at last."""

Record = dict[str, Any]
Point = list[float | None]


class Picture:
    """What stands in one file of events: ``steps`` (see ``core.live``), ``now`` (the newest ``stepped``) and ``others``
    (all other events), without what a restart from an earlier step has made void; up to byte ``cursor``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._forget(0)

    def _forget(self, inode: int) -> None:
        self._inode = inode
        self._progress: Record | None = None
        self.cursor = 0
        self.now: Record | None = None
        self.steps: list[Point] = []
        self.others: list[Record] = []

    def told(self, max_points: int) -> tuple[list[Point], Record | None, list[Record], int]:
        """(at most ``max_points`` points, the newest step, all other events, the byte up to which this is true)."""
        with self._lock:
            self._read()
            others = [*self.others, self._progress] if self._progress else list(self.others)
            return thin(self.steps, max_points), self.now, others, self.cursor

    def _read(self) -> None:
        try:
            file = open(self._path, "rb")  # noqa: SIM115  (closed below)
        except FileNotFoundError:
            return self._forget(0)
        with file:
            status = os.fstat(file.fileno())
            if status.st_ino != self._inode or status.st_size < self.cursor:
                self._forget(status.st_ino)  # another file has taken this one's place
            limits = _limits(_lines(file, self.cursor, status.st_size))
            if limits and self.cursor:
                self._forget(status.st_ino)  # taken up again: what is void now has to be left out
                limits = _limits(_lines(file, 0, status.st_size))
            self._take_in(_lines(file, self.cursor, status.st_size), limits)

    def _take_in(self, lines: Iterator[bytes], limits: list[float]) -> None:
        limit, *later = [*limits, math.inf]
        for record in records(self._counted(lines)):
            kind = record["kind"]
            if kind == "started":
                limit, *later = later
            self._progress = record if kind == "evaluating" else None
            if limit < math.inf and not (kind in STEPPED and record["step"] <= limit):
                continue
            if kind == "stepped":
                self.now = record
                self.steps.append(point(record))
                if len(self.steps) >= 4 * MAX_POINTS:
                    self.steps = thin(self.steps, 2 * MAX_POINTS)
            elif kind != "evaluating":
                self.others.append(record)

    def _counted(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.cursor += len(line)
            yield line


STEPPED = ("stepped", "evaluated", "watched", "saved")
"""Events that stay when a run is taken up again from their step or a later one."""


def _lines(file: IO[bytes], begin: int, end: int) -> Iterator[bytes]:
    """The whole lines from byte ``begin`` to ``end``; a half-written last one waits."""
    file.seek(begin)
    for line in file:
        begin += len(line)
        if begin > end or not line.endswith(b"\n"):
            return
        yield line


def _limits(lines: Iterator[bytes]) -> list[float]:
    """For each ``started`` among these: the step from which it, or a later one, went on. Nothing later that stands
    before it is true any more.
    """
    found = [
        record for record in records(line for line in lines if b'"started"' in line) if record["kind"] == "started"
    ]
    limits: list[float] = []
    for record in reversed(found):
        limits.insert(0, min([record.get("resumed_from_step") or 0, *limits[:1]]))
    return limits


def records(lines: Iterator[bytes]) -> Iterator[Record]:
    """The events in these lines, as they were written, of the kinds and the version that this program knows."""
    for line in lines:
        try:
            record = said.restored(json.loads(line))
        except ValueError:
            continue  # a line cut by a crash, completed with a newline by the next writer
        if record.get("kind") in events.KINDS and record.get("v") == events.VERSION:
            yield record


def point(record: Record) -> Point:
    """Of a ``stepped``."""
    return [record["step"], record["loss"], record["learning_rate"], record["grad_norm"]]


def thin(points: list[Point], limit: int) -> list[Point]:
    """At most ``limit`` points (4 or more) of these, whose steps rise: of each stretch of steps, all of them equally
    long, the lowest and the highest loss, so that no spike is lost. Thinned again with more points it stays true.
    """
    if len(points) <= limit:
        return list(points)
    first, last = points[0][0] or 0, points[-1][0] or 0
    stretches = max(1, (limit - 2) // 2)
    ends: dict[int, tuple[Point, Point]] = {}
    for one in points[1:-1]:
        loss = one[1]
        if loss is None:
            continue
        place = min(stretches - 1, int(((one[0] or 0) - first) / max(1, last - first) * stretches))
        low, high = ends.get(place, (one, one))
        ends[place] = (one if loss < (low[1] or 0.0) else low, one if loss > (high[1] or 0.0) else high)
    kept = [points[0]]
    for low, high in ends.values():
        kept += [low] if low is high else sorted((low, high), key=lambda one: one[0] or 0)
    return [*kept, points[-1]]


_pictures: OrderedDict[Path, Picture] = OrderedDict()
_lock = threading.Lock()


def of(path: Path) -> Picture:
    """The picture of this file of events."""
    with _lock:
        picture = _pictures.pop(path, None) or Picture(path)
        _pictures[path] = picture
        while len(_pictures) > PICTURES:
            _pictures.popitem(last=False)
    return picture
