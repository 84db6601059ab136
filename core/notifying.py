"""Telling somebody that a run is over: a web address, or a command on this machine.

A process of its own does it, so that a slow address holds up neither the end of the run nor the next one: started by
the worker after the last event, or by the supervisor where a worker died without one. What fails is said in the run's
technical log; the events end with the end.

Run as: ``python -m core.notifying /path/to/runs/2026-11-22-brave-otter``
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core import events, outside, permissions
from core.runs import Run

TIMEOUT = 5.0
"""Seconds that a web address has to take the connection, and then to answer."""
_SECRET = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""What a command is not to see of the environment."""


def tell(run: Run) -> subprocess.Popen[bytes] | None:
    """Start the telling, where somebody is to be told; nobody has to wait for it."""
    from core.spares import PROJECT, environment

    wanted = run.config.notify
    if not (wanted.webhook or wanted.command):
        return None
    facts = {name: value for name, value in environment().items() if name not in _SECRET}
    with open(run.log_path, "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core.notifying", str(run.path)],
            cwd=PROJECT,
            env=facts,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def told(run: Run) -> dict[str, Any]:
    """What a web address gets: ``value`` is the main mark on the test part, ``seconds`` those of training."""
    from core.summaries import summarise

    line, report, end = summarise(run), run.report or {}, events.last(run.events_path)
    return {
        "run": run.id,
        "name": line.name,
        "task": line.task,
        "state": end.kind if isinstance(end, events.ENDINGS) else "interrupted",
        "metric": line.metric_label,
        "value": line.metric,
        "verdict": report.get("verdict", ""),
        "problem": end.title if isinstance(end, events.Failed) else "",
        "seconds": line.seconds,
    }


def post(url: str, record: dict[str, Any]) -> str:
    """Send it, to the public web alone (``core.outside``).

    Returns what went wrong, in words that do not hold the address: its path may be a secret.
    """
    headers = {"Content-Type": "application/json", "User-Agent": "tunesmith"}
    asked = urllib.request.Request(url, json.dumps(record).encode(), headers, method="POST")
    try:
        with outside.opener().open(asked, timeout=TIMEOUT):
            return ""
    except OSError as exc:
        reason = getattr(exc, "reason", None)
        why = str(reason if isinstance(reason, OSError) else exc)
    except (ValueError, HTTPException) as exc:  # what these say may hold the address
        why = type(exc).__name__
    return f"{urlsplit(url).hostname} was not told that the run is over: {why}"


def run_command(command: str, run: Run, record: dict[str, Any]) -> str:
    """Run it in the run's folder, without a shell. Returns what went wrong."""
    if not permissions.allows("command"):
        return "The command was not run: Tunesmith was started without --allow command."
    facts = {"TUNESMITH_RUN": run.id, "TUNESMITH_STATE": record["state"], "TUNESMITH_NAME": record["name"]}
    try:
        code = subprocess.run(
            shlex.split(command), cwd=run.path, env={**os.environ, **facts}, stdin=subprocess.DEVNULL, check=False
        ).returncode
    except (OSError, ValueError) as exc:
        return f"The command could not be run: {exc}"
    return f"The command ended with exit code {code}." if code else ""


def main(folder: str) -> int:
    """Tell all that the run's settings name. The exit code is 0 only when all were told."""
    run = Run(Path(folder))
    wanted, record = run.config.notify, told(run)
    said = [
        post(wanted.webhook, record) if wanted.webhook else "",
        run_command(wanted.command, run, record) if wanted.command else "",
    ]
    for words in filter(None, said):
        print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr)
    return 1 if any(said) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
