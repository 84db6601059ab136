"""Whose a home is: ``person.json`` in it says so, for those who look after all of them.

people/anna-5f0c…/
  person.json     name, kind, when they came first
  runs/ …         what any home holds
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, get_args

from core import home
from core.people.types import Kind, Person
from core.runs import write_atomically

_FILE = "person.json"
_NOTED_EVERY = 60.0
"""Seconds between two notes that somebody is there: the time of their file."""
_seen: dict[Path, float] = {}


def settle(person: Person) -> Path:
    """The home of somebody who is there; it is made when they come for the first time."""
    place = home.of_person(person.key)
    told = {"name": person.name, "kind": person.kind}
    if _told(place) != told:
        place.mkdir(parents=True, exist_ok=True)
        write_atomically(place / _FILE, json.dumps(told, ensure_ascii=False))
    elif time.time() - _seen.get(place, 0.0) > _NOTED_EVERY:
        os.utime(place / _FILE)
    else:
        return place
    _seen[place] = time.time()
    return place


def seen(place: Path) -> float:
    """When whoever has this home was last there, to the minute, in seconds since 1970."""
    return max(_seen.get(place, 0.0), (place / _FILE).stat().st_mtime)


def owner(place: Path) -> Person | None:
    """Whose home this is; None for the one of whoever runs the app alone."""
    told = _told(place)
    if told is None or told.get("kind") not in get_args(Kind):
        return None
    return Person(place.name, str(told.get("name", "")), told["kind"])


def _told(place: Path) -> dict[str, Any] | None:
    try:
        told = json.loads((place / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None
