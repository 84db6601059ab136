"""Workers that stand ready: one that died is replaced, and nothing of them stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core import home
from core.spares import Spares, dismiss, startup_log

pytestmark = pytest.mark.slow


@pytest.fixture
def spares() -> Iterator[Spares]:
    made = Spares()
    yield made
    made.close()


def workers() -> list[psutil.Process]:
    children = psutil.Process().children()
    end = time.monotonic() + 2
    # A process that has only just begun has no command line for a moment.
    while any(not child.cmdline() and child.status() != psutil.STATUS_ZOMBIE for child in children):
        assert time.monotonic() < end
        time.sleep(0.01)
    return [child for child in children if "core.worker" in child.cmdline()]


def logs() -> list[Path]:
    return sorted(home.logs_dir().iterdir())


def test_a_spare_that_died_is_replaced_when_its_turn_comes(spares: Spares, tmp_path: Path) -> None:
    spares.warm()
    (waiting,) = workers()
    waiting.send_signal(signal.SIGKILL)
    psutil.wait_procs([waiting], timeout=0.5)  # dead, whether it was seen or not

    process = spares.take("train", tmp_path)

    assert process.poll() is None and process.pid != waiting.pid
    assert logs() == [startup_log(process)], "the dead one's log went with it"
    dismiss(process)
    assert logs() == []


def test_a_worker_that_is_already_dead_is_dismissed_like_any_other(spares: Spares, tmp_path: Path) -> None:
    process = spares.take("train", tmp_path)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # over, and not yet seen
    assert process.stdin is not None
    process.stdin.write("a word that nobody reads any more")

    dismiss(process)

    assert process.returncode == -signal.SIGKILL and process.stdin.closed
    dismiss(process)
    assert logs() == []


def test_what_an_app_that_was_killed_left_is_swept(spares: Spares) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    old = [home.logs_dir() / f"worker-{gone.pid}.log", home.logs_dir() / f"worker-{gone.pid}-12345.log"]
    kept = [home.logs_dir() / f"worker-{os.getpid()}.log", home.logs_dir() / "notes.txt"]
    for path in (*old, *kept):
        path.touch()

    spares.warm()

    assert all(path.exists() for path in kept) and not any(path.exists() for path in old)
    assert logs() == sorted([*kept, home.logs_dir() / f"worker-{workers()[0].pid}.log"])


def test_words_of_workers_lie_outside_what_is_served(spares: Spares) -> None:
    spares.warm()

    assert len(logs()) == 1
    assert list(home.temp_dir().iterdir()) == []
