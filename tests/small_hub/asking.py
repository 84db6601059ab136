"""Run code against a small Hub in a process of its own: the clients read their settings when they are imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from tests.small_hub.server import SmallHub

ROOT = Path(__file__).resolve().parent.parent.parent


def ask(hub: SmallHub, folder: Path, code: str, *, token: str = "", **env: str) -> Any:
    """What the code leaves in ``answer``, as JSON has it. ``folder`` is the HF_HOME of the process."""
    lines = ["import json", textwrap.dedent(code), "print('\\n' + json.dumps(answer, default=vars))"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=ROOT,
        env=os.environ | hub.environment(folder, token) | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
