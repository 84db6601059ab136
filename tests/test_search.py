"""A search is driven by what its journal and its runs say, whoever drives it and however often that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import events, orders, runs
from core.errors import RunError
from core.runs import State
from core.search.driver import Driver
from core.search.table import SearchView
from core.studio import Studio
from tests.making import PROJECT, config, lock_held, reviews, started, stepped, write_csv
from tests.searched import BATCH, RATE, Bench, checks, planned, search


@pytest.fixture
def studio() -> Iterator[Studio]:
    """A door that starts nothing: what workers would write is written by the tests."""
    door = Studio()
    yield door
    door.close()


def states(view: SearchView) -> list[str]:
    return [trial.state for trial in view.trials]


def test_trials_follow_each_other_and_the_best_check_wins(studio: Studio) -> None:
    bench = Bench(studio, n_trials=3, pruning=False)
    assert bench.newest().config.origin.search == bench.id and bench.view.trials[0].is_beginning
    assert bench.newest().config.training.learning_rate == config().training.learning_rate
    bench.finishes(0.5, 0.7, 0.6)
    bench.finishes(0.9, 0.2)
    assert studio.summary(bench.newest().id).state is State.QUEUED
    bench.finishes(0.8)
    view = bench.view
    assert (view.state, states(view), view.counted) == ("finished", ["finished"] * 3, 3)
    assert [trial.value for trial in view.trials] == [0.7, 0.9, 0.8] and view.best == 1
    best = studio.best_config(bench.id)
    assert best.training.learning_rate == view.trials[1].values[0] and best.origin.kind == ""
    assert len(runs.all_runs()) == 3
    studio.delete_search(bench.id)
    assert len(runs.all_runs()) == 3 and studio.searches() == []


def test_a_trial_that_falls_behind_is_cancelled_and_counts(studio: Studio) -> None:
    bench = Bench(studio, n_trials=4)
    bench.finishes(0.5, 0.7)
    bench.finishes(0.6, 0.8)
    with lock_held(bench.newest().lock_path):
        bench.happens(started(), planned(), stepped(9), *checks(0.56))
        assert not bench.newest().stop_path.exists(), "it does better than the middle of the others"
        bench.happens(*checks(0.56, 0.6)[1:])
        assert orders.kept_of(bench.newest()) == "nothing" and bench.newest().stop_path.exists()
    bench.happens(events.Stopped(step=20, has_model=False))
    assert states(bench.view) == ["finished", "finished", "pruned", "queued"] and bench.view.counted == 4


def test_a_driver_that_was_killed_at_any_moment_is_mended_by_the_next(studio: Studio) -> None:
    bench = Bench(studio, n_trials=3)
    bench.driver.close()
    first = bench.newest()
    journal = bench.folder.journal_path
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:7])  # killed while it wrote down which run it had started
    bench.driver = Driver(studio, bench.id)
    bench.driver.look()
    assert bench.newest() == first and len(runs.all_runs()) == 1
    bench.finishes(0.5)
    bench.driver.close()
    run = bench.newest()
    runs.move_to_trash(run)
    bench.driver = Driver(studio, bench.id)
    bench.driver.look()
    assert (
        states(bench.view) == ["finished", "stopped", "queued"]
        and bench.view.trials[1].reason == "Its run was deleted."
    )
    assert bench.view.counted == 2


def test_a_cut_off_run_is_taken_up_once(studio: Studio) -> None:
    bench = Bench(studio, n_trials=2)
    bench.happens(started(), planned(), *checks(0.4))
    run = bench.newest()
    assert run.state is State.QUEUED and run.again_path.exists()
    run.again_path.unlink()
    bench.happens(started(resumed_from_step=10), *checks(0.4, 0.9)[1:])
    assert states(bench.view) == ["failed", "queued"]
    assert bench.view.trials[0].reason == "The training process was cut off twice."


def test_a_search_whose_trials_all_fail_gives_up_and_says_why(studio: Studio) -> None:
    bench = Bench(studio)
    for _ in range(3):
        bench.happens(started(), events.Failed(title="The table is gone.", advice="", cause=""))
    assert bench.view.state == "failed" and bench.view.problem == "The table is gone." and len(bench.view.trials) == 3
    with pytest.raises(RunError):
        studio.best_config(bench.id)


def test_it_is_stopped_and_goes_on_and_a_stopped_trial_is_not_counted(studio: Studio) -> None:
    bench = Bench(studio, n_trials=2)
    with pytest.raises(RunError):
        studio.delete_search(bench.id)
    studio.stop_search(bench.id)
    bench.driver.look()
    assert bench.newest().state is State.STOPPED
    bench.driver.look()
    assert (bench.view.state, states(bench.view), bench.view.counted) == ("stopped", ["stopped"], 0)
    studio.go_on_search(bench.id)
    bench.driver.look()
    assert (bench.view.state, states(bench.view)) == ("running", ["stopped", "queued"])


def test_minutes_at_work_are_a_budget_too(studio: Studio) -> None:
    bench = Bench(studio, n_trials=None, minutes=2.0)
    now = time.time()
    for begin in (0, 70):
        ended = events.Finished(train_runtime_s=69.0, time=now + begin + 69)
        begun = events.Started(device="CPU", threads=1, versions={}, time=now + begin)
        bench.happens(begun, planned(), *checks(0.5), ended)
    assert (bench.view.state, states(bench.view)) == ("finished", ["finished"] * 2)
    assert bench.view.seconds == pytest.approx(138)


def test_a_grid_is_tried_whole_and_no_further(studio: Studio) -> None:
    bench = Bench(studio, n_trials=50, sampler="grid")
    studio.stop(bench.newest().id)
    bench.driver.look()
    for _ in range(6):
        bench.finishes(0.5)
    view = bench.view
    assert (view.state, view.counted, view.n_trials) == ("finished", 6, 6)
    assert states(view) == ["stopped"] + ["finished"] * 6
    assert len({trial.values for trial in view.trials}) == 6, "what was stopped before its first check is tried again"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_eight_trials_survive_a_kill_in_the_middle(studio: Studio, tiny_bert: Path, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(60))
    base = config(source, tiny_bert, num_train_epochs=2, learning_rate=1e-3)
    wanted = tmp_path / "search.yaml"
    wanted.write_text(search(RATE | {"low": 1e-4, "high": 3e-2}, BATCH, base=base).to_yaml(), encoding="utf-8")

    def searching(what: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "core.cli", "search", str(what), "--json"]
        return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True)

    first = searching(wanted)
    deadline = time.monotonic() + 400
    while not (found := studio.searches()) or sum(bool(trial.run) for trial in found[0].trials) < 4:
        assert first.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    second = searching(found[0].id)
    said = json.loads(second.communicate(timeout=480)[0].splitlines()[-1])
    assert second.returncode == 0 and said["state"] == "finished" and said["counted"] == 8

    view = studio.search_view(found[0].id)
    finished = [trial for trial in view.trials if trial.state == "finished"]
    assert len(view.trials) == len(runs.all_runs()) == 8 and {trial.number for trial in view.trials} == set(range(8))
    assert {trial.state for trial in view.trials} <= {"finished", "pruned"}
    for trial in view.trials:
        assert trial.run and studio.summary(trial.run).state in (State.FINISHED, State.STOPPED)
        assert studio.config(trial.run).origin.trial == trial.number
    best = next(trial for trial in view.trials if trial.number == view.best)
    assert best.value == max(trial.value or 0 for trial in finished) and view.test is not None
    assert studio.best_config(view.id).training.learning_rate == best.values[0]
