"""Weighed and focal losses: what torch computes, exact over micro-batches, and rare classes found by them."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from core import events, runs
from core.config import validate
from core.data.types import Target
from core.tasks import TASKS
from core.tasks.base import Context
from core.training import imbalance
from core.training.imbalance import Imbalance, WeighedClasses, WeighedLabels, balanced
from core.training.losses import IGNORED, per_item
from tests.making import BAD, GOOD, THINGS, config, write_csv

OFFERED = [task for task in TASKS.values() if issubclass(task.options, Imbalance)]


class Linear:
    """A model of one layer, called as those of transformers are."""

    def __init__(self, classes: int, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.weight = torch.randn(6, classes, generator=generator, requires_grad=True)

    def __call__(self, input_ids: torch.Tensor) -> Any:
        return SimpleNamespace(logits=input_ids @ self.weight)


def batch(rows: int, labels: torch.Tensor, width: tuple[int, ...] = ()) -> dict[str, torch.Tensor]:
    return {"input_ids": torch.randn(rows, *width, 6, generator=torch.Generator().manual_seed(1)), "labels": labels}


def gradient(model: Linear, loss: torch.Tensor) -> torch.Tensor:
    return torch.autograd.grad(loss, model.weight)[0]


def cut(whole: dict[str, torch.Tensor], *sizes: int) -> list[dict[str, torch.Tensor]]:
    pieces = {name: tensor.split(list(sizes)) for name, tensor in whole.items()}
    return [{name: pieces[name][place] for name in pieces} for place in range(len(sizes))]


class TestWeights:
    def test_are_the_inverse_of_how_common_a_class_is_with_a_mean_of_one_over_the_rows(self) -> None:
        counts = np.array([80, 15, 5])
        weights = balanced(counts)
        assert weights == pytest.approx(100 / (3 * counts)) and (weights * counts).sum() == pytest.approx(100)

    def test_of_very_rare_classes_are_cut(self) -> None:
        counts = np.array([10_000, 100, 1, 0])
        weights = balanced(counts)
        assert weights[2] / weights[0] == pytest.approx(imbalance.MOST_WEIGHT) and weights[3] == 1
        assert (weights * counts).sum() == pytest.approx(counts.sum())

    def test_know_of_copies_that_were_made_already(self) -> None:
        task: Any = TASKS["text-classification"]
        options = task.options(class_weights="balanced", oversampling=1.0)
        loss = task.learned_by(Context(None, Target(("a", "b"), (30, 10)), 16, options))
        assert float(loss.items({"labels": torch.tensor([0, 1])})) == pytest.approx(2.0)


class TestOneClass:
    LABELS = torch.tensor([0, 2, 1, 0, IGNORED, 2, 0, 1])
    WEIGHTS = torch.tensor([0.2, 0.9, 3.0])

    def test_the_gradient_is_that_of_torch(self) -> None:
        model, whole = Linear(3), batch(8, self.LABELS)
        scored = WeighedClasses(self.WEIGHTS)(model, whole)
        found = gradient(model, per_item(scored.total, scored.items))
        theirs = functional.cross_entropy(model(whole["input_ids"]).logits, self.LABELS, weight=self.WEIGHTS)
        assert torch.allclose(found, gradient(model, theirs), atol=1e-6)

    def test_micro_batches_add_up_even_where_the_weights_of_all_are_below_one(self) -> None:
        model, whole = Linear(3), batch(3, torch.tensor([0, 0, IGNORED]))
        loss = WeighedClasses(self.WEIGHTS, gamma=1.5)
        scored, parts = loss(model, whole), [loss(model, part) for part in cut(whole, 1, 1, 1)]
        assert float(scored.items) == pytest.approx(0.4) and float(parts[-1].items) == 0
        items = sum(part.items for part in parts)
        one = gradient(model, per_item(scored.total, scored.items))
        several = sum(gradient(model, per_item(part.total, items)) for part in parts)
        assert torch.allclose(one, several, atol=1e-6)

    def test_tokens_without_a_label_count_nothing(self) -> None:
        labels = torch.tensor([[0, 1, IGNORED], [IGNORED, IGNORED, IGNORED]])
        model, whole = Linear(3), batch(2, labels, width=(3,))
        scored = WeighedClasses(self.WEIGHTS)(model, whole)
        logits = model(whole["input_ids"]).logits.flatten(0, 1)
        theirs = functional.cross_entropy(logits, labels.flatten(), weight=self.WEIGHTS)
        assert per_item(scored.total, scored.items).item() == pytest.approx(theirs.item())

    def test_focal_loss_without_gamma_is_cross_entropy_and_with_it_counts_the_hard(self) -> None:
        model, labels = Linear(3), torch.tensor([0, 2, 1, 1])
        whole = batch(4, labels)
        logits = model(whole["input_ids"]).logits
        plain = functional.cross_entropy(logits, labels, reduction="none")
        assert WeighedClasses([1.0] * 3)(model, whole).total.item() == pytest.approx(plain.sum().item())
        focal = WeighedClasses([1.0] * 3, gamma=2.0)(model, whole)
        right = logits.softmax(-1)[torch.arange(4), labels]
        assert focal.total.item() == pytest.approx(((1 - right) ** 2 * plain).sum().item(), rel=1e-5)

    def test_a_certain_answer_has_a_finite_slope(self) -> None:
        logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
        scored = WeighedClasses([1.0, 1.0], gamma=0.5)(
            lambda **inputs: SimpleNamespace(logits=logits), {"labels": torch.tensor([0])}
        )
        scored.total.backward()
        assert logits.grad is not None and bool(logits.grad.isfinite().all())


class TestSeveralLabels:
    LABELS = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

    def test_the_gradient_is_that_of_torch_and_micro_batches_add_up(self) -> None:
        weights, model, whole = torch.tensor([1.0, 4.0, 9.0]), Linear(3), batch(4, self.LABELS)
        loss = WeighedLabels(weights)
        scored, parts = loss(model, whole), [loss(model, part) for part in cut(whole, 1, 3)]
        found = gradient(model, per_item(scored.total, scored.items))
        logits = model(whole["input_ids"]).logits
        theirs = functional.binary_cross_entropy_with_logits(logits, self.LABELS, pos_weight=weights)
        assert torch.allclose(found, gradient(model, theirs), atol=1e-6)
        items = sum(part.items for part in parts)
        several = sum(gradient(model, per_item(part.total, items)) for part in parts)
        assert torch.allclose(found, several, atol=1e-6)

    def test_a_label_weighs_as_much_as_its_absence(self) -> None:
        task: Any = TASKS["multi-label-classification"]
        target = Target(("often", "seldom", "never"), (60, 10, 0), rows=100)
        loss = task.learned_by(Context(None, target, 16, task.options(class_weights="balanced")))
        model = Linear(3)
        model.weight.data.zero_()
        one = batch(1, torch.tensor([[0.0, 1.0, 0.0]]))
        assert float(loss(model, one).total.detach()) == pytest.approx(np.log(2) * (1 + 9 + 1) / 3, rel=1e-5)


@pytest.mark.parametrize("task", OFFERED, ids=lambda task: task.id)
def test_with_the_settings_off_the_plain_loss_is_learned_by(task: Any) -> None:
    here = Context(None, Target(("a", "b"), (3, 1), rows=4), 16, task.options())
    assert task.learned_by(here) is task.loss


def test_the_settings_are_offered_where_classes_are_learned() -> None:
    assert {task.id for task in OFFERED} == {
        "text-classification",
        "multi-label-classification",
        "token-classification",
    }


# --- Whole runs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def _own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def uneven(rows: int = 600) -> list[tuple[str, str]]:
    """Reviews of which one in twelve is bad. Every fourth has a bad word, and a third of those are bad: taking such a
    one for good is mostly right, and never finds what is rare.
    """
    draw, made = random.Random(3), []
    for number in range(rows):
        words = f"the {draw.choice(THINGS)} was {draw.choice(GOOD)} and the {draw.choice(THINGS)} {draw.choice(GOOD)}"
        words += f" but {draw.choice(BAD)}" if number % 4 == 0 else ""
        made.append((words, "bad" if number % 12 == 0 else "good"))
    return made


@pytest.mark.slow
@pytest.mark.usefixtures("_own_termination")
def test_a_rare_class_is_found_with_weights_and_missed_without(tiny_bert: Path, tmp_path: Path) -> None:
    from core.training import job

    table = write_csv(tmp_path / "uneven.csv", ("text", "label"), uneven())
    recall = {}
    for weights in ("none", "balanced"):
        whole = config(
            table, tiny_bert, num_train_epochs=4, learning_rate=3e-3, per_device_train_batch_size=16
        ).model_dump()
        whole["options"]["class_weights"] = weights
        whole["data"]["split"] |= {"validation": 0.25, "test": 0.25}
        run = runs.create(validate(whole))
        log = events.EventLog(run.events_path)
        job.train(run, log)
        log.close()
        assert run.report is not None
        recall[weights] = run.report["metrics"]["test"]["per_class"]["bad"]["recall"]
        checks = [event for event in events.read(run.events_path)[0] if isinstance(event, events.Evaluated)]
        assert checks and all(check.metrics["loss"] is not None for check in checks)
    assert recall["none"] < 0.25 and recall["balanced"] >= 0.5, recall
