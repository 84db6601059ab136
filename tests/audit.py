"""Looks for known holes in the packages that are pinned, where the lists of them can be reached: ``make audit``.

Without a way to them this is a note and no failure: a change can be checked on a machine without a network. The tool
has an environment of its own, so that it changes nothing of what Tunesmith runs on.

Run as: ``python -m tests.audit``. The exit code is 1 only where a hole is known.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-smollm2.lock", "requirements-dev.lock")
LIST = "https://pypi.org/pypi/pip/9.0.1/json"
"""Of the same kind as the addresses that pip-audit asks, one for each package. This old version has holes that are long
known: a mirror that tells of none has no list, and its silence would read as good news.
"""
SECONDS = 10.0
PLACE = ROOT / ".make" / "audit"


def reachable(address: str = LIST) -> bool:
    """Whether the lists of known holes answer."""
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            return bool(json.load(answer).get("vulnerabilities"))
    except (OSError, ValueError, AttributeError):
        return False


def tool() -> Path | None:
    """``pip-audit``, installed where it is not yet; None where it cannot be."""
    command = PLACE / "bin" / "pip-audit"
    if not command.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
        asked = [str(PLACE / "bin" / "python"), "-m", "pip", "install", "--quiet", "pip-audit>=2.9,<3"]
        if subprocess.run(asked, check=False).returncode:
            return None
    return command


def main(address: str = LIST) -> int:
    """Ask, and say what came of it."""
    command = tool() if reachable(address) else None
    if command is None:
        print("Note: the lists of known holes cannot be reached from here, so the pinned packages were not audited.")
        print("Run 'make audit' once more on a machine with a way to pypi.org.")
        return 0
    locks = [word for lock in LOCKS for word in ("--requirement", str(ROOT / lock))]
    return subprocess.run([str(command), "--no-deps", "--disable-pip", *locks], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
