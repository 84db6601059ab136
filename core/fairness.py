"""Whose run is next where several people wait: the devices are shared by people, not by runs.

First comes who has the fewest devices now; of equals, who has used the least time of late; of equals, whose run is the
oldest. One's own runs keep the order in which one has them. Where one person waits alone, that order is all there is.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from core import events, home, launchers
from core.resting import state_of
from core.runs import Run, State, everyones_runs

LATELY = 24 * 3600.0
"""Seconds for which what somebody used counts."""


def by_turns(queued: Sequence[Run]) -> list[Run]:
    """All runs that wait, each person's in their own order already, in the order in which they begin."""
    own: dict[Path, list[Run]] = {}
    for run in queued:
        own.setdefault(home.whose(run.path), []).append(run)
    if len(own) < 2:
        return list(queued)
    has, used = _now_and_lately(own)
    # Whichever of somebody's runs goes first counts as their oldest: to move one's own changes nothing for others.
    ages = {place: sorted(map(_age, mine)) for place, mine in own.items()}
    order = []
    while own:
        place = min(own, key=lambda place: (has[place], used[place], ages[place][0]))
        order.append(own[place].pop(0))
        ages[place].pop(0)
        has[place] += 1
        if not own[place]:
            del own[place]
    return order


def _now_and_lately(own: Iterable[Path]) -> tuple[dict[Path, int], dict[Path, float]]:
    """(devices that each has now, seconds that each has used of late) of those who wait."""
    has, used = dict.fromkeys(own, 0), dict.fromkeys(own, 0.0)
    now = time.time()
    for run in everyones_runs():
        place = home.whose(run.path)
        if place not in has:
            continue
        if state_of(run) is State.RUNNING:
            has[place] += launchers.for_start(run)[1]
        try:
            status = run.events_path.stat()
        except FileNotFoundError:
            continue
        if now - status.st_mtime < LATELY:
            used[place] += min(LATELY, _worked(run.events_path, status.st_size, status.st_mtime_ns))
    return has, used


def _age(run: Run) -> tuple[float, str]:
    try:
        return run.created, run.id
    except FileNotFoundError:  # deleted at this moment
        return float("inf"), run.id


@lru_cache(maxsize=1024)
def _worked(path: Path, size: int, mtime_ns: int) -> float:
    """Seconds that a run has had a device for, as its newest step says."""
    stepped = events.last(path, events.Stepped)
    return stepped.elapsed_s if isinstance(stepped, events.Stepped) else 0.0
