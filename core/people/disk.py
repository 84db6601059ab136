"""How much of the disk a home takes: measured beside what is asked, not at each question."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

FRESH_SECONDS = 60.0
"""What was measured counts for so long; then it is measured anew, and until that is done it counts on."""


@dataclass
class _Measured:
    count: int
    at: float
    since: int = 0
    """What came while it was measured."""
    is_going_on: bool = False


_lock = threading.Lock()
_known: dict[Path, _Measured] = {}


def used(place: Path) -> int:
    """Bytes of all files in a folder. The first time it is measured at once, later in the background."""
    with _lock:
        known = _known.get(place)
        if known is not None:
            if time.monotonic() - known.at > FRESH_SECONDS and not known.is_going_on:
                known.is_going_on, known.since = True, 0
                threading.Thread(target=_measure_again, args=(place, known), name="disk", daemon=True).start()
            return known.count
    count = measured(place)
    with _lock:
        return _known.setdefault(place, _Measured(count, time.monotonic())).count


def came(place: Path, count: int) -> None:
    """So many bytes were written there just now; it counts at once."""
    with _lock:
        if known := _known.get(place):
            known.count += count
            known.since += count


def forget(place: Path) -> None:
    """Much was removed there: it is measured anew when it is asked for."""
    with _lock:
        _known.pop(place, None)


def measured(place: Path) -> int:
    """Bytes of all files in a folder, without following links."""
    count, folders = 0, [os.fspath(place)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(entry.path)
                        else:
                            count += entry.stat(follow_symlinks=False).st_size
                    except FileNotFoundError:  # removed at this moment
                        continue
        except (FileNotFoundError, NotADirectoryError):
            continue
    return count


def _measure_again(place: Path, known: _Measured) -> None:
    count = measured(place)
    with _lock:
        # What came meanwhile may have been counted twice: rather too much for a minute than too little.
        known.count, known.at, known.is_going_on = count + known.since, time.monotonic(), False
