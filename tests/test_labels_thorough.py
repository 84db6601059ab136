"""The thorough check of labels: models of the run's own kind, none of which judges a row that it learned from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core import runs
from core.config import TrainingConfig, validate
from core.data.parts import load_parts
from core.labels import kept
from core.labels.finding import all_rows, find
from core.labels.folds import TAUGHT_FOLDS
from core.labels.teaching_time import seconds_of
from core.labels.thorough import taught
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Context
from tests.making import write_csv

TRAINING = {"num_train_epochs": 12, "learning_rate": 0.003, "per_device_train_batch_size": 8, "warmup_steps": 0.0}
WORDS = ("film quiet delight start", "soup cold waiter rude")


def run_of(folder: Path, model: Path, rows: list[tuple[str, str]]) -> tuple[Run, Any]:
    """A run that was to learn from ``rows``, and what its worker has loaded, as far as labels need it."""
    source = write_csv(folder / "some.csv", ("text", "label"), rows)
    config = validate(
        {
            "task": "text-classification",
            "data": {"source": str(source), "columns": {"text": "text", "label": "label"}},
            "model": {"checkpoint": str(model)},
            "training": TRAINING,
        }
    )
    task = TASKS[config.task]
    tokenizer, _ = task.load_tokenizer(str(model), config.options)
    context = Context(tokenizer, load_parts(config).target, 16, config.options)
    return runs.create(config), SimpleNamespace(task=task, context=context, config=config)


def test_planted_labels_are_found_by_models_that_never_learned_from_the_row(
    tiny_bert: Path, tmp_path: Path, home: Path
) -> None:
    """Each text but the odd ones has words of its class; six have the label of the other class."""
    truth = [WORDS[number % 2] for number in range(72)]
    planted = np.isin(np.arange(72), (3, 8, 21, 30, 45, 58))
    names = [("good", "bad")[(number + planted[number]) % 2] for number in range(72)]
    rows = [(f"{words} {number}", name) for number, (words, name) in enumerate(zip(truth, names, strict=True))]
    run, predictor = run_of(tmp_path, tiny_bert, rows)
    told: list[tuple[int, int, str]] = []
    reply = find(predictor, {"folder": str(run.path), "way": "thorough"}, lambda *far: told.append(far))
    assert kept.found(run).way == "thorough" and reply["rows"] == 72 and sorted(told) == told
    steps = 8 * 6  # of the twelve readings eight, of 48 rows each
    assert f"Training 2 of 3: 40 of {steps} steps" in [words for _, _, words in told]
    first = [row.row - 1 for row in kept.suspects(run, 0, 6)]
    assert planted[first].sum() >= 5
    assert not list(run.path.glob("checkpoint*")) and not run.events_path.is_file()


def test_the_labels_of_a_row_change_nothing_in_what_is_said_of_it(tiny_bert: Path, tmp_path: Path, home: Path) -> None:
    """The labels of one third turned over: those who judge that third say the very same, those who learn from it do
    not.
    """
    run, predictor = run_of(
        tmp_path, tiny_bert, [(f"{WORDS[number % 2]} {number}", "ab"[number % 2]) for number in range(24)]
    )
    parts = load_parts(run.config)
    rows = all_rows(parts, run.config.data.split)
    fold = np.arange(24) % TAUGHT_FOLDS
    given = rows["label"].to_pylist()
    turned = ["ba"["ab".index(label)] if number == 1 else label for label, number in zip(given, fold, strict=True)]
    heard: list[float] = []

    def said(labels: list[str]) -> np.ndarray:
        table = rows.set_column(rows.column_names.index("label"), "label", pa.array(labels, pa.large_string()))
        return taught(predictor, run, tiny_bert, table, parts.target, fold, lambda share, _: heard.append(share))

    before, after = said(given), said(turned)
    assert before.shape == (24, 2) and heard[-1] == 1
    assert np.allclose(before[fold == 1], after[fold == 1], atol=1e-5)
    assert all(not np.allclose(before[fold == number], after[fold == number], atol=0.01) for number in (0, 2))


def test_the_time_of_the_trainings_follows_from_what_the_run_took() -> None:
    """300 rows are read by three models, each two thirds of them, for eight readings instead of ten."""
    report = {"train_runtime": 240.0, "epochs": 10.0, "rows": {"train": 240, "validation": 30, "test": 30}}
    training = TrainingConfig(num_train_epochs=10)
    assert seconds_of(training, report) == pytest.approx(3 * 240 * (200 / 240) * (8 / 10))
    assert seconds_of(TrainingConfig(num_train_epochs=2), {**report, "epochs": 2.0}) == pytest.approx(600)
    assert seconds_of(training, {}) is None
