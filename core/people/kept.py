"""What a team's app keeps for all of them: small JSON files in ``team/`` of the shared folder, for its owner's eyes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import home
from core.errors import StudioError
from core.runs import write_atomically
from core.said import said

_changing = threading.RLock()
_read: dict[Path, tuple[tuple[int, int], dict[str, Any]]] = {}


def folder() -> Path:
    """Where they lie; nobody else of this machine may look inside."""
    place = home.root() / "team"
    if not place.is_dir():
        place.mkdir(mode=0o700, exist_ok=True)
    return place


def read(name: str) -> dict[str, Any]:
    """What a file holds; empty where there is none. It is read again when it changes: do not change what you get.

    Raises ``StudioError`` for what is not such a file, so that nothing is taken for nothing.
    """
    path = folder() / name
    try:
        status = path.stat()
        stamp = status.st_mtime_ns, status.st_size
        known = _read.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it is no record")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise StudioError(
            said("The file {name} in the folder “team” cannot be read.", name=name),
            said("Whoever runs this app can mend it, or take it away: then it begins anew."),
            cause=f"{type(exc).__name__}: {exc}",
        ) from exc
    _read[path] = stamp, found
    return found


def change(name: str, by: Callable[[dict[str, Any]], None]) -> None:
    """Change what a file holds: ``by`` gets a copy of it. Whole or not at all, one after the other."""
    with _changing:
        found = json.loads(json.dumps(read(name)))
        by(found)
        path = folder() / name
        write_atomically(path, json.dumps(found, ensure_ascii=False), 0o600)
        _read.pop(path, None)
