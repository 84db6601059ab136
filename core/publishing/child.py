"""The process that publishes: one JSON record says what and as whom, and records come back, one a line.

``tell`` is how far it is; the last is ``done``, after the Hub has confirmed it, or ``error``. The process ends when its
input does, in the middle of a file too.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from core.said import packed

_OFTEN = 0.1
"""Seconds between two words on the same thing."""


Work = Callable[[dict[str, Any], Callable[..., None]], Any]
"""Does what the record says, telling how far it is, and returns what is to be answered."""


def main(work: Work) -> int:
    """Do one thing for the app, as whoever the record names."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no reply
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_the_app, daemon=True).start()
    _say(replies, _answer(job, replies, work))
    return 0


def publish(job: dict[str, Any], tell: Callable[..., None]) -> Any:
    """Publish once."""
    from core.publishing.patience import Patience
    from core.publishing.push import push
    from core.publishing.types import Publishing
    from core.runs import Run

    wanted = Publishing(**{**job["wanted"], "include": tuple(job["wanted"]["include"])})
    return asdict(push(Run(Path(job["run"])), wanted, tell, Patience(**job["patience"])))


def _answer(job: dict[str, Any], replies: IO[str], work: Work) -> dict[str, Any]:
    from core.errors import explain
    from core.hub import identity
    from core.publishing.patience import Patience, bear

    identity.become(identity.Identity.of(job["identity"]))
    bear(Patience(**job["patience"]))
    last: tuple[float, Any] = (0.0, None)

    def tell(*how_far: Any) -> None:
        nonlocal last
        about = how_far[:2]
        if last[1] != about or time.monotonic() - last[0] >= _OFTEN:
            last = (time.monotonic(), about)
            _say(replies, packed({"tell": how_far}))

    try:
        return {"done": work(job, tell)}
    except Exception as exc:
        error = explain(exc)
        return {"error": error.as_record()}


def _leave_with_the_app() -> None:
    sys.stdin.read()
    os._exit(0)


def _say(replies: IO[str], record: dict[str, Any]) -> None:
    replies.write(json.dumps(record) + "\n")
    replies.flush()


if __name__ == "__main__":
    sys.exit(main(publish))
