"""Workers that share one start: a process that has the libraries imported forks one for each run.

Run as: ``python -m tests.forked FOLDER ...``, the folders of queued runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core import worker
from core.runs import Run
from tests.lives import born
from tests.making import PROJECT


def work_off(*runs: Run) -> None:
    """Have these runs trained to their ends, one after the other, each by a worker of its own."""
    subprocess.run([sys.executable, "-m", "tests.forked", *(str(run.path) for run in runs)], cwd=PROJECT, check=True)


if __name__ == "__main__":
    worker.warm_up()
    for folder in sys.argv[1:]:
        os.waitpid(born(Run(Path(folder))), 0)
