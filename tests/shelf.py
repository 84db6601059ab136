"""Runs with a past, put whole into the home of a running app, so that it never takes a half-made one for its own."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core import events, home
from core.runs import Run
from core.tasks import TASKS
from tests.making import run_with, started

TOTAL = 300
PATIENCE = 120_000
"""Milliseconds a page may take on a busy machine."""


def training(until: int = TOTAL, every: int = 10) -> Iterator[events.Event]:
    """A run that learns well, up to this step of ``TOTAL``."""
    yield started()
    yield events.Noticed(level="warning", title="12 rows have no label.", detail="They are left out.")
    yield events.Planned(
        train_rows=1000,
        validation_rows=125,
        test_rows=125,
        total_steps=TOTAL,
        num_train_epochs=3,
        parameters=22_700_000,
        main_metric="f1_macro",
        train_tokens=12_000,
    )
    yield events.Phase(name="training", words="Training")
    for step in range(every, until + 1, every):
        yield step_at(step)
        if step % 50 == 0:
            mark = 0.9 - 0.4 * math.exp(-step / 80)
            yield events.Evaluated(
                step=step,
                epoch=step / 100,
                metrics={"loss": 1.1 - mark, "accuracy": mark, "f1_macro": mark - 0.02},
                runtime_s=1.0,
                is_best=True,
            )


def step_at(step: int) -> events.Stepped:
    return events.Stepped(
        step=step,
        epoch=step / 100,
        loss=0.2 + math.exp(-step / 60),
        learning_rate=5e-5 * (1 - step / TOTAL),
        grad_norm=1.0,
        samples_per_second=84.2,
        memory_bytes=1_100_000_000,
        elapsed_s=step * 1.0,
        eta_s=(TOTAL - step) * 1.0,
    )


def report(mistake: str = "How far is Denver?") -> dict[str, Any]:
    """A judgement as a worker writes it, of a model that is right three times out of four."""
    import numpy as np
    import pyarrow as pa

    from core.data.types import Target
    from core.tasks.base import Context

    task, target = next(iter(TASKS.values())), Target(("bad", "good", "so so"), (40, 50, 30))
    context = Context(tokenizer=None, target=target, max_length=32, options=task.options())
    truth = np.arange(120) % 3
    logits = np.eye(3)[np.where(np.arange(120) % 4 == 0, (truth + 1) % 3, truth)] * 3
    examples = pa.table({"label": [target.labels[number] for number in truth]})
    judged = task.judge(logits, examples, context)
    guessed = task.judge(np.tile([0.0, 1.0, 0.0], (120, 1)), examples, context)
    made = {
        "task": task.id,
        "metrics": {"validation": judged, "test": judged},
        "baselines": {"most_frequent": guessed},
        "confusion_matrix": judged["confusion_matrix"],
        "mistakes": [{"text": mistake, "truth": "bad", "answer": "good", "probability": 0.99, "row": 7}],
        "verdict": "The model was right 75 % of the time. Always answering `good` would be right 33 % of the time.",
        "train_runtime": 300.0,
    }
    return json.loads(json.dumps(made, default=float))


def finished(**more: Any) -> list[events.Event]:
    return [*training(), events.Finished(train_runtime_s=300.0, **more)]


@contextmanager
def home_of(folder: Path) -> Iterator[None]:
    """``core`` sees this home for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(folder))
        yield


def put(app_home: Path, name: str, *happened: events.Event, judged: dict[str, Any] | None = None) -> Run:
    """A run of this name in the app's home: made in the test's own home first, then moved in one stroke."""
    run = run_with(*happened)
    run.rename(name)
    if judged is not None:
        (run.path / "report.json").write_text(json.dumps(judged), encoding="utf-8")
        run.model_path.mkdir()
        (run.model_path / "config.json").write_text("{}", encoding="utf-8")
    with home_of(app_home):
        place = home.runs_dir() / run.id
    # Its id is free in the test's own home: among many runs of the app's, another may have drawn the same.
    while place.exists():
        place = place.with_name(f"{place.name}too")
    os.rename(run.path, place)
    return Run(place)
