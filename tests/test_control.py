"""A run that is steered while it goes on: it rests, checks and saves when asked, and stops as it is told."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events, live, orders, runs
from core.cli import main
from core.config import RunConfig
from core.orders import Kept
from core.runs import Run, State
from tests.making import config, lock_held, reviews, run_with, started, stepped, write_csv

STEPS = 7
"""Optimizer steps of an epoch."""


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """A run takes over signals of its process; here that is the tests' own."""
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGUSR1)}
    yield
    assert signal.getsignal(signal.SIGUSR1) == before[signal.SIGUSR1], "a run gives it back"
    signal.signal(signal.SIGTERM, before[signal.SIGTERM])


class Watching(events.EventLog):
    """A log that does something when an event comes."""

    def __init__(self, run: Run, act: Callable[[events.Event], None]) -> None:
        super().__init__(run.events_path)
        self._act = act

    def append(self, event: events.Event) -> None:
        super().append(event)
        self._act(event)


def train(run: Run, act: Callable[[events.Event], None] = lambda event: None) -> None:
    from core.training import asking, job

    log = Watching(run, act)
    try:
        job.train(run, log)
    except asking.Left:
        assert run.state is State.INTERRUPTED
    finally:
        log.close()


def at(step: int, do: Callable[[], object]) -> Callable[[events.Event], None]:
    """Do something once this step is logged: it is heard at the end of the next one."""

    def act(event: events.Event) -> None:
        if isinstance(event, events.Stepped) and event.step == step:
            do()

    return act


def happened(run: Run, kind: type[events.Event]) -> list[Any]:
    return [event for event in events.read(run.events_path)[0] if isinstance(event, kind)]


def losses(run: Run) -> list[tuple[int, float | None]]:
    return [(event.step, event.loss) for event in happened(run, events.Stepped)]


@pytest.fixture
def wanted(tmp_path: Path, tiny_bert: Path) -> Callable[..., RunConfig]:
    def made(**training: Any) -> RunConfig:
        table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(80))
        settings = {"num_train_epochs": 3, "learning_rate": 1e-3, "early_stopping_patience": 0, **training}
        return config(table, tiny_bert, **settings)

    return made


@pytest.mark.slow
class TestAPause:
    def test_and_orders_leave_no_trace_in_what_is_learned(self, wanted: Callable[..., RunConfig]) -> None:
        undisturbed, run = (runs.create(wanted()) for _ in range(2))
        train(undisturbed)

        def disturb(event: events.Event) -> None:
            match event:
                case events.Stepped(step=3) | events.Stepped(step=14):  # within an epoch, and at its end
                    run.pause_path.touch()
                case events.Stepped(step=9):
                    orders.ask(run, "evaluate")
                case events.Stepped(step=11):
                    orders.ask(run, "save")
                case events.Paused():
                    assert (run.checkpoints_path / f"checkpoint-{event.step}").is_dir()
                    threading.Timer(0.5, run.pause_path.unlink).start()

        train(run, disturb)
        assert run.state is State.FINISHED and losses(run) == losses(undisturbed) and len(losses(run)) == 3 * STEPS
        assert [event.step for event in happened(run, events.Paused)] == [4, 14]
        paused = [event.paused_s for event in happened(run, events.Continued)]
        assert len(paused) == 2 and min(paused) >= 0.4
        assert [event.step for event in happened(run, events.Evaluated)] == [7, 10, 14, 21]
        saved = [event.step for event in happened(run, events.Saved)]
        assert {4, 7, 12, 14, 21} <= set(saved) and len(saved) == len(set(saved))
        assert run.report and undisturbed.report
        saving = next(event.time for event in happened(run, events.Phase) if event.name == "saving")
        whole = saving - happened(run, events.Planned)[0].time
        assert run.report["train_runtime"] <= whole - sum(paused) + 0.05, "a pause is no training"
        best = run.report["best_step"]
        assert max(happened(run, events.Evaluated), key=lambda event: event.metrics["f1_macro"]).step == best

    def test_that_ends_with_the_worker_does_not_begin_again(self, wanted: Callable[..., RunConfig]) -> None:
        run = runs.create(wanted())

        def disturb(event: events.Event) -> None:
            at(3, run.pause_path.touch)(event)
            if isinstance(event, events.Paused):
                os.kill(os.getpid(), signal.SIGTERM)

        train(run, disturb)
        orders.forget(run)
        train(run)
        assert run.state is State.FINISHED and happened(run, events.Started)[1].resumed_from_step == 4
        assert [step for step, _ in losses(run)] == list(range(1, 3 * STEPS + 1))
        assert len(happened(run, events.Paused)) == 1

    def test_hears_a_stop(self, wanted: Callable[..., RunConfig]) -> None:
        run = runs.create(wanted())

        def disturb(event: events.Event) -> None:
            at(3, run.pause_path.touch)(event)
            if isinstance(event, events.Paused):
                orders.stop(run, "best")

        train(run, disturb)
        assert run.state is State.STOPPED and run.has_model and len(losses(run)) == 4
        assert [event.step for event in happened(run, events.Evaluated)] == [4], "the best is one that was checked"

    def test_is_kept_while_the_model_is_judged_too(self, wanted: Callable[..., RunConfig]) -> None:
        run = runs.create(wanted(num_train_epochs=1))

        def disturb(event: events.Event) -> None:
            if isinstance(event, events.Phase) and event.name == "judging":
                run.pause_path.touch()
            if isinstance(event, events.Paused):
                assert run.report is None
                run.pause_path.unlink()

        train(run, disturb)
        assert run.state is State.FINISHED and run.report
        assert [event.step for event in happened(run, events.Paused)] == [STEPS]


@pytest.mark.slow
def test_checks_that_somebody_asks_for_do_not_count_against_patience(wanted: Callable[..., RunConfig]) -> None:
    run = runs.create(wanted(num_train_epochs=6, learning_rate=1e-9, early_stopping_patience=2))

    def ask(event: events.Event) -> None:
        if isinstance(event, events.Stepped) and event.step in (8, 10, 16):
            orders.ask(run, "evaluate")

    train(run, ask)
    assert [event.step for event in happened(run, events.Evaluated)] == [7, 9, 11, 14, 17, 21]
    assert happened(run, events.Finished)[0].stopped_early and not (run.path / "evaluate").exists()


@pytest.mark.slow
class TestAStop:
    @pytest.mark.parametrize(("kept", "step"), [("best", 7), ("last", 16)])
    def test_keeps_what_was_asked_for(self, wanted: Callable[..., RunConfig], kept: Kept, step: int) -> None:
        # At almost no learning rate the first check stays the best.
        run = runs.create(wanted(learning_rate=1e-9))
        train(run, at(15, lambda: orders.stop(run, kept)))
        end = happened(run, events.Stopped)[0]
        assert (end.step, end.kept, end.has_model) == (16, kept, True)
        assert run.report and run.report["kept"] == kept and run.report["best_step"] == (7 if kept == "best" else None)
        from safetensors.torch import load_file

        model, there = (
            load_file(folder / "model.safetensors")
            for folder in (run.model_path, run.checkpoints_path / f"checkpoint-{step}")
        )
        assert all((model[name] == there[name]).all() for name in model)

    @pytest.mark.parametrize("when", ["preparing", "training", "a check", "judging"])
    def test_that_keeps_nothing_ends_at_once(
        self, wanted: Callable[..., RunConfig], when: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = runs.create(wanted())

        def cancel(event: events.Event) -> None:
            if when == "training":
                at(8, lambda: orders.stop(run, "nothing"))(event)
            elif isinstance(event, events.Phase) and event.name == when:
                orders.stop(run, "nothing")
                time.sleep(60)  # long work that never looks at the folder

        if when == "a check":
            from core.training.reporter import Reporter

            def evaluated(*_: object) -> None:
                orders.stop(run, "nothing")
                time.sleep(60)

            monkeypatch.setattr(Reporter, "evaluated", evaluated)
        train(run, cancel)
        end = events.last(run.events_path)
        assert isinstance(end, events.Stopped) and not end.has_model and end.kept == "nothing"
        assert not run.has_model and run.report is None and not run.checkpoints_path.exists()
        assert end.step == {"preparing": 0, "training": 8, "a check": 7, "judging": 21}[when]

    def test_is_heard_in_the_midst_of_a_check(
        self, wanted: Callable[..., RunConfig], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from core.training.reporter import Reporter

        run, said = runs.create(wanted()), Reporter.evaluated

        def evaluated(self: Any, done: int, total: int) -> None:
            if self.step == 14:
                orders.stop(run, "best")
            said(self, done, total)

        monkeypatch.setattr(Reporter, "evaluated", evaluated)
        train(run)
        assert [event.step for event in happened(run, events.Evaluated)] == [7]
        assert run.report and run.report["best_step"] == 7 and run.has_model
        assert (run.checkpoints_path / "checkpoint-14").is_dir(), "what was learned since then is not lost"


def test_watchers_see_whether_a_run_rests_and_what_a_stop_keeps() -> None:
    run = run_with(started(), stepped(1))
    with lock_held(run.lock_path):
        run.pause_path.touch()
        assert live.tick(run)["pausing"] and not orders.is_resting(run)
        log = events.EventLog(run.events_path)
        log.append(events.Paused(step=1))
        assert live.tick(run)["paused"] and orders.is_resting(run) and run.state is State.RUNNING
        log.append(events.Continued(step=1, paused_s=3))
        log.close()
        assert "paused" not in live.tick(run)
        orders.stop(run, "last")
        assert live.tick(run)["stopping"] == "last" and "pausing" not in live.tick(run)
    assert not orders.is_resting(run)


def test_the_command_line_steers(capsys: pytest.CaptureFixture[str]) -> None:
    run, waits, other = run_with(started(), stepped(1)), run_with(), run_with()
    with lock_held(run.lock_path):
        for command, said in (("pause", "will rest"), ("evaluate", "check"), ("save", "checkpoint")):
            assert main([command, run.id]) == 0 and said in capsys.readouterr().out
            assert (run.path / command).exists()
        log = events.EventLog(run.events_path)
        log.append(events.Paused(step=1))
        log.close()
        assert main(["list", "--json"]) == 0
        assert [line["id"] for line in json.loads(capsys.readouterr().out) if line["paused"]] == [run.id]
        assert main(["continue", run.id]) == 0 and not run.pause_path.exists()
        assert main(["stop", run.id, "--keep", "last"]) == 0 and orders.kept_of(run) == "last"
    assert main(["move", other.id, "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"run": other.id, "place": 1}
    assert main(["pause", waits.id]) == 1 and "does not go on" in capsys.readouterr().err
    assert main(["retry", waits.id]) == 1 and "No change is known" in capsys.readouterr().err
    assert main(["longer", waits.id, "2"]) == 1 and "no model to go on from" in capsys.readouterr().err
