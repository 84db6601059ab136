"""A run's state is what its folder says, whoever asks and whatever happened."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core import events, locks, machine, runs
from core.errors import RunError
from core.runs import State
from core.studio import Studio
from core.worker import EXIT_TAKEN
from tests import light_worker
from tests.making import PROJECT, config, lock_held, run_with, started, stepped

FINISHED = events.Finished(train_runtime_s=1.0)
FAILED = events.Failed(title="a", advice="b", cause="c")


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        ((), State.QUEUED),
        ((started(), stepped(1)), State.INTERRUPTED),
        ((started(), stepped(1), FINISHED), State.FINISHED),
        ((started(), FAILED), State.FAILED),
        ((started(), events.Stopped(step=3, has_model=True)), State.STOPPED),
        ((started(), FAILED, started()), State.INTERRUPTED),
    ],
)
def test_the_state_follows_from_the_events(happened: tuple[events.Event, ...], state: State) -> None:
    assert run_with(*happened).state is state


def test_a_held_lock_means_running_and_a_killed_holder_means_interrupted() -> None:
    run = run_with(started(), stepped(1))
    with lock_held(run.lock_path) as holder:
        assert run.state is State.RUNNING
        holder.kill()
        holder.wait()
        assert run.state is State.INTERRUPTED


def test_two_workers_cannot_hold_one_run() -> None:
    run = run_with()
    with lock_held(run.lock_path):
        assert locks.acquire(run.lock_path, timeout=0.1) is None
    free = locks.acquire(run.lock_path, timeout=0.1)
    assert free is not None
    free.close()


def test_a_stop_asked_for_while_it_waits_takes_it_out_of_the_queue() -> None:
    run = run_with()
    run.stop_path.touch()
    assert run.state is State.STOPPED


def test_events_that_cannot_be_understood_are_never_taken_for_a_run_that_waits() -> None:
    run = run_with()
    run.events_path.write_text('{"v": 99, "kind": "hovered"}\n')
    assert run.state is State.INTERRUPTED and not run.is_wanted


def test_a_worker_is_wanted_once() -> None:
    run = run_with()
    assert run.is_wanted
    done = run_with(started(), FINISHED)
    assert not done.is_wanted
    done.again_path.touch()
    assert done.is_wanted
    shutil.rmtree(run.path)
    assert not run.is_wanted


def test_a_worker_that_comes_late_to_a_finished_run_leaves_it_alone() -> None:
    run = run_with(started(), FINISHED)
    before = run.events_path.read_bytes()
    job = json.dumps({"job": "train", "run": str(run.path)}) + "\n"
    late = subprocess.run([sys.executable, "-m", "core.worker"], cwd=PROJECT, input=job, text=True)
    assert late.returncode == EXIT_TAKEN
    assert run.events_path.read_bytes() == before and run.state is State.FINISHED


def test_a_run_that_was_stopped_while_its_worker_was_on_the_way_never_begins() -> None:
    run = run_with()
    Studio().stop(run.id, "nothing")
    assert not run.is_wanted
    worker = light_worker.start(machine.devices()[0])
    worker.communicate(json.dumps({"run": str(run.path), "device": "cpu"}) + "\n")
    assert worker.returncode == EXIT_TAKEN and run.state is State.STOPPED
    assert not run.events_path.exists(), "whoever deletes it now is not told that it still goes"
    Studio().again(run.id)
    assert run.is_wanted and run.state is State.QUEUED


@pytest.mark.parametrize("text", ["version: 9\ntask: x\n", "a: [", "just words", ""])
def test_a_run_that_cannot_be_read_is_a_line_that_can_be_deleted(text: str) -> None:
    readable, broken = run_with(started(), FINISHED), run_with()
    (broken.path / "config.yaml").write_text(text)
    studio = Studio()
    lines = {line.id: line for line in studio.runs()}
    assert lines[broken.id].state is State.UNREADABLE and lines[broken.id].problem
    assert lines[readable.id].state is State.FINISHED
    studio.delete(broken.id)
    assert [line.id for line in studio.trash()] == [broken.id]


def test_asking_again_queues_a_run_that_is_over() -> None:
    run = run_with(started(), FAILED)
    run.again_path.touch()
    assert run.state is State.QUEUED


def test_a_copied_folder_tells_the_same_truth() -> None:
    run = run_with(started(), stepped(1), FINISHED)
    copied = shutil.copytree(run.path, run.path.with_name("2020-01-01-quiet-owl"))
    assert runs.find(copied.name).state is State.FINISHED
    assert runs.find(copied.name).config == run.config


def test_a_config_comes_back_from_its_folder() -> None:
    wanted = config(learning_rate=3e-5)
    assert runs.create(wanted).config == wanted


@pytest.mark.parametrize("name", ["..", "../runs", "2026-11-22-brave-otter/..", "/etc", "", "2026-11-22-Brave-otter"])
def test_an_id_cannot_name_a_place_outside_the_home(name: str) -> None:
    with pytest.raises(RunError):
        runs.find(name)
    with pytest.raises(RunError):
        runs.restore(name)


def test_a_run_can_be_renamed_and_get_its_own_name_back() -> None:
    run = run_with()
    run.rename("  Söme <b>name</b> ")
    assert run.name == "Söme <b>name</b>"
    run.rename("")
    assert run.name == "a test"


def test_deleting_can_be_undone_until_the_trash_is_emptied() -> None:
    run = run_with(started(), FINISHED)
    runs.move_to_trash(run)
    assert runs.all_runs() == [] and [gone.id for gone in runs.trashed()] == [run.id]
    assert runs.restore(run.id).state is State.FINISHED
    runs.move_to_trash(run)
    assert runs.empty_trash() == 1
    with pytest.raises(RunError):
        runs.restore(run.id)


def test_a_running_run_is_not_deleted() -> None:
    run = run_with(started())
    with lock_held(run.lock_path), pytest.raises(RunError, match="still going"):
        runs.move_to_trash(run)
    assert run.path.is_dir()


def test_a_folder_without_a_config_is_not_a_run(home: Path) -> None:
    (home / "runs").mkdir()
    (home / "runs" / "2026-11-22-brave-otter").mkdir()
    assert runs.all_runs() == []
