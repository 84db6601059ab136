"""How long each person has had devices of late: counted while their runs go on, so that deleting a run gives nothing
back.

team/hours.json:
  KEY: {"hours": {"490000": seconds that fell into this hour since 1970},
        "runs": {ID: {"since": …, "until": …, "devices": …}} of those that went on when it was written last}
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import events, home
from core.figures import HOUR
from core.people import kept
from core.runs import Run

FILE = "hours.json"
DAYS = 7
_WINDOW = DAYS * 24
WRITTEN_EVERY = 15.0
"""Seconds between two notes on the disk."""


class Ledger:
    """What was counted, also in an earlier life of the app. One thread counts; others read ``used``."""

    def __init__(self) -> None:
        self._people: dict[str, dict[str, Any]] = {}
        self._written = 0.0
        self._is_read = False

    def count(self, going: Mapping[Run, int], now: float | None = None) -> None:
        """These runs have so many devices now. Runs of nobody in particular are left out."""
        now = time.time() if now is None else now
        if not self._is_read:
            self._people = {key: dict(one) for key, one in _copied().items()}
            self._is_read = True
        changed = self._settle({run.id for run in going}, now)
        for run, devices in going.items():
            place = home.whose(run.path)
            if place == home.of_person(place.name) and devices:
                mine = self._people.setdefault(place.name, {"hours": {}, "runs": {}})
                begun = _begun(run, now)
                known = mine["runs"].setdefault(run.id, {"since": begun, "until": begun, "devices": devices})
                _add(mine["hours"], known, now)
        if changed or (going and now - self._written >= WRITTEN_EVERY):
            self._write(now)

    def took(self, run: Run, now: float | None = None) -> float:
        """Seconds that a run goes on without a break; 0 where it does not."""
        known = self._people.get(home.whose(run.path).name, {"runs": {}})["runs"].get(run.id)
        return (time.time() if now is None else now) - known["since"] if known else 0.0

    def _settle(self, going: set[str], now: float) -> bool:
        """Count what ended runs still had, up to their last word; whether there were any."""
        over = [(key, one) for key, mine in self._people.items() for one in mine["runs"] if one not in going]
        for key, run_id in over:
            mine = self._people[key]
            known = mine["runs"].pop(run_id)
            last = events.last(home.of_person(key) / "runs" / run_id / "events.jsonl")
            _add(mine["hours"], known, min(now, last.time) if last else now)
        return bool(over)

    def _write(self, now: float) -> None:
        oldest = int(now // HOUR) - _WINDOW
        for mine in self._people.values():
            mine["hours"] = {hour: seconds for hour, seconds in mine["hours"].items() if int(hour) > oldest}
        found = {key: mine for key, mine in self._people.items() if mine["hours"] or mine["runs"]}

        def replace(everything: dict[str, Any]) -> None:
            everything.clear()
            everything.update(found)

        kept.change(FILE, replace)
        self._written = now


def used(place: Path, now: float | None = None) -> float:
    """Seconds that the person of this home has had devices in the last seven days, those of now included."""
    now = time.time() if now is None else now
    mine = kept.read(FILE).get(place.name, {"hours": {}, "runs": {}})
    since = sum(max(0.0, now - one["until"]) * one["devices"] for one in mine["runs"].values())
    # What is noted of a run that went on is at most so old, unless the app was not there to count.
    return sum(_recent(mine["hours"], now).values()) + min(since, 4 * WRITTEN_EVERY * max(1, len(mine["runs"])))


def again_in(place: Path, most: float, now: float | None = None) -> float | None:
    """Seconds until so much has become old that less than ``most`` seconds count; None where that never comes."""
    now = time.time() if now is None else now
    recent = _recent(kept.read(FILE).get(place.name, {"hours": {}})["hours"], now)
    left = sum(recent.values())
    for hour, seconds in sorted(recent.items()):
        left -= seconds
        if left < most:
            return max(0.0, (hour + _WINDOW) * HOUR - now)
    return None


def _recent(hours: Mapping[str, float], now: float) -> dict[int, float]:
    oldest = int(now // HOUR) - _WINDOW
    return {int(hour): seconds for hour, seconds in hours.items() if int(hour) > oldest}


def _add(hours: dict[str, float], known: dict[str, Any], until: float) -> None:
    seconds = max(0.0, until - known["until"]) * known["devices"]
    if seconds:
        hour = str(int(until // HOUR))
        hours[hour] = hours.get(hour, 0.0) + seconds
        known["until"] = until


def _begun(run: Run, now: float) -> float:
    newest = events.last(run.events_path, events.Started)
    return min(now, newest.time) if newest else now


def _copied() -> dict[str, Any]:
    return {key: {"hours": dict(one["hours"]), "runs": dict(one["runs"])} for key, one in kept.read(FILE).items()}
