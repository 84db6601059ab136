"""Two real processes train a tiny model as one run: they learn what one would, fail with a word, and go on as one."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from core import cli, events, orders, runs
from core.config import validate
from core.launchers import spread_of
from core.launchers.several_processes import ask
from core.runs import Run, State
from core.studio import Studio
from tests.making import config, reviews, write_csv

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SAME = 1e-4
PAUSED_AFTER = 2


@dataclass
class Told:
    """What came of a run of two processes, of which one was killed, and which one process took up again."""

    alone: Run
    run: Run
    before: list[events.Event]
    """Until the kill, the end included."""
    state: State
    left: list[psutil.Process]
    """Processes of it that were still there once it had ended."""


def until(holds: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def processes_of(run: Run) -> dict[str, psutil.Process]:
    """Its processes by their number."""
    found = {}
    for process in psutil.process_iter():
        try:
            if "core.launchers.rank" in process.cmdline():
                facts = process.environ()
                if run.path.is_relative_to(facts["TUNESMITH_HOME"]):
                    found[facts["RANK"]] = process
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("several")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(folder))
        yield _told(folder, tiny_bert)


def _told(folder: Path, tiny_bert: Path) -> Told:
    table = write_csv(folder / "reviews.csv", ("text", "label"), reviews(75))
    common: dict[str, Any] = {"logging_steps": 1, "learning_rate": 1e-3, "early_stopping_patience": 0}
    wanted = config(table, tiny_bert, **common).model_dump(mode="json")
    wanted["model"] |= {"dropout": 0.0, "attention_dropout": 0.0, "classifier_dropout": 0.0}
    as_one = {**wanted, "training": {**wanted["training"], "gradient_accumulation_steps": 2}}
    studio = Studio().open()
    try:
        run = runs.find(studio.start(validate({**wanted, "distribution": {"processes": 2}})))
        until(lambda: run.state is State.RUNNING and any(isinstance(one, events.Planned) for one in read(run)))
        studio.pause(run.id)
        until(lambda: orders.is_resting(run))
        ours = processes_of(run)
        ours["1"].send_signal(signal.SIGKILL)
        until(lambda: run.state.is_over)
        state, before = run.state, read(run)
        until(lambda: not processes_of(run))
        studio.spread_anew(run.id, 1)
        studio.again(run.id)
        until(lambda: run.state is State.FINISHED)
        alone = runs.find(studio.start(validate(as_one)))
        until(lambda: alone.state is State.FINISHED)
        left = [one for one in ours.values() if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    finally:
        studio.close()
    return Told(alone, run, before, state, left)


def read(run: Run) -> list[events.Event]:
    return events.read(run.events_path)[0]


def losses(happened: list[events.Event]) -> dict[int, float | None]:
    return {event.step: event.loss for event in happened if isinstance(event, events.Stepped)}


def test_each_step_is_that_of_one_process(told: Told) -> None:
    one, several = losses(read(told.alone)), losses(read(told.run))
    assert len(one) > 4 and several == pytest.approx(one, rel=SAME)
    checks = [
        {event.step: event.metrics for event in read(run) if isinstance(event, events.Evaluated)}
        for run in (told.alone, told.run)
    ]
    assert checks[0].keys() == checks[1].keys()
    for step, metrics in checks[0].items():
        assert checks[1][step] == pytest.approx(metrics, rel=SAME)


def test_a_killed_process_ends_the_run_with_its_reason_and_takes_all_with_it(told: Told) -> None:
    last = told.before[-1]
    assert told.state is State.FAILED and isinstance(last, events.Failed)
    assert last.title.startswith("Process 2 of 2 was killed by the system") and "take" in last.advice.lower()
    assert "SIGKILL" in last.cause
    assert told.left == []


def test_it_was_really_two_that_learned_and_then_one(told: Told) -> None:
    begun = [event for event in read(told.run) if isinstance(event, events.Started)]
    assert len(begun) == 2 and begun[1].resumed_from_step
    report = told.run.report
    assert report is not None and report["batch"]["gradient_accumulation_steps"] == 2
    assert spread_of(told.run).processes == 1 and (told.run.path / "accelerate.yaml").is_file()


def test_the_command_line_says_how_it_is_spread(
    told: Told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNESMITH_HOME", str(told.run.path.parent.parent))
    ask(told.run, None)
    assert cli.main(["show", told.run.id]) == 0
    assert "2 processes; each holds the whole model (DDP)" in capsys.readouterr().out
