"""Run example code as somebody else would: in a Python that knows nothing of this project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_DRIVER = """
import contextlib, io, json, sys, types

done = []
for program in json.load(sys.stdin):
    space, printed = {"__name__": "example"}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program["code"], program["name"], "exec"), space)
        said = [space["answer"](*asked) for asked in program["asked"]]
        said = [list(one)[-1] if isinstance(one, types.GeneratorType) else one for one in said]
    done.append({"printed": printed.getvalue(), "said": said, "thresholds": space.get("THRESHOLDS")})
assert not {"core", "ui", "tests"} & set(sys.modules)
print(json.dumps(done))
"""


def run_all(programs: Sequence[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Each ``{"name", "code", "asked"}`` in a fresh namespace of one process: what it ``printed``, and what its
    ``answer`` ``said`` to each list of arguments. ``folder`` is where it runs.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", _DRIVER],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found
