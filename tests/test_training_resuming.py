"""A run that was interrupted, or stopped while its model was judged, ends as if it had not been."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events, runs
from core.config import RunConfig, validate
from core.runs import Run, State
from tests.making import config, reviews, write_csv

pytestmark = pytest.mark.slow

STEPS = 7
"""Optimizer steps of an epoch."""


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


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

    run.stop_path.unlink(missing_ok=True)
    log = Watching(run, act)
    try:
        job.train(run, log)
    except asking.Left:
        assert run.state is State.INTERRUPTED
    finally:
        log.close()


def happened(run: Run, kind: type[events.Event]) -> list[Any]:
    return [event for event in events.read(run.events_path)[0] if isinstance(event, kind)]


def judging(run: Run) -> Callable[[events.Event], None]:
    """Ask for a stop as soon as the trained model is judged."""

    def act(event: events.Event) -> None:
        if isinstance(event, events.Phase) and event.name == "judging":
            run.stop_path.touch()

    return act


@pytest.fixture
def wanted(tmp_path: Path, tiny_bert: Path) -> Callable[..., RunConfig]:
    """The config of a run that gets no better: of all checks the first is the best."""

    def made(**training: Any) -> RunConfig:
        table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(80))
        return config(table, tiny_bert, **{"num_train_epochs": 6, "learning_rate": 1e-9, **training})

    return made


class TestPatience:
    @pytest.mark.parametrize("schedule", [{"eval_strategy": "epoch"}, {"eval_strategy": "steps", "eval_steps": STEPS}])
    @pytest.mark.parametrize("at", [2 * STEPS - 1, 2 * STEPS + 2], ids=["as an epoch ends", "within an epoch"])
    @pytest.mark.parametrize("how", ["stopped", "sent away"])
    def test_goes_on_counting_after_an_interruption(
        self, wanted: Callable[..., RunConfig], schedule: dict[str, Any], at: int, how: str
    ) -> None:
        run = runs.create(wanted(early_stopping_patience=2, **schedule))

        def interrupt(event: events.Event) -> None:
            if isinstance(event, events.Stepped) and event.step == at:
                run.stop_path.touch() if how == "stopped" else os.kill(os.getpid(), signal.SIGTERM)

        train(run, interrupt)
        assert happened(run, events.Started)[-1].resumed_from_step is None
        train(run)
        assert happened(run, events.Started)[-1].resumed_from_step == at + 1
        assert happened(run, events.Stepped)[-1].step == 3 * STEPS, "the undisturbed run ends at its third check"
        assert happened(run, events.Finished)[-1].stopped_early
        checks = [event.step for event in happened(run, events.Evaluated)]
        assert len(checks) == len(set(checks)), "a check was made twice"

    def test_that_has_run_out_is_not_begun_anew(self, wanted: Callable[..., RunConfig]) -> None:
        run = runs.create(wanted(early_stopping_patience=1))
        train(run, judging(run))
        assert run.state is State.STOPPED
        train(run)
        assert run.state is State.FINISHED and happened(run, events.Finished)[-1].stopped_early
        assert happened(run, events.Stepped)[-1].step == 2 * STEPS
        assert run.report is not None and (run.report["steps"], run.report["best_step"]) == (2 * STEPS, STEPS)


class TestAStopWhileJudging:
    def test_keeps_the_trained_model_and_judges_it_when_taken_up(self, wanted: Callable[..., RunConfig]) -> None:
        # The last epoch is not whole: the Trainer alone would take one more step.
        settings = {"num_train_epochs": 1.5, "learning_rate": 2e-3, "early_stopping_patience": 0}
        undisturbed, run = (runs.create(wanted(**settings)) for _ in range(2))
        train(undisturbed)
        train(run, judging(run))
        last = happened(run, events.Stopped)[-1]
        assert last.has_model and run.has_model and run.report is None
        assert "judging was left out" in happened(run, events.Noticed)[-1].title
        train(run)
        assert run.state is State.FINISHED and run.report is not None and undisturbed.report is not None
        assert run.report["metrics"] == undisturbed.report["metrics"]
        assert run.report["steps"] == undisturbed.report["steps"]
        assert len(happened(run, events.Stepped)) == len(happened(undisturbed, events.Stepped))

    def test_of_an_earlier_model_takes_its_report_away(self, wanted: Callable[..., RunConfig]) -> None:
        run = runs.create(wanted(early_stopping_patience=0, num_train_epochs=2))

        def stop(event: events.Event) -> None:
            if isinstance(event, events.Stepped) and event.step == 2:
                run.stop_path.touch()

        train(run, stop)
        assert run.state is State.STOPPED and run.report is not None
        train(run, judging(run))
        assert run.state is State.STOPPED and run.has_model and run.report is None

    def test_before_training_leaves_nothing_half_done(self, tmp_path: Path, tiny_bert: Path) -> None:
        table = write_csv(tmp_path / "texts.csv", ("text",), [(text,) for text, _ in reviews(60)])
        run = runs.create(
            validate(
                {
                    "task": "masked-language-modeling",
                    "data": {"source": str(table), "columns": {"text": "text"}},
                    "model": {"checkpoint": str(tiny_bert)},
                    "training": {"num_train_epochs": 1, "max_length": 32},
                }
            )
        )
        train(run, judging(run))
        assert run.state is State.STOPPED and not happened(run, events.Stopped)[-1].has_model
        assert not (run.path / "before.json").exists() and not happened(run, events.Stepped)
        train(run)
        assert run.state is State.FINISHED and (run.path / "before.json").is_file()
