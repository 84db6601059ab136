"""A real worker trains a real (tiny) model: it learns, stops, survives, resumes, explains and answers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import psutil
import pytest

from core import events, runs
from core.errors import StudioError
from core.runs import Run, State
from core.studio import Studio
from tests.forked import work_off
from tests.making import PROJECT, config, reviews, write_csv

pytestmark = pytest.mark.slow


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio().open()
    yield studio
    studio.close()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(160))


def wait_until(holds: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def wait_for_end(run: Run) -> State:
    wait_until(lambda: run.state.is_over)
    return run.state


def losses(run: Run) -> dict[int, float | None]:
    found, _ = events.read(run.events_path)
    return {event.step: event.loss for event in found if isinstance(event, events.Stepped)}


def worker_of(run: Run) -> psutil.Process:
    """The process that holds the run's log open."""
    for process in psutil.process_iter():
        try:
            if any(file.path == str(run.log_path) for file in process.open_files()):
                return process
        except psutil.Error:
            continue
    raise AssertionError("no worker")


def test_a_run_learns_is_judged_and_answers(studio: Studio, table: Path, tiny_bert: Path) -> None:
    wanted = config(table, tiny_bert, num_train_epochs=8, learning_rate=2e-3, early_stopping_patience=0)
    run = runs.find(studio.start(wanted))
    assert wait_for_end(run) is State.FINISHED, run.log_path.read_text()

    happened, _ = events.read(run.events_path)
    assert isinstance(happened[0], events.Started) and isinstance(happened[-1], events.Finished)
    curve = [loss for loss in losses(run).values() if loss is not None]
    assert mean(curve[-5:]) < mean(curve[:5]) / 2

    report = run.report
    assert report is not None
    assert report["rows"] == {"train": 112, "validation": 24, "test": 24, "unusable": 0}
    for split in ("validation", "test"):
        assert {"accuracy", "f1_macro", "f1_weighted", "precision_macro", "recall_macro", "per_class"} <= set(
            report["metrics"][split]
        )
    assert report["metrics"]["test"]["accuracy"] > 0.9
    assert report["baselines"] and report["confusion_matrix"] and report["train_runtime"] > 0
    assert report["verdict"] and report["versions"]["transformers"]
    assert studio.report_sections(run.id)
    assert not run.checkpoints_path.exists()
    assert "learning_rate: 0.002" in (run.path / "config.yaml").read_text()

    answer = studio.predict(run.id, {"text": "the soup was rude and the bread was cold, no 500"})
    assert answer["label"] == "bad" and sum(answer["scores"].values()) == pytest.approx(1)
    assert_every_parameter_moved(tiny_bert, run)
    assert_a_file_comes_back_answered(studio, run, table.parent)


def assert_every_parameter_moved(checkpoint: Path, run: Run) -> None:
    from safetensors.torch import load_file

    before = load_file(checkpoint / "model.safetensors")
    after = load_file(run.model_path / "model.safetensors")
    moved = {name: bool((after[f"bert.{name}"] != tensor).any()) for name, tensor in before.items()}
    assert len(moved) > 10 and all(moved.values()), [name for name, did in moved.items() if not did]


def assert_a_file_comes_back_answered(studio: Studio, run: Run, folder: Path) -> None:
    good, bad = (next(text for text, label in reviews() if label == wanted) for wanted in ("good", "bad"))
    rows = [(good, "a, b"), ("", "no text"), (bad, 'in "quotes"\nand lines')]
    source = write_csv(folder / "new ones.csv", ("text", "note"), rows)
    shares: list[float] = []
    output, reply = studio.predict_file(run.id, source, lambda share, words: shares.append(share))
    assert (reply["rows"], reply["skipped"], reply["unreadable"]) == (3, 1, 0) and shares[-1] == 1
    import pandas as pd

    back = pd.read_csv(output, keep_default_na=False, dtype=str)
    assert back[["text", "note"]].values.tolist() == [list(row) for row in rows]
    assert back["prediction"].tolist() == ["good", "", "bad"]
    assert 0.5 <= float(back["probability"][0]) <= 1 and back["probability"][1] == ""


def test_a_stopped_run_keeps_its_best_model_and_can_be_taken_up(studio: Studio, table: Path, tiny_bert: Path) -> None:
    run = runs.find(studio.start(config(table, tiny_bert, num_train_epochs=60, early_stopping_patience=0)))
    wait_until(lambda: len(losses(run)) > 3)
    studio.stop(run.id)
    assert wait_for_end(run) is State.STOPPED
    last = events.last(run.events_path)
    assert isinstance(last, events.Stopped) and last.has_model
    assert run.has_model and run.report and run.report["steps"] == last.step < 60 * 14
    assert (run.checkpoints_path / f"checkpoint-{last.step}").is_dir()

    studio.again(run.id)
    wait_until(lambda: max(losses(run)) > last.step + 2)
    resumed = [event for event in events.read(run.events_path)[0] if isinstance(event, events.Started)][-1]
    assert resumed.resumed_from_step == last.step


def test_a_killed_worker_is_seen_and_resumes_to_the_same_losses(studio: Studio, table: Path, tiny_bert: Path) -> None:
    settings = {"num_train_epochs": 6, "eval_strategy": "steps", "eval_steps": 10, "early_stopping_patience": 0}
    undisturbed = runs.find(studio.start(config(table, tiny_bert, **settings)))
    assert wait_for_end(undisturbed) is State.FINISHED

    killed = runs.find(studio.start(config(table, tiny_bert, **settings)))
    wait_until(lambda: any(step > 15 for step in losses(killed)))
    worker_of(killed).kill()
    began = time.monotonic()
    wait_until(lambda: killed.state is State.INTERRUPTED, seconds=5)
    assert time.monotonic() - began < 5
    (killed.checkpoints_path / ".draft" / "checkpoint-9999").mkdir(parents=True)

    studio.again(killed.id)
    wait_until(lambda: killed.state is not State.QUEUED)
    assert wait_for_end(killed) is State.FINISHED, killed.log_path.read_text()
    assert losses(killed) == losses(undisturbed)
    assert killed.report and undisturbed.report
    happened, _ = events.read(killed.events_path)
    taken_up = max(place for place, event in enumerate(happened) if isinstance(event, events.Started))
    begun = happened[taken_up]
    assert isinstance(begun, events.Started) and begun.resumed_from_step
    lived = [event for event in happened[:taken_up] if isinstance(event, events.Stepped)]
    before = max(event.elapsed_s for event in lived if event.step <= begun.resumed_from_step)
    times = [event.elapsed_s for event in happened[taken_up:] if isinstance(event, events.Stepped)]
    assert before < times[0] and times == sorted(times) and killed.report["train_runtime"] >= times[-1]
    assert killed.report["metrics"]["test"] == undisturbed.report["metrics"]["test"]


def test_a_run_whose_table_changed_begins_anew(studio: Studio, table: Path, tiny_bert: Path) -> None:
    run = runs.find(studio.start(config(table, tiny_bert, num_train_epochs=3, early_stopping_patience=0)))
    wait_until(lambda: any(run.checkpoints_path.glob("checkpoint-*")))
    worker_of(run).kill()
    wait_until(lambda: run.state is State.INTERRUPTED)
    write_csv(table, ("text", "label"), reviews(200))
    studio.again(run.id)
    wait_until(lambda: run.state is not State.QUEUED)
    assert wait_for_end(run) is State.FINISHED, run.log_path.read_text()
    happened, _ = events.read(run.events_path)
    assert [event.resumed_from_step for event in happened if isinstance(event, events.Started)] == [None, None]
    assert any(isinstance(event, events.Noticed) and "has changed" in event.title for event in happened)


def test_a_run_outlives_the_app_and_the_next_app_finds_it(table: Path, tiny_bert: Path) -> None:
    first = Studio().open()
    run = runs.find(first.start(config(table, tiny_bert, num_train_epochs=20, early_stopping_patience=0)))
    waiting = runs.find(first.start(config(table, tiny_bert, num_train_epochs=1)))
    wait_until(lambda: len(losses(run)) > 3)
    first.close()
    assert run.state is State.RUNNING
    second = Studio().open()
    try:
        assert second.summary(waiting.id).place == 1
        assert wait_for_end(run) is State.FINISHED
        assert wait_for_end(waiting) is State.FINISHED
    finally:
        second.close()


def test_a_run_goes_on_when_the_app_is_killed(table: Path, tiny_bert: Path) -> None:
    code = (
        "import json, sys, time; from core.config import validate; from core.studio import Studio\n"
        "print(Studio().open().start(validate(json.loads(sys.argv[1]))), flush=True); time.sleep(600)"
    )
    wanted = config(table, tiny_bert, num_train_epochs=12, early_stopping_patience=0)
    command = [sys.executable, "-c", code, wanted.model_dump_json()]
    app = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert app.stdout is not None
    run = runs.find(app.stdout.readline().strip())
    wait_until(lambda: len(losses(run)) > 3)
    os.killpg(app.pid, signal.SIGKILL)
    app.wait()
    assert run.state is State.RUNNING
    assert wait_for_end(run) is State.FINISHED, run.log_path.read_text()


def test_a_disk_that_is_too_small_is_said_before_training(studio: Studio, table: Path, tmp_path: Path) -> None:
    from core.training import job

    class Vast:
        """A model of 100 GB, without its weights."""

        def parameters(self) -> list[Any]:
            import torch

            return [torch.empty(25_000_000_000, device="meta")]

    run = runs.create(config(table))
    with pytest.raises(StudioError, match="GB free and this run needs") as caught:
        job.check_disk(run, Vast())
    assert "trash" in caught.value.advice


def test_what_goes_wrong_is_explained_and_rows_left_out_are_counted(table: Path, tiny_bert: Path) -> None:
    exploding, cut = (shutil.copytree(tiny_bert, table.parent / name) for name in ("exploding", "cut"))
    give_numbers_that_break(exploding)
    weights = cut / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    rows = [*reviews(100), ("", "good"), ("no label here", "")]
    lacking = write_csv(table.parent / "t.csv", ("text", "label"), rows)
    broken, damaged, missing, whole = (
        runs.create(wanted)
        for wanted in (
            config(table, exploding, learning_rate=1e-3),
            config(table, cut),
            config(table, table.parent / "hf_nowherenowhere"),
            config(lacking, tiny_bert),
        )
    )

    work_off(broken, damaged, missing, whole)

    assert "no longer a number" in failure(broken).title
    assert failure(broken).remedy == {"training.learning_rate": 2e-4}
    for run in (damaged, missing):
        assert failure(run).title and failure(run).advice and "unexpected" not in failure(run).title
        log = run.log_path.read_text()
        assert "Traceback" in log and "hf_nowhere" not in log, "what looks like a token is hidden"
    are_counted(whole)


def give_numbers_that_break(checkpoint: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(checkpoint / "model.safetensors")
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    weights[name][:] = float("nan")
    save_file(weights, checkpoint / "model.safetensors", metadata={"format": "pt"})


def failure(run: Run) -> events.Failed:
    last = events.last(run.events_path)
    assert run.state is State.FAILED and isinstance(last, events.Failed)
    return last


def are_counted(run: Run) -> None:
    assert run.state is State.FINISHED, run.log_path.read_text()
    assert run.report and run.report["rows"]["unusable"] == 2
    noticed = [event for event in events.read(run.events_path)[0] if isinstance(event, events.Noticed)]
    assert len([event for event in noticed if event.level == "warning"]) >= 2
    account = "102 rows were read: 100 are used; 1 nothing in `text`, 1 nothing in `label`."
    assert any(event.detail == account for event in noticed)
    json.dumps(run.report, allow_nan=False)


def test_a_table_that_vanished_is_explained(studio: Studio, table: Path, tiny_bert: Path) -> None:
    wanted = config(table, tiny_bert)
    table.unlink()
    run = runs.find(studio.start(wanted))
    assert wait_for_end(run) is State.FAILED
    assert "reviews.csv" in failure(run).title + failure(run).advice


def test_a_worker_that_cannot_begin_does_not_leave_its_run_queued(
    table: Path, tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / "transformers.py").write_text("raise ImportError('half installed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shadow"))
    studio = Studio().open()
    try:
        run = runs.find(studio.start(config(table, tiny_bert)))
        assert wait_for_end(run) is State.FAILED
        assert "half installed" in failure(run).cause
    finally:
        studio.close()
