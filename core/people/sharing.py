"""A run that its owner lets others read by a link: ``shared.json`` in its folder, with a hash of what the link holds.

Whoever has the link may read; the link itself is kept nowhere, so that nobody who reads a folder can make one of it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path

from core import home
from core.runs import Run, is_id, write_atomically

FILE = "shared.json"


def share(run: Run) -> str:
    """Make a link: what stands in it. One that was made before leads nowhere from now on."""
    token = secrets.token_urlsafe(32)
    write_atomically(run.path / FILE, json.dumps({"hash": _mark(token)}))
    return token


def withdraw(run: Run) -> None:
    """Let the link lead nowhere any more."""
    (run.path / FILE).unlink(missing_ok=True)


def is_shared(run: Run) -> bool:
    return (run.path / FILE).exists()


def owner_of(run_id: str, token: str) -> Path | None:
    """The home of the run that this link leads to; None where it leads nowhere."""
    if not is_id(run_id) or not token:
        return None
    for place in home.everyones():
        run = place / "runs" / run_id
        kept = _kept(run)
        if kept and (run / "config.yaml").is_file() and hmac.compare_digest(kept, _mark(token)):
            return place
    return None


def _kept(run: Path) -> str:
    try:
        return str(json.loads((run / FILE).read_text(encoding="utf-8"))["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _mark(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
