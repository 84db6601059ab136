"""Workers that stand ready: one that died is replaced, and nothing of them stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from core import events, home, machine, runs, supervisor
from core import spares as all_spares
from core.machine import Device
from core.runs import State
from core.spares import PROJECT, Spares, dismiss, startup_log
from core.studio import Studio
from tests import light_worker, processes
from tests.making import config, reviews, stepped, write_csv

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(all_spares.SPARE)


def test_none_is_kept_where_nobody_wants_one(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Device] = []
    monkeypatch.setattr(all_spares, "_start", begun.append)
    monkeypatch.setenv(all_spares.SPARE, "0")
    Spares().warm()
    assert begun == []


@pytest.fixture
def spares() -> Iterator[Spares]:
    made = Spares()
    yield made
    made.close()


def workers() -> list[psutil.Process]:
    return processes.living("core.worker")


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


def test_no_more_than_one_waits_and_none_where_memory_is_short(spares: Spares, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory_available", lambda: all_spares.ROOM_BYTES)
    spares.warm()
    assert workers() == []

    monkeypatch.setattr(machine, "memory_available", lambda: all_spares.ROOM_BYTES + 1)
    spares.warm()
    spares.warm()
    (waiting,) = workers()
    monkeypatch.setattr(machine, "memory_available", lambda: all_spares.ROOM_BYTES // 2)
    spares.tidy()
    assert workers() == [waiting]
    monkeypatch.setattr(machine, "memory_available", lambda: all_spares.ROOM_BYTES // 2 - 1)
    spares.tidy()
    assert workers() == [] and logs() == []


class TestAnotherTakesItsPlace:
    @pytest.fixture
    def begun(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[str]]]:
        """The workers of an app that were started."""
        begun: list[subprocess.Popen[str]] = []

        def start(device: Device) -> subprocess.Popen[str]:
            begun.append(light_worker.start(device))
            return begun[-1]

        monkeypatch.setattr(all_spares, "_start", start)
        monkeypatch.setattr(supervisor, "CALM_SECONDS", 0.0)
        monkeypatch.setattr(supervisor, "LOOK_EVERY", 0.05)
        yield begun
        for process in begun:
            process.wait(timeout=60)

    @pytest.mark.parametrize("only", [None, "the run"])
    def test_when_the_run_has_made_its_first_step_and_another_waits(
        self, only: str | None, begun: list[subprocess.Popen[str]]
    ) -> None:
        studio = Studio()
        first, second = (runs.find(studio.start(config())) for _ in range(2))
        studio.open(first.id if only else None)
        wait_until(lambda: first.state is State.RUNNING)
        time.sleep(0.5)
        assert len(begun) == 1, "the first steps come first"

        log = events.EventLog(first.events_path)
        log.append(stepped(1))
        log.close()
        if only:
            time.sleep(0.5)
            assert len(begun) == 1, "nobody waits for more than this run"
        else:
            wait_until(lambda: len(begun) == 2)
        studio.stop(first.id, "nothing")
        if not only:
            wait_until(lambda: second.state is State.RUNNING)
            assert len(begun) == 2, "the one that stood ready took it"
            studio.stop(second.id, "nothing")
        wait_until(lambda: first.state.is_over)
        studio.close()


def test_a_click_imports_next_to_nothing_and_a_spare_holds_no_accelerator(tiny_bert: Path, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(40))
    run = runs.create(config(table, tiny_bert, max_steps=1))
    code = f"""
import gc, sys
from pathlib import Path
from core import events, worker
from core.runs import Run
worker.warm_up()
ready = set(sys.modules)
import torch
print(torch.cuda.is_initialized(), gc.isenabled(), gc.get_freeze_count() > 100_000, len(gc.get_objects()) < 100_000)
class Stepped(BaseException): pass
class Log(events.EventLog):
    def append(self, event):
        super().append(event)
        if isinstance(event, events.Stepped): raise Stepped
from core.training import job
try: job.train(Run(Path({str(run.path)!r})), Log(Path({str(run.events_path)!r})))
except Stepped: print(len(set(sys.modules) - ready))
"""
    found = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    facts, imported = found.stdout.splitlines()
    assert facts == "False True True True"
    assert int(imported) < 50, "of about 5,000 that it stands on"


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
