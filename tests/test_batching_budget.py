"""Corrections that go by tokens: which examples they take, what is learned from them, and where they are refused."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config import RunConfig, TrainingConfig, validate
from core.errors import ConfigError
from core.tasks import TASKS
from core.training.batching.budget import Filled
from core.training.batching.sharing import marked
from core.training.steps import epochs_in_all, rows_a_step, steps_in_all
from tests.lessons import School

TOKENS = 80


class TestWhichExamples:
    def test_about_as_many_tokens_each_and_every_example_once(self) -> None:
        lengths = np.random.default_rng(0).lognormal(4, 0.8, 500).astype(int).clip(3, 256)
        order = Filled(lengths, 1024, 42)
        epochs = []
        for epoch in range(2):
            order.set_epoch(epoch)
            steps = order.steps()
            assert len(steps) == len(order) == -(-lengths.sum() // 1024)
            assert sorted(np.concatenate(steps).tolist()) == list(range(500))
            tokens = np.array([lengths[places].sum() for places in steps])
            assert np.abs(tokens - tokens.mean()).max() < lengths.max() and tokens.mean() <= 1024
            assert len({len(places) for places in steps}) > 3, "their number varies"
            epochs.append([places.tolist() for places in steps])
        assert epochs[0] != epochs[1]
        order.set_epoch(0)
        assert [places.tolist() for places in order.steps()] == epochs[0]

    def test_processes_share_out_each_correction(self) -> None:
        lengths = np.arange(1, 41)
        alone, *three = Filled(lengths, 150, 1), *(Filled(lengths, 150, 1, processes=3, number=n) for n in range(3))
        assert {len(list(own)) for own in three} == {len(own) for own in three} == {len(alone)}
        for places, *shares in zip(alone, *three, strict=True):
            assert sorted(chain(*shares)) == sorted(places) and all(shares)
        (idle,) = Filled([7], 150, 1, processes=2, number=1)
        assert idle == [marked(0)], "nothing is left for it, and it keeps time"

    @pytest.mark.parametrize(("lengths", "steps"), [((100, 1, 1), 3), ((1, 1, 100), 3), ((1, 1), 1), ((5,), 1)])
    def test_no_correction_is_empty(self, lengths: tuple[int, ...], steps: int) -> None:
        order = Filled(lengths, 8, 0, is_mixed=False)
        assert len(order.steps()) == steps and all(order)

    def test_steps_are_known_beforehand(self) -> None:
        training = TrainingConfig(tokens_per_step=1000, num_train_epochs=2, gradient_accumulation_steps=4)
        assert steps_in_all(training, 500, 30_500) == 62 and rows_a_step(training, 500, 30_500) == 500 / 31
        assert epochs_in_all(training.model_copy(update={"max_steps": 62}), 500, 30_500) == 2


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ({"tokens_per_step": 100}, "give 128 or more"),
        ({"train_sampling_strategy": "group_by_length"}, "goes by their number"),
        ({"deepspeed": "zero2.json"}, "DeepSpeed"),
        ({"distribution": "fsdp"}, "parts of a model"),
        ({}, "nobody knows"),
    ],
)
def test_it_is_refused_on_its_field_with_the_reason(training: dict[str, Any], words: str) -> None:
    streaming, strategy = None if training else {"max_steps": 10}, training.get("distribution", "ddp")
    training = {name: value for name, value in training.items() if name != "distribution"}
    config = {
        "task": "text-classification",
        "data": {"source": "hf://datasets/anna/some/a.csv", "streaming": streaming},
        "training": {"tokens_per_step": 4096, **training},
        "distribution": {"processes": 2 if strategy == "fsdp" else 1, "strategy": strategy},
    }
    with pytest.raises(ConfigError, match=words) as caught:
        validate(config)
    assert caught.value.field == "training.tokens_per_step"
    config |= {"data": {"source": "some.csv"}, "training": {"tokens_per_step": 4096}, "distribution": {}}
    assert isinstance(validate(config), RunConfig)


SETTINGS: dict[str, Any] = {
    "tokens_per_step": TOKENS,
    "num_train_epochs": 2,
    "lr_scheduler_type": "constant",
    "save_strategy": "steps",
    "save_steps": 4,
    "save_total_limit": 20,
}


@pytest.mark.slow
class TestWhatIsLearned:
    @pytest.fixture
    def school(self, tiny_bert: Path, tmp_path: Path) -> School:
        return School(TASKS["text-classification"], tiny_bert, tmp_path, times=6)

    def test_is_that_of_a_plain_loop_and_goes_on_alike(self, school: School) -> None:
        plain = _plain_loop(school)
        for size, padding in ((16, "split"), (3, "split"), (3, "whole")):
            name = f"{padding}{size}"
            ours = school.learn(folder=name, padding=padding, per_device_train_batch_size=size, **SETTINGS)
            assert [loss for loss, _ in ours.steps] == pytest.approx(plain, rel=1e-5)
            assert ours.parts > len(plain), "nothing was cut"
        later = len(plain) // 2 // 4 * 4 + 4
        whole = school.learn(school.model(0.1), folder="whole", padding="split", **SETTINGS)
        for step in (4, later):  # in the midst of the first epoch, and of the second
            place = str(school.folder / "whole" / f"checkpoint-{step}")
            rest = school.learn(school.model(0.1), folder=f"rest{step}", resume=place, padding="split", **SETTINGS)
            assert rest.steps == whole.steps[step:] and rest.steps

    def test_is_said(self, school: School) -> None:
        from core.training.batching.told import filling, padding_of

        trainer = school.trainer(padding="split", tokens_per_step=TOKENS)
        note, found = filling(trainer), padding_of(trainer, trainer.data_collator)
        assert note is not None and "about 80 tokens" in note.title and "not the training" in note.detail
        assert found.computed <= found.whole
        assert filling(school.trainer(padding="split")) is None


def _plain_loop(school: School) -> list[float]:
    """The loss of each correction, its examples as one batch: PyTorch and the order alone."""
    import torch

    collate, loss, pieces = school.scored()
    model = school.model().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
    order = Filled([len(ids) for ids in pieces["input_ids"]], TOKENS, 42)
    losses = []
    for epoch in range(2):
        order.set_epoch(epoch)
        for places in order:
            scored = loss(model, collate([pieces[place] for place in places]))
            mean = scored.total / scored.items
            mean.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(float(mean.detach()))
    return losses
