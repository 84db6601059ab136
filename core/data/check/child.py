"""The data check in a process of its own: a config comes in as JSON, with whoever asks; news go out, one JSON record a
line.

It ends when its input does, so that it never outlives the app or the page that asked.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from core.config import validate
from core.data.check import Subject, run_checks
from core.data.parts import share_out
from core.errors import explain
from core.hub.identity import Identity, become
from core.tasks import TASKS


def main() -> int:
    """Check the config that the first line of the input holds, asking the Hub as it says there."""
    asked = sys.stdin.readline()
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    try:
        question = json.loads(asked)
        become(Identity.of(question["asker"]))
        config = validate(question["config"])
        subject = Subject(config, TASKS[config.task], share_out(config))
        for news in run_checks(subject):
            _say(news.as_record())
        _say({"end": True})
    except Exception as exc:
        error = explain(exc)
        _say({"error": error.as_record()})
        return 1
    return 0


def _say(record: dict[str, object]) -> None:
    print(json.dumps(record, default=str), flush=True)


def _end_with_the_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
