"""Several runs: which is next, on which device, and that none takes what another has."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from core import events, machine, queue, runs, spares
from core.control_room import ControlRoom
from core.errors import RunError
from core.machine import Device
from core.runs import Run, State
from core.studio import Studio
from tests import light_worker
from tests.making import config, lock_held, run_with


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_DEVICES", "2")
    monkeypatch.setattr(machine, "has_gpu", lambda: False)


def made(count: int) -> list[Run]:
    """Runs that wait, all made at the same moment."""
    found = [run_with() for _ in range(count)]
    for run in found:
        os.utime(run.path / "config.yaml", ns=(10**18, 10**18))
    return sorted(found, key=lambda run: run.id)


class TestTheOrder:
    def test_is_that_of_making_until_somebody_moves_one(self) -> None:
        a, b, c, d = made(4)  # at one moment: their names decide, until they have turns of their own
        assert queue.waiting() == [a, b, c, d]
        queue.move(d, 2)
        assert queue.waiting() == [a, d, b, c]
        queue.move(a, 3)
        assert queue.waiting() == [d, b, a, c]
        queue.move(c, -5)
        assert queue.waiting() == [c, d, b, a]
        queue.move(d, 99)
        assert queue.waiting() == [c, b, a, d]
        queue.move(b, 2)
        assert queue.waiting() == [c, b, a, d]
        assert run_with() == queue.waiting()[-1], "who comes new is last"

    def test_holds_however_often_it_is_changed_at_one_place(self) -> None:
        a, b, c = made(3)
        for _ in range(30):
            queue.move(c, 2)
            assert queue.waiting() == [a, c, b]
            queue.move(b, 2)
            assert queue.waiting() == [a, b, c]

    def test_is_the_one_that_every_page_shows(self) -> None:
        a, b, c = made(3)
        studio = Studio()
        studio.move(c.id, 1)
        assert {line.id: line.place for line in studio.runs()} == {c.id: 1, a.id: 2, b.id: 3}
        assert studio.summary(b.id).place == studio.live(b.id)["place"] == 3

    def test_bears_that_one_is_deleted_meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        a, b, c = made(3)
        runs.move_to_trash(b)
        assert queue.in_order([c, b, a]) == [a, c]
        monkeypatch.setattr(runs, "everyones_runs", lambda: [a, c])
        with pytest.raises(RunError, match="deleted meanwhile"):
            queue.move(b, 2)
        with lock_held(c.lock_path), pytest.raises(RunError, match="does not wait"):
            ControlRoom().move(c.id, 1)


class TestDevices:
    @pytest.mark.parametrize(
        ("visible", "most", "expected"),
        [
            (None, "", ["0", "1", "2"]),
            ("2,0", "", ["2", "0"]),
            ("GPU-8f2a,GPU-11c0", "1", ["GPU-8f2a"]),
            ("1,-1,0", "", ["1"]),
            ("1,1", "", ["1"]),
            ("", "2", [None, None]),
            ("-1", "", [None]),
        ],
    )
    def test_are_the_gpus_that_may_be_used_else_the_processor(
        self, visible: str | None, most: str, expected: list[str | None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(machine, "has_gpu", lambda: visible != "")
        monkeypatch.setattr(machine, "_count_gpus", lambda: 3)
        monkeypatch.setenv("TUNESMITH_DEVICES", most)
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible or "")
        if visible is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        assert [device.cuda for device in machine.devices()] == expected
        names = [device.name for device in machine.devices()]
        assert len(set(names)) == len(names) and names[0] == ("cpu" if expected[0] is None else f"gpu-{expected[0]}")

    def test_share_the_cores(self, two: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "cores", lambda: 9)
        assert spares.environment()["OMP_NUM_THREADS"] == "4"

    def test_are_free_when_no_worker_holds_their_lock(self, two: None) -> None:
        studio, (first, second) = Studio(), machine.devices()
        with ExitStack() as held:
            held.enter_context(lock_held(queue.device_lock(first.name)))
            assert queue.free_devices() == [second] and not studio.is_busy()
            held.enter_context(lock_held(queue.device_lock(second.name)))
            assert queue.free_devices() == [] and studio.is_busy()
        assert queue.free_devices() == [first, second]


@pytest.mark.slow
def test_a_worker_sees_the_gpu_that_it_is_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(spares.SPARE)
    one, other, idle = Device("gpu-0", "0"), Device("gpu-1", "1"), spares.Spares()
    idle.warm(one)
    took = [idle.take("train", tmp_path, device) for device in (one, other)]
    idle.warm(one)
    waited = idle._idle
    took.append(idle.take("train", tmp_path, other))
    try:
        assert [gpu_of(process) for process in took] == ["0", "1", "1"]
        assert waited is not None and waited.poll() is not None, "the one that waited for another GPU was sent home"
    finally:
        for process in took:
            process.kill()
            spares.dismiss(process)


def gpu_of(process: subprocess.Popen[str]) -> str:
    """The GPU that a process sees, from its environment."""
    while not (found := psutil.Process(process.pid).environ()):
        time.sleep(0.01)  # it is about to become another program
    return found["CUDA_VISIBLE_DEVICES"]


class TestSideBySide:
    @pytest.fixture
    def studios(self, two: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Studio]]:
        """Two apps on one home."""

        begun: list[subprocess.Popen[str]] = []

        def start(device: Device) -> subprocess.Popen[str]:
            begun.append(light_worker.start(device))
            return begun[-1]

        monkeypatch.setattr(spares, "_start", start)
        both = [Studio().open(), Studio().open()]
        yield both
        for studio in both:
            studio.close()
        for process in begun:
            process.wait(timeout=60)

    def test_two_go_on_and_the_next_one_waits_its_turn(self, studios: list[Studio]) -> None:
        found = [runs.find(studios[0].start(config())) for _ in range(4)]
        last, third = found[2:]
        studios[0].move(third.id, 3)
        wait_until(lambda: [run.state for run in found[:2]] == [State.RUNNING, State.RUNNING])
        assert queue.waiting() == [third, last] and queue.free_devices() == [] and studios[1].is_busy()
        assert studios[1].summary(last.id).place == 2

        studios[1].stop(found[0].id, "nothing")
        wait_until(lambda: third.state is State.RUNNING)
        assert found[0].state is State.STOPPED and found[1].state is State.RUNNING
        for run in (found[1], third, last):
            studios[1].stop(run.id, "nothing")
        wait_until(lambda: all(run.state.is_over for run in found) and len(queue.free_devices()) == 2)
        begun = [[event.kind for event in events.read(run.events_path)[0]] for run in found]
        assert begun[:2] + begun[3:] == [["started", "stopped"]] * 3, "none was begun twice"
        assert begun[2] in ([], ["started", "stopped"]), "stopped while it waited, or just as it began"


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
