"""What settings of learning do, by effect: rates of groups, frozen parts, dropouts, smoothed labels."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.nn import Dropout, functional

from core.errors import ConfigError
from core.models.anatomy import anatomy_of
from core.tasks import TASKS
from core.training.dropouts import set_dropouts
from core.training.freezing import freeze
from core.training.losses import IGNORED, by_classes, by_next_tokens, by_rows, by_tokens, per_item, smoothed
from core.training.optimizers import Rates, about, split_by_rate


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    """Random ones of several kinds. Tests that change one copy it."""
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        GPT2Config,
        GPT2LMHeadModel,
        LlamaConfig,
        LlamaForCausalLM,
        T5Config,
        T5ForConditionalGeneration,
    )

    torch.manual_seed(0)
    small: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_attention_heads": 2,
        "num_hidden_layers": 3,
    }
    small |= {"initializer_range": 0.5}
    return {
        "bert": BertForSequenceClassification(BertConfig(**small, vocab_size=40, num_labels=3)),
        "llama": LlamaForCausalLM(LlamaConfig(**small, vocab_size=40, tie_word_embeddings=True)),
        "gpt2": GPT2LMHeadModel(
            GPT2Config(n_embd=16, n_layer=3, n_head=2, vocab_size=40, bos_token_id=0, eos_token_id=0)
        ),
        "t5": T5ForConditionalGeneration(
            T5Config(
                d_model=16, d_kv=8, d_ff=16, num_layers=3, num_decoder_layers=2, num_heads=2, vocab_size=40,
                decoder_start_token_id=0,
            )
        ),
    }  # fmt: skip


@pytest.fixture
def model(models: dict[str, Any]) -> Callable[[str], Any]:
    return lambda kind: deepcopy(models[kind])


KINDS = ("bert", "llama", "gpt2", "t5")


class TestAnatomy:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_parameter_stands_in_one_place(self, models: dict[str, Any], kind: str) -> None:
        anatomy = anatomy_of(models[kind])
        found = [id(parameter) for parameter in (*anatomy.body, *anatomy.head)]
        assert sorted(found) == sorted({id(parameter) for parameter in models[kind].parameters()})
        assert anatomy.layers == 3 and len(anatomy.stacks) == (2 if kind == "t5" else 1)
        assert id(models[kind].get_input_embeddings().weight) in {id(one) for one in anatomy.embeddings}
        assert bool(anatomy.head) == (kind == "bert"), "the others answer with their embeddings"


class TestRates:
    @pytest.mark.parametrize("kind", KINDS)
    def test_fall_with_depth_and_the_head_has_its_own(self, model: Callable[[str], Any], kind: str) -> None:
        one, rates = model(kind), Rates(1e-3, 0.5, 1e-2)
        optimizer = torch.optim.AdamW(
            [{"params": [p for p in one.parameters() if (p.dim() > 1) is is_matrix], "weight_decay": decay}
             for is_matrix, decay in ((True, 0.1), (False, 0.0))],
            lr=1e-3,
        )  # fmt: skip
        split_by_rate(optimizer, one, rates)
        found = {
            id(p): (group["lr"], group["weight_decay"]) for group in optimizer.param_groups for p in group["params"]
        }
        assert len(found) == len(list(one.parameters())) and optimizer.param_groups[0]["lr"] == 1e-3
        anatomy = anatomy_of(one)
        for stack in anatomy.stacks:
            assert [{found[id(p)][0] for p in layer} for layer in stack][::-1] == [{1e-3}, {5e-4}, {2.5e-4}][
                : len(stack)
            ]
        assert {found[id(p)][0] for p in anatomy.embeddings} == {1.25e-4}
        assert {found[id(p)][0] for p in anatomy.head} <= {1e-2} and {found[id(p)][0] for p in anatomy.rest} <= {1e-3}
        assert all(found[id(p)][1] == (0.1 if p.dim() > 1 else 0.0) for p in one.parameters())
        assert any("no answer layer of its own" in note.title for note in about(one, rates)) is (kind != "bert")

    def test_stay_after_a_restart(self, model: Callable[[str], Any]) -> None:
        def made() -> tuple[Any, Any]:
            one = model("bert")
            optimizer = torch.optim.AdamW(one.parameters(), lr=1e-3)
            split_by_rate(optimizer, one, Rates(1e-3, 0.5, 1e-2))
            return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / 10)

        (optimizer, schedule), (again, schedule_again) = made(), made()
        for _ in range(3):
            optimizer.step()
            schedule.step()
        again.load_state_dict(optimizer.state_dict())
        schedule_again.load_state_dict(schedule.state_dict())
        for one in (schedule, schedule_again):
            one.optimizer.step()
            one.step()
        assert schedule_again.get_last_lr() == schedule.get_last_lr() and schedule.get_last_lr()[0] == pytest.approx(
            6e-4
        )
        assert [group["lr"] for group in again.param_groups] == [group["lr"] for group in optimizer.param_groups]


class TestFreezing:
    def test_says_how_much_is_trained(self, model: Callable[[str], Any]) -> None:
        one = model("bert")
        (note,) = freeze(one, "layers", 2)
        trained = {name for name, parameter in one.named_parameters() if parameter.requires_grad}
        assert all(name.startswith(("bert.encoder.layer.2.", "bert.pooler.", "classifier.")) for name in trained)
        count = sum(parameter.numel() for parameter in one.parameters() if parameter.requires_grad)
        assert f"{count:,} of {sum(parameter.numel() for parameter in one.parameters()):,} parameters" in note.title

    def test_of_the_base_leaves_the_answer_layer(self, model: Callable[[str], Any]) -> None:
        one = model("bert")
        freeze(one, "base")
        trained = {
            name.split(".")[-3 if "pooler" in name else -2] for name, p in one.named_parameters() if p.requires_grad
        }
        assert trained == {"pooler", "classifier"}

    def test_of_embeddings_leaves_the_layers(self, model: Callable[[str], Any]) -> None:
        one = model("t5")
        freeze(one, "embeddings")
        assert {name for name, p in one.named_parameters() if not p.requires_grad} == {"shared.weight"}

    def test_of_all_there_is_is_refused(self, model: Callable[[str], Any]) -> None:
        with pytest.raises(ConfigError) as refused:
            freeze(model("llama"), "base")
        assert refused.value.field == "training.freeze" and refused.value.remedy == {"training.freeze": "none"}
        with pytest.raises(ConfigError) as refused:
            freeze(model("bert"), "layers", 4)
        assert refused.value.field == "training.frozen_layers" and refused.value.remedy == {"training.frozen_layers": 2}


class TestDropouts:
    def test_are_set_in_the_config_and_in_the_layers(self, model: Callable[[str], Any]) -> None:
        one, before = model("bert"), torch.get_rng_state()
        notes = set_dropouts(one, 0.31, 0.22, 0.43)
        assert torch.equal(torch.get_rng_state(), before), "chance was touched"
        config = one.config
        assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob, config.classifier_dropout) == (
            0.31, 0.22, 0.43,
        )  # fmt: skip
        by_name = {name: module.p for name, module in one.named_modules() if isinstance(module, Dropout)}
        assert by_name.pop("dropout") == 0.43 and set(by_name.values()) == {0.31, 0.22}
        assert {p for name, p in by_name.items() if "attention.self" in name} == {0.22}
        assert [note.level for note in notes] == ["info"] * 3
        assert {module.p for module in type(one)(config).modules() if isinstance(module, Dropout)} == {0.31, 0.22, 0.43}

    def test_really_leave_numbers_out(self, model: Callable[[str], Any]) -> None:
        one, ids = model("gpt2").train(), torch.arange(8)[None]
        set_dropouts(one, 0.0, 0.0)
        assert torch.equal(one(ids).logits, one(ids).logits)
        set_dropouts(one, 0.0, 0.5)
        assert not torch.equal(one(ids).logits, one(ids).logits)

    def test_that_a_kind_does_not_have_are_told(self, model: Callable[[str], Any]) -> None:
        first, second = set_dropouts(model("llama"), 0.1, None, 0.1)
        assert (first.level, second.level) == ("warning", "warning") and "no dropout in its layers" in first.title
        one = model("llama")
        assert set_dropouts(one, attention_dropout=0.2)[0].level == "info"
        assert {layer.self_attn.attention_dropout for layer in one.model.layers} == {0.2}
        assert set_dropouts(model("t5"), dropout=0.3)[0].level == "info"


class TestSmoothing:
    """The formula: (1 - a) times the loss of the right answer, and a times the mean loss of all answers."""

    @staticmethod
    def formula(logits: torch.Tensor, labels: torch.Tensor, amount: float) -> torch.Tensor:
        chances, there = functional.log_softmax(logits, -1).flatten(0, -2), labels.flatten() != IGNORED
        right = chances[there].gather(1, labels.flatten()[there][:, None])[:, 0]
        return -((1 - amount) * right + amount * chances[there].mean(-1)).mean()

    def test_of_rows_and_of_tokens_is_the_formula_also_in_micro_batches(self, models: dict[str, Any]) -> None:
        ids = torch.randint(0, 40, (5, 7), generator=torch.Generator().manual_seed(1))
        tokens = ids.masked_fill(torch.rand(5, 7, generator=torch.Generator().manual_seed(2)) < 0.4, IGNORED)
        cases = (
            ("bert", by_classes, torch.tensor([0, 2, 1, 1, 0])),
            ("llama", by_next_tokens, tokens),
            ("t5", by_tokens, tokens),
        )
        for kind, plain, labels in cases:
            loss, fits = smoothed(plain, 0.2)
            one, batch = models[kind].eval(), {"input_ids": ids, "labels": labels}
            whole = loss(one, batch)
            shift = kind == "llama"
            logits = one(**batch).logits
            wanted = self.formula(logits[:, :-1] if shift else logits, labels[:, 1:] if shift else labels, 0.2)
            assert fits and torch.allclose(per_item(whole.total, whole.items), wanted, atol=1e-5), kind
            parts = [{name: tensor[rows] for name, tensor in batch.items()} for rows in (slice(0, 1), slice(1, 5))]
            items = sum(loss.items(part) for part in parts)
            total = sum(per_item(loss(one, part).total, items) for part in parts)
            assert torch.allclose(total, wanted, atol=1e-5), kind
            assert not torch.allclose(per_item(plain(one, batch).total, plain.items(batch)), wanted, atol=1e-3)

    def test_goes_with_weighed_classes(self) -> None:
        from core.training.imbalance import WeighedClasses

        logits, labels, weights = (
            torch.randn(6, 3),
            torch.tensor([0, 1, 2, 0, IGNORED, 1]),
            torch.tensor([0.2, 1.0, 3.0]),
        )
        loss, fits = smoothed(WeighedClasses(weights), 0.1)
        found = loss(lambda **inputs: SimpleNamespace(logits=logits), {"labels": labels})
        wanted = functional.cross_entropy(logits, labels, weights, label_smoothing=0.1)
        assert fits and torch.allclose(per_item(found.total, found.items), wanted, atol=1e-6)

    def test_is_for_one_right_answer_out_of_several(self) -> None:
        assert smoothed(by_rows, 0.1) == (by_rows, False) and smoothed(by_rows, 0.0) == (by_rows, True)
        fitting = {task.id for task in TASKS.values() if smoothed(task.loss, 0.1)[1]}
        assert "text-classification" in fitting and "text-regression" not in fitting
