"""Processes that answer in JSON records, one a line, and end when their input does: how they are started and ended."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Mapping

from core.spares import PROJECT, environment


def start(module: str, facts: Mapping[str, str] | None = None, quiet: bool = True) -> subprocess.Popen[str]:
    """Run a module in a session of its own, with text pipes. ``facts`` are its environment variables.

    ``quiet``: what its libraries print is thrown away, instead of going where the app's own words go.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=PROJECT,
        env=dict(facts) if facts is not None else environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def end(process: subprocess.Popen[str]) -> None:
    """End it at once, in the middle of an answer too, and clear up after it."""
    assert process.stdin is not None and process.stdout is not None
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):  # half a question was left in the pipe
        process.stdin.close()
    process.stdout.close()
