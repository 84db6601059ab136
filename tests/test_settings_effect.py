"""Settings at work: runs of a tiny model that do as they were told, all optimizers, all schedules."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events, runs
from core.config import TrainingConfig
from core.runs import Run, State
from core.schema import rows
from core.tasks import TASKS
from core.training import checkpoints
from tests.making import config, reviews, write_csv

TASK = TASKS["text-classification"]
OPTIMIZERS = next(row for row in rows(TrainingConfig) if row.name == "optim").choices
SCHEDULES = next(row for row in rows(TrainingConfig) if row.name == "lr_scheduler_type").choices


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(60))


def trained(table: Path, model: Path, **training: Any) -> Run:
    from core.training import job

    run = runs.create(config(table, model, **training))
    log = events.EventLog(run.events_path)
    try:
        job.train(run, log)
    finally:
        log.close()
    assert run.state is State.FINISHED
    return run


def happened(run: Run, kind: type[events.Event]) -> list[Any]:
    return [event for event in events.read(run.events_path)[0] if isinstance(event, kind)]


def test_a_run_that_is_counted_in_steps(table: Path, tiny_bert: Path) -> None:
    run = trained(
        table,
        tiny_bert,
        max_steps=7,
        gradient_accumulation_steps=2,
        eval_strategy="steps",
        eval_steps=2,
        eval_delay=3,
        eval_on_start=True,
        metric_for_best_model="loss",
        save_strategy="best",
        save_total_limit=4,
        keep_checkpoints=True,
        logging_first_step=True,
        logging_steps=3,
        per_device_eval_batch_size=1,
        dataloader_num_workers=1,
        dataloader_persistent_workers=True,
        lr_scheduler_type="cosine_with_min_lr",
        warmup_steps=0,
        min_lr_rate=0.5,
        learning_rate=1e-3,
    )

    (planned,) = happened(run, events.Planned)
    assert planned.total_steps == 7 and planned.main_metric == "loss"
    assert planned.num_train_epochs > 2, "three steps of two batches each make an epoch"
    noted = {event.step: event for event in happened(run, events.Stepped)}
    assert list(noted) == [1, 3, 6]
    assert noted[6].learning_rate == pytest.approx(5e-4, rel=0.2)
    checks = happened(run, events.Evaluated)
    assert [event.step for event in checks] == [0, 4, 6, 7]
    least, best = float("inf"), []
    for event in checks[1:]:
        if event.metrics["loss"] < least:
            least, best = event.metrics["loss"], [*best, event.step]
    assert [event.step for event in checks if event.is_best] == best
    assert [checkpoints.step_of(path) for path in checkpoints.all_of(run.checkpoints_path)] == best


def test_a_run_without_checks_keeps_its_last_state(table: Path, tiny_bert: Path) -> None:
    run = trained(
        table,
        tiny_bert,
        num_train_epochs=1,
        eval_strategy="no",
        early_stopping_patience=1,
        logging_strategy="epoch",
        dataloader_drop_last=True,
        train_sampling_strategy="sequential",
        optim="adafactor",
        neftune_noise_alpha=5,
    )

    assert happened(run, events.Evaluated) == []
    assert [event.step for event in happened(run, events.Stepped)] == [5], "42 rows fill five batches"
    assert run.has_model and run.report is not None


def test_a_run_ends_where_nothing_gets_better_by_enough(table: Path, tiny_bert: Path) -> None:
    run = trained(
        table,
        tiny_bert,
        num_train_epochs=9,
        early_stopping_patience=1,
        early_stopping_threshold=1000,
        activation_checkpointing=True,
        train_sampling_strategy="group_by_length",
        save_only_model=True,
        include_num_input_tokens_seen="non_padding",
        label_smoothing_factor=0.1,
    )

    assert len(happened(run, events.Evaluated)) == 2
    assert run.report is not None and run.has_model


def test_each_optimizer_makes_a_step(tmp_path: Path) -> None:
    import torch
    from transformers import Trainer

    from core.training.arguments import training_arguments

    for _, name in OPTIMIZERS:
        layer = torch.nn.Linear(8, 8)
        before = layer.weight.detach().clone()
        training = TrainingConfig(optim=name, learning_rate=0.1)
        arguments = training_arguments(training, TASK, tmp_path, 10)
        kind, options = Trainer.get_optimizer_cls_and_kwargs(arguments, layer)
        optimizer = kind(layer.parameters(), **options)
        layer(torch.ones(2, 8)).sum().backward()
        optimizer.step()
        assert not torch.equal(layer.weight, before), name


def test_each_schedule_stays_between_its_bounds(tmp_path: Path) -> None:
    import torch
    from transformers import get_scheduler

    from core.training.arguments import training_arguments

    for _, name in SCHEDULES:
        training = TrainingConfig(lr_scheduler_type=name, learning_rate=1e-3, warmup_steps=2, plateau_patience=0)
        arguments = training_arguments(training, TASK, tmp_path, 20)
        optimizer = torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=1e-3)
        schedule = get_scheduler(name, optimizer, 2, 20, arguments.lr_scheduler_kwargs)
        rates = []
        for _ in range(20):
            optimizer.step()
            # These two are told what a check found; here nothing ever gets better.
            schedule.step(0.5) if name in ("reduce_lr_on_plateau", "greedy") else schedule.step()
            rates.append(optimizer.param_groups[0]["lr"])
        assert min(rates) >= 0 and max(rates) <= 2e-3, name
        assert (rates[-1] < 1e-3) != name.startswith("constant"), name
        if name in ("reduce_lr_on_plateau", "greedy", "warmup_stable_decay") or "min_lr" in name:
            assert rates[-1] == pytest.approx(1e-4, rel=0.4 if name != "greedy" else 9), name
