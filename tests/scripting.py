"""Runs on sample rows and their scripts, executed: for the tests of both."""

from __future__ import annotations

import json
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events, runs
from core.config import RunConfig, validate
from core.data.preview import preview
from core.runs import Run
from core.tasks.base import Task

TIMES = {"train": 3, "validation": 2, "test": 1}
"""How often the sample rows stand in each part."""
TOLERANCE = 1e-6


def own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def config_of(task: Task, folder: Path, checkpoint: Path, options: Any = None, **training: Any) -> RunConfig:
    """Two epochs on the task's sample rows, which make an uneven number of batches."""
    source = folder / "table.jsonl"
    rows = [{**row, "part": part} for part, times in TIMES.items() for _ in range(times) for row in task.sample_rows]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    guess = task.guess(preview(str(source)))
    assert guess is not None
    split = {"column": "part", "train": "train", "validation": "validation", "test": "test"}
    return validate(
        {
            "task": task.id,
            "data": {"source": str(source), "columns": guess.columns, "split": split},
            "model": {"checkpoint": str(checkpoint)},
            "options": options or {},
            "training": {
                "num_train_epochs": 2,
                "per_device_train_batch_size": 5,
                "max_length": 16,
                "learning_rate": 1e-3,
                # In parts dropout would fall on other places.
                "padding": "whole",
                **training,
            },
        }
    )


def trained(config: RunConfig) -> Run:
    from core.training import job

    run = runs.create(config)
    log = events.EventLog(run.events_path)
    try:
        job.train(run, log)
    finally:
        log.close()
    return run


def losses_of_run(run: Run) -> tuple[dict[int, float], dict[int, float]]:
    """(training losses, validation losses), by step."""
    found, _ = events.read(run.events_path)
    told = [(event.step, event.loss) for event in found if isinstance(event, events.Stepped)]
    checked = [(event.step, event.metrics["loss"]) for event in found if isinstance(event, events.Evaluated)]
    steps, checks = ({step: loss for step, loss in pairs if loss is not None} for pairs in (told, checked))
    return steps, checks


def losses_of_script(folder: Path) -> tuple[dict[int, float], dict[int, float]]:
    """The same, from what the script's Trainer kept."""
    history = json.loads((folder / "checkpoints" / "trainer_state.json").read_text(encoding="utf-8"))["log_history"]
    steps = {entry["step"]: entry["loss"] for entry in history if "loss" in entry}
    return steps, {entry["step"]: entry["eval_loss"] for entry in history if "eval_loss" in entry}


def alike(run: Run, folder: Path) -> None:
    for ours, theirs in zip(losses_of_run(run), losses_of_script(folder), strict=True):
        assert len(ours) > 1
        assert theirs == pytest.approx(ours, rel=TOLERANCE, abs=TOLERANCE)


def executed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``python train.py`` in its folder, in this process: that spares seconds of imports."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["train.py"])
    runpy.run_path("train.py", run_name="__main__")


def well_formed(script: Path) -> None:
    """As ruff would have it, and nothing of ours in it."""
    text = script.read_text(encoding="utf-8")
    compile(text, str(script), "exec")
    options = ["--isolated", "--line-length", "120", str(script)]
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,B", "--ignore", "B905"]):
        answer = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "import tunesmith" not in text and "from core" not in text
