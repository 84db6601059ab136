"""The process that publishes one save of a run that goes on: one JSON record says what, one comes back.

``{"do": "check"}`` only looks whether that may be done. The answer is ``done`` or ``error``, which may be ``passing``:
worth another try later. The process ends when its input does, in the middle of a file too.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any


def main() -> int:
    """Answer once."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no reply
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_the_run, daemon=True).start()
    replies.write(json.dumps(_work(job)) + "\n")
    replies.flush()
    return 0


def _work(job: dict[str, Any]) -> dict[str, Any]:
    from core.hub import identity
    from core.hub.failures import explained, is_passing, offline
    from core.models.hub import reachable
    from core.publishing.patience import Patience, bear

    repo = job["wanted"]["repo"]
    identity.become(identity.Identity.of(job["identity"]))
    passing = True
    try:
        if not reachable():
            raise offline()
        patience = Patience(**job["patience"])
        bear(patience)
        return {"done": _do(job, patience)}
    except Exception as exc:
        passing = is_passing(exc) or str(exc) == str(offline())
        error = explained(exc, repo, "writing")
        return {"error": error.as_record(), "passing": passing}


def _do(job: dict[str, Any], patience: Any) -> str:
    from core.publishing.place import Repository
    from core.publishing.saves import check, items_of_save, send
    from core.publishing.types import Publishing
    from core.runs import Run

    wanted = Publishing(**job["wanted"])
    repository = Repository(wanted)
    check(repository, wanted, patience, _quietly)
    if job["do"] == "check":
        return ""
    checkpoints = {name: Path(folder) for name, folder in job["checkpoints"].items()}
    items = items_of_save(Run(Path(job["run"])), Path(job["save"]), job["step"], checkpoints)
    return send(repository, items, wanted.message, patience, _quietly)


def _quietly(words: str) -> None:
    """Nobody watches this; the run says what became of it."""


def _leave_with_the_run() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
