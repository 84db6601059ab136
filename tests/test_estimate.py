"""Estimates grow with the work and learn from finished runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core import events, runs
from core.config import TrainingConfig
from core.estimate import estimate, finished_runs, padded_width
from core.models.types import Checkpoint
from core.probing.foretelling import answering, foretold
from tests.making import run_with, started
from tests.probed import FOUND

MINILM = Checkpoint(
    id="x", title="x", summary="", path=None, parameters=22_713_216, hidden_size=384, layers=6, max_length=512
)
TRAINING = TrainingConfig(num_train_epochs=3, per_device_train_batch_size=16, max_length=128)


def test_twice_the_rows_take_about_twice_the_time_and_the_same_memory() -> None:
    small, large = (estimate(TRAINING, MINILM, rows, [20] * 100, []) for rows in (10_000, 20_000))
    assert 1.6 < large.seconds / small.seconds < 2.1
    assert large.memory_bytes == small.memory_bytes and large.steps == 2 * small.steps


def test_a_wider_batch_takes_more_memory() -> None:
    wide = TrainingConfig(**TRAINING.model_dump() | {"per_device_train_batch_size": 64})
    assert (
        estimate(wide, MINILM, 1000, [100] * 9, []).memory_bytes
        > estimate(TRAINING, MINILM, 1000, [100] * 9, []).memory_bytes
    )


def test_a_model_that_writes_scores_its_whole_vocabulary_at_each_token() -> None:
    run = run_with(started(), events.Finished(train_runtime_s=10))
    runs.write_atomically(run.path / "report.json", json.dumps({"total_flos": 1e12, "train_runtime": 10.0}))
    writer = replace(MINILM, vocab_size=50_000)
    reads, writes = (
        estimate(TRAINING, writer, 1000, [100] * 9, finished_runs(runs.all_runs()), writes=writes)
        for writes in (False, True)
    )
    assert writes.memory_bytes - reads.memory_bytes == 3 * 4 * 16 * 100 * 50_000
    assert writes.seconds - reads.seconds == pytest.approx(6 * 384 * 50_000 * reads.steps * 16 * 100 / 1e11)


def test_a_model_too_large_for_the_machine_is_said_with_advice() -> None:
    giant = estimate(TRAINING, replace(MINILM, parameters=70_000_000_000), 1000, [20], [])
    assert not giant.fits and "smaller model" in giant.advice


def test_padding_makes_batches_wider_than_their_mean_and_never_wider_than_the_cut() -> None:
    lengths = [5] * 90 + [200] * 10
    assert 25 < padded_width(lengths, 16, 512) < 200
    assert padded_width(lengths, 16, 64) <= 64
    assert padded_width([], 16, 64) == 64


def test_finished_runs_lend_their_measured_speed() -> None:
    run = run_with(started(), events.Finished(train_runtime_s=10))
    speed = {"total_flos": 1e12, "train_runtime": 10.0}
    runs.write_atomically(run.path / "report.json", json.dumps(speed))
    guessed = estimate(TRAINING, MINILM, 1000, [20], [])
    measured = estimate(TRAINING, MINILM, 1000, [20], finished_runs(runs.all_runs()))
    assert "Measured on your last run" in measured.basis and "speed test" in guessed.basis
    work = 6 * 12 * 6 * 384**2 * measured.steps * 16 * 20
    assert measured.seconds == pytest.approx(work / 1e11, rel=0.2, abs=15)


def test_steps_are_counted_as_they_are_made() -> None:
    def of(**training: object) -> int:
        return estimate(TrainingConfig(**TRAINING.model_dump() | training), MINILM, 1000, [20], []).steps

    assert of() == 63 * 3
    assert of(gradient_accumulation_steps=4) == 16 * 3
    assert of(dataloader_drop_last=True) == 62 * 3
    assert of(num_train_epochs=0.5) == 32
    assert of(max_steps=7) == 7
    assert of(tokens_per_step=500) == 40 * 3, "1,000 texts of 20 tokens"
    alone, together = (
        estimate(TrainingConfig(**TRAINING.model_dump() | {"gradient_accumulation_steps": of}), MINILM, 1600, [20], [])
        for of in (1, 4)
    )
    assert together.seconds == pytest.approx(alone.seconds, rel=0.5), "the same examples, in fewer steps"


def test_what_is_saved_takes_room() -> None:
    def of(**training: object) -> int:
        return estimate(TrainingConfig(**TRAINING.model_dump() | training), MINILM, 1000, [20], []).disk_bytes

    assert of(save_only_model=True) < of() < of(save_total_limit=5)
    assert of(save_strategy="no") < of()


def test_what_was_measured_is_summed_over_the_batches_to_come() -> None:
    lengths = [10] * 50 + [60] * 50
    guessed = estimate(TRAINING, MINILM, 1000, lengths, [])
    measured = estimate(TRAINING, MINILM, 1000, lengths, [], found=FOUND, checked=200, judged=400)
    told = foretold(FOUND, TRAINING, lengths, 1000, 200)
    assert measured.seconds == pytest.approx(told.training_s + 400 * answering(FOUND, lengths, 1), abs=10)
    assert measured.memory_bytes == told.highest_bytes != guessed.memory_bytes
    assert "real steps" in measured.basis and measured.steps == guessed.steps
    longer = estimate(TRAINING, MINILM, 2000, lengths, [], found=FOUND, checked=200, judged=400)
    assert 1.5 < longer.seconds / measured.seconds < 2.1
    silent = replace(FOUND, memory=None)
    assert estimate(TRAINING, MINILM, 1000, lengths, [], found=silent).memory_bytes == guessed.memory_bytes
