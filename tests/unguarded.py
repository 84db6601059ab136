"""Take each guard of ``SECURITY.md`` away and see that the test which watches it fails.

Run as:
    python -m tests.unguarded                # all of them, about twenty minutes
    python -m tests.unguarded yaml webhook   # those whose tests have one of these words in their names

Each is taken away in a copy of the program, so that nothing happens to this one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.guards import REMOVALS
from tests.removals import Removal

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = (".venv", ".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".make")
NOTHING_RAN = (2, 3, 4, 5)
"""Exit codes of pytest that say nothing of a test: interrupted, broken, used wrongly, none found."""
PATIENCE_SECONDS = 1200


def main(words: Sequence[str] = ()) -> int:
    """Exit code 1 where a test passes without its guard."""
    asked = {test: how for test, how in REMOVALS.items() if not words or any(word in test for word in words)}
    unseen = []
    with tempfile.TemporaryDirectory(prefix="tunesmith-unguarded-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "program"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        if _asked(copy, *asked, shown=None) != 0:
            print("Not all of these tests pass with their guards in place, so nothing can be told.")
            return 1
        for test, removals in asked.items():
            began = time.monotonic()
            code = _without(copy, test, removals)
            fails = code not in (0, *NOTHING_RAN)
            unseen += [] if fails else [test]
            said = "fails" if fails else f"DOES NOT FAIL (exit code {code})"
            print(f"{said}, {time.monotonic() - began:.0f} s: {test}", flush=True)
    print(f"\n{len(asked) - len(unseen)} of {len(asked)} tests fail when their guard is taken away.")
    return 1 if unseen else 0


def _without(copy: Path, test: str, removals: Sequence[Removal]) -> int:
    """What pytest says of this test (its exit code) once these guards are gone. They are put back afterwards."""
    kept = {copy / removal.file: (copy / removal.file).read_text(encoding="utf-8") for removal in removals}
    try:
        for removal in removals:
            path = copy / removal.file
            path.write_text(removal.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
        return _asked(copy, test)
    finally:
        for path, text in kept.items():
            path.write_text(text, encoding="utf-8")


def _asked(copy: Path, *tests: str, shown: int | None = subprocess.DEVNULL) -> int:
    files = sorted({f"tests/{test.partition('::')[0]}.py" for test in tests})
    names = " or ".join(test.partition("::")[2] for test in tests)
    command = [sys.executable, "-m", "pytest", "-q", "-x", *files, "-k", names]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, stdout=shown, stderr=subprocess.STDOUT,
            timeout=PATIENCE_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1  # what was to be stopped went on
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
