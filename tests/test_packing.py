"""Texts laid end to end: no text sees another, and what is learned is what batches with padding teach."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tasks import TASKS
from core.training.batching import packing as batches
from core.training.batching.packing import filled
from tests.lessons import Lesson, School

LENGTHS = (5, 31, 17, 31, 2)
SAME = 1e-4


@given(st.lists(st.integers(1, 300), min_size=1, max_size=150), st.integers(1, 2000))
def test_every_example_is_in_one_part_of_bounded_size(lengths: list[int], most: int) -> None:
    parts = filled(lengths, most)
    assert sorted(itertools.chain(*parts)) == list(range(len(lengths)))
    assert all(len(part) == 1 or sum(lengths[place] for place in part) <= most for part in parts)
    order = [lengths[place] for part in parts for place in part]
    assert order == sorted(order, reverse=True)


def config(kind: str, **more: Any) -> Any:
    import transformers

    sizes: dict[str, Any] = {
        "vocab_size": 200,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 48,
        "pad_token_id": 1,
    }
    return getattr(transformers, f"{kind}Config")(**{**sizes, **more})


MODELS = {
    "Bert": ("SequenceClassification", {}),
    "Roberta": ("TokenClassification", {}),
    "Albert": ("MaskedLM", {"embedding_size": 16}),
    "ModernBert": ("SequenceClassification", {"local_attention": 8}),
    "Llama": ("CausalLM", {"num_key_value_heads": 2}),
    "GPT2": ("CausalLM", {}),
    "Mistral": ("SequenceClassification", {"sliding_window": 6, "num_key_value_heads": 2}),
}


def made(kind: str) -> tuple[Any, dict[str, Any], bool]:
    """(a tiny model, a padded batch of texts of ``LENGTHS``, whether it writes on from a text)."""
    import torch
    import transformers

    torch.manual_seed(0)
    head, more = MODELS[kind]
    model = getattr(transformers, f"AutoModelFor{head}").from_config(config(kind, **more))
    mask = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    ids = torch.randint(5, 200, mask.shape) * mask + (1 - mask)
    return model, {"input_ids": ids, "attention_mask": mask}, head == "CausalLM"


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_a_model_says_and_learns_the_same_without_padding(kind: str) -> None:
    """Also where positions do not begin at 0, a text sees only what is near, or layers are run twice."""
    import torch

    from core.models.packing import pack, row_of

    model, batch, as_row = made(kind)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for name in ("attention_dropout", "attention_probs_dropout_prob", "attn_pdrop"):
        if hasattr(model.config, name):
            setattr(model.config, name, 0.0)
    is_real = batch["attention_mask"].bool()

    def gradients(inputs: dict[str, Any]) -> list[Any]:
        model.train().zero_grad()
        logits = model(**inputs).logits
        logits = logits[is_real] if logits.shape[:2] == is_real.shape else logits
        logits.square().sum().backward()
        return [value.grad for value in model.parameters() if value.grad is not None]

    wanted = gradients(batch)
    packed = pack(model, batch, as_row)
    assert packed is not None
    assert (packed.last is not None) == (kind == "Bert"), "only the answer of one is read off the first token"
    row = {**row_of(batch), "use_cache": False} if as_row else batch
    assert not as_row or row["input_ids"].shape == (1, sum(LENGTHS))
    if model.supports_gradient_checkpointing:
        model.activation_checkpointing_enable()
    # Some gradients are 0 but for rounding: a number that is added to all keys changes nothing.
    largest = max(float(other.abs().max()) for other in wanted)
    for one, other in zip(gradients(row), wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6 * largest)
    packed.undo()
    assert model.config._attn_implementation == "sdpa" and not model.base_model._forward_pre_hooks


def test_the_way_of_a_gpu_is_that_of_a_cpu() -> None:
    import torch

    from core.models.packing_attention import Layout, Sight, by_length, padded

    layout = Layout((9, 6, 6, 1))
    query, key, value = (torch.randn(1, 3, layout.tokens, 4) for _ in range(3))
    near = torch.ones(9, 9, dtype=torch.bool).tril(2).triu(-2)
    for sight in (Sight(None, False), Sight(None, True), Sight(near, False)):
        one, other = (way(query, key, value, sight, 0.0, None, layout) for way in (by_length, padded))
        assert one.shape == (1, layout.tokens, 3, 4)
        torch.testing.assert_close(one, other)


def test_a_model_that_cannot_stays_as_it_was() -> None:
    from core.models.packing import pack

    model, batch, _ = made("Bert")
    model.base_model.embeddings.register_forward_hook(lambda module, args, output: output + output.mean(1, True))
    assert pack(model, batch, False) is None
    assert model.config._attn_implementation == "sdpa" and not model.base_model._forward_pre_hooks
    model.set_attn_implementation("eager")
    assert pack(model, batch, False) is None


# --- Whole trainings -------------------------------------------------------------------------------------------------


class Said:
    """The notices of a run."""

    def __init__(self, school: School, **training: Any) -> None:
        self.config, self.task = school.set(**training), school.task
        self.titles: list[str] = []

    def notice(self, title: str, detail: str = "", level: str = "info") -> None:
        self.titles.append(title)


def learn(school: School, *args: Any, resume: str | None = None, **training: Any) -> Lesson:
    """As ``School.learn``, in rows without padding."""
    from tests.lessons import learned

    trainer = school.trainer(*args, **training)
    said = Said(school, **training)
    batches.begin(said, trainer)  # type: ignore[arg-type]
    assert isinstance(trainer.data_collator, batches.Packing), said.titles
    before: Any = learned(trainer.model)
    trainer.train(resume_from_checkpoint=resume)
    trainer.model.save_pretrained(school.folder / "kept")
    after: Any = learned(trainer.model)
    return Lesson(trainer.noted, before, after, len(trainer.asked))


def with_lora(school: School) -> Any:
    from core.adapter_config import AdapterConfig
    from core.adapters.attached import attach

    model = school.model()
    attach(model, AdapterConfig(method="lora", lora_dropout=0), school.task.auto_class)
    model.enable_input_require_grads()
    return model


NAMES = sorted(name for name, task in TASKS.items() if task.family != "seq2seq")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "adapted"),
    [*((name, False) for name in NAMES), ("causal-language-modeling", True), ("text-classification", True)],
)
def test_each_task_learns_the_same_without_padding(
    name: str, adapted: bool, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    """Also an adapter, which learns the same from whole batches, too."""
    school = School(TASKS[name], tiny_model(TASKS[name].family), tmp_path)
    sizes: dict[str, Any] = {
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
        "activation_checkpointing": True,
    }
    model = with_lora if adapted else School.model
    packed = learn(school, model(school), padding="packed", **sizes)
    for padding in ("split", "whole") if adapted else ("split",):
        other = school.learn(model(school), padding=padding, **sizes)
        assert len(packed.steps) == len(other.steps) > 1
        for mine, theirs in zip(packed.steps, other.steps, strict=True):
            assert mine == pytest.approx(theirs, rel=SAME)
    assert not adapted or all("lora" in key or "classifier" in key for key in packed.before)
    assert [key for key, value in packed.before.items() if value.equal(packed.after[key])] == []
    kept = tmp_path / "kept" / ("adapter_config.json" if adapted else "config.json")
    assert "within_texts" not in kept.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_training_with_dropout_is_taken_up_bit_by_bit(tiny_bert: Path, tmp_path: Path) -> None:
    school = School(TASKS["text-classification"], tiny_bert, tmp_path, times=4)
    sizes: dict[str, Any] = {
        "padding": "packed",
        "per_device_train_batch_size": 8,
        "save_strategy": "steps",
        "save_steps": 3,
    }
    whole = learn(school, school.model(0.2), **sizes)
    again = learn(school, school.model(0.2), resume=str(tmp_path / "out" / "checkpoint-3"), **sizes)
    assert len(whole.steps) > 2
    assert [key for key, value in whole.after.items() if not value.equal(again.after[key])] == []
