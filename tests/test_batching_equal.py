"""Cutting batches into parts changes nothing that is learned: losses, gradients and weights, for every task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.tasks import TASKS
from core.training.batching.apart import padding_matters
from tests.lessons import School, learned

SAME = 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TASKS))
def test_parts_learn_what_the_whole_batch_would(name: str, tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """Over an epoch of unequal lengths, with batches that make a correction by themselves or three together, the last
    of fewer.
    """
    school = School(TASKS[name], tiny_model(TASKS[name].family), tmp_path)
    assert padding_matters(school.model(), *school.scored()) is None
    assert len({len(ids) for ids in school.pieces["input_ids"]}) > 1
    for batch, times in ((8, 1), (3, 3)):
        sizes = {"per_device_train_batch_size": batch, "gradient_accumulation_steps": times}
        split, whole = school.learn(padding="split", **sizes), school.learn(padding="whole", **sizes)
        assert len(split.steps) == len(whole.steps) > 1 and split.parts > len(split.steps), "nothing was cut"
        for one, other in zip(split.steps, whole.steps, strict=True):
            assert one == pytest.approx(other, rel=SAME)
        for lesson in (split, whole):
            assert [key for key, value in lesson.before.items() if value.equal(lesson.after[key])] == []


@pytest.mark.slow
def test_the_trace_of_losses_is_that_of_the_stock_trainer(tiny_bert: Path, tmp_path: Path) -> None:
    """Random order, dynamic padding, nothing of ours but the model and the pieces."""
    from transformers import DataCollatorWithPadding, Trainer, TrainingArguments, set_seed

    school = School(TASKS["text-classification"], tiny_bert, tmp_path, times=6)
    model = school.model()
    set_seed(42)
    stock = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(tmp_path / "stock"),
            num_train_epochs=2,
            per_device_train_batch_size=8,
            learning_rate=1e-3,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            disable_tqdm=True,
        ),
        train_dataset=school.pieces,
        data_collator=DataCollatorWithPadding(school.context.tokenizer),
    )
    stock.train()
    trace = [(entry["loss"], entry["grad_norm"]) for entry in stock.state.log_history if "grad_norm" in entry]
    for batch, times in ((8, 1), (2, 4)):
        ours = school.learn(
            padding="split", per_device_train_batch_size=batch, gradient_accumulation_steps=times, num_train_epochs=2
        )
        assert len(ours.steps) == len(trace) > 10 and ours.parts > 2 * len(trace)
        for one, other in zip(ours.steps, trace, strict=True):
            assert one == pytest.approx(other, rel=SAME)
        weights: Any = learned(stock.model)
        for key, value in ours.after.items():
            assert value.sub(weights[key]).abs().max() < 1e-3, key
