"""Adapters on the models of every task: what is trained, what stays, and what the merged model says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.adapter_config import AdapterConfig
from core.adapters.attached import PREFIX, Adapter, attach, reattach
from core.adapters.layers import layers_of
from core.adapters.training import trained_part
from core.data.preview import preview
from core.data.tables import open_table
from core.errors import ConfigError, StudioError
from core.models import heads
from core.tasks import TASKS
from core.tasks.base import Context, Task

STEPS = 2


@pytest.fixture(params=sorted(TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    return TASKS[request.param]


def prepared(task: Task, folder: Path, place: Path) -> tuple[Context, Mapping[str, Any]]:
    """What the task needs, and one batch of its own sample rows."""
    source = place / "table.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in task.sample_rows), encoding="utf-8")
    guess = task.guess(preview(str(source)))
    assert guess is not None
    options = task.options()
    found = task.examples(open_table(str(source)).table, guess.columns, options)
    tokenizer, _ = task.load_tokenizer(str(folder), options)
    context = Context(tokenizer, found.target, 64, options)
    encoded = task.encode(task.training_rows(found.table, context).to_pydict(), context, "train")
    names = [name for name in encoded if name in task.model_inputs]
    pieces = [dict(zip(names, values, strict=True)) for values in zip(*(encoded[name] for name in names), strict=True)]
    return context, task.collator(context, "train")(pieces)


def built(task: Task, folder: Path, context: Context) -> Any:
    from transformers import set_seed

    set_seed(0)
    return task.build_model(str(folder), context).model


def learn(task: Task, model: Any, batch: Mapping[str, Any]) -> list[float]:
    import torch

    optimizer = torch.optim.AdamW([one for one in model.parameters() if one.requires_grad], lr=1e-2)
    losses = []
    model.train()
    for _ in range(STEPS):
        scored = task.loss(model, batch)
        (scored.total / scored.items).backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(scored.total.item())
    return losses


def said_by(task: Task, model: Any, batch: Mapping[str, Any]) -> Any:
    import torch

    with torch.no_grad():
        output = task.loss(model.eval(), batch).output
    if isinstance(output, torch.Tensor):
        return output
    return output.logits if "logits" in output else output.start_logits


def numbers(model: Any) -> dict[str, Any]:
    """All numbers of a model by their names without an adapter."""
    return {name.replace(".base_layer", ""): value.detach().clone() for name, value in model.state_dict().items()}


def test_every_task_learns_with_an_adapter(task: Task, tmp_path: Path, tiny_model: Callable[[str], Path]) -> None:
    import math

    import torch

    folder = tiny_model(task.family)
    context, batch = prepared(task, folder, tmp_path)
    model = built(task, folder, context)
    before = numbers(model)
    adapter = attach(model, AdapterConfig(method="lora", lora_dropout=0.0), task.auto_class)
    whole = tuple(f"{name}." for name in adapter.whole)
    assert all(math.isfinite(loss) for loss in learn(task, model, batch))
    after = numbers(model)
    assert [name for name in before if name.startswith(whole) and before[name].equal(after[name])] == []
    assert [name for name in before if not name.startswith(whole) and not before[name].equal(after[name])] == []
    assert any(not after[name].eq(0).all() for name in after.keys() - before.keys() if ".lora_B." in name)
    learned = said_by(task, model, batch)

    adapter.write(tmp_path / "adapter", str(folder))
    adapter.merge()
    torch.testing.assert_close(said_by(task, model, batch), learned, atol=1e-4, rtol=1e-4)
    assert after.keys() >= numbers(model).keys() == before.keys()
    as_peft_loads_it(task, built(task, folder, context), tmp_path / "adapter", batch, learned)


def as_peft_loads_it(task: Task, base: Any, folder: Path, batch: Mapping[str, Any], learned: Any) -> None:
    """The folder needs nothing of ours, and says the same without it."""
    import torch
    from peft import PeftModel

    model = PeftModel.from_pretrained(base, folder).get_base_model()
    torch.testing.assert_close(said_by(task, model, batch), learned, atol=1e-4, rtol=1e-4)


# --- Other architectures ---------------------------------------------------------------------------------------------

_SMALL = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}


def architectures() -> dict[str, Any]:
    """Models as they come without a checkpoint, and one name of what is trained whole in each."""
    import transformers as t

    bert = t.BertConfig(**_SMALL, intermediate_size=48)
    t5 = t.T5Config(vocab_size=60, d_model=32, d_kv=8, d_ff=48, num_layers=1, num_heads=4)
    return {
        "gpt2": (t.GPT2LMHeadModel(t.GPT2Config(vocab_size=60, n_embd=32, n_layer=1, n_head=2)), ()),
        "roberta": (t.RobertaForMaskedLM(t.RobertaConfig(**_SMALL, intermediate_size=48)), ("lm_head.dense",)),
        "distilbert": (
            t.DistilBertForSequenceClassification(t.DistilBertConfig(vocab_size=60, dim=32, n_heads=2, n_layers=1)),
            ("pre_classifier", "classifier"),
        ),
        "t5": (t.T5ForQuestionAnswering(t5), ("qa_outputs",)),
        "bart": (
            t.BartForSequenceClassification(
                t.BartConfig(vocab_size=60, d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2)
            ),
            ("classification_head",),
        ),
        "both": (t.EncoderDecoderModel(t.EncoderDecoderConfig.from_encoder_decoder_configs(bert, bert)), ()),
    }


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_layers_are_found_in_every_architecture(method: Any) -> None:
    for name, (model, whole) in architectures().items():
        found = layers_of(model, method, "")
        assert found.targets and set(whole) <= set(found.whole), name
        assert bool(found.forwards) == (method == "ia3"), name
        adapter = attach(model, AdapterConfig(method=method), "")
        trained = {tensor for tensor, value in model.named_parameters() if value.requires_grad}
        assert not any("embed" in tensor or "shared" in tensor or "wte" in tensor for tensor in trained), name
        assert len(adapter.targets) == len(found.targets), name
        adapter.merge()
        assert not any("base_layer" in tensor for tensor, _ in model.named_parameters()), name


# --- Settings --------------------------------------------------------------------------------------------------------


def tiny(**changes: Any) -> Adapter:
    import transformers as t

    model = t.BertForSequenceClassification(t.BertConfig(**_SMALL, intermediate_size=48))
    return attach(model, AdapterConfig(method="lora", **changes), "AutoModelForSequenceClassification")


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"r": 4}, lambda adapter: adapter.model.bert.pooler.dense.lora_A["default"].weight.shape == (4, 32)),
        ({"lora_alpha": 64}, lambda adapter: adapter.model.bert.pooler.dense.scaling == {"default": 4.0}),
        ({"use_rslora": True}, lambda adapter: adapter.model.bert.pooler.dense.scaling == {"default": 8.0}),
        ({"lora_dropout": 0.5}, lambda adapter: adapter.model.bert.pooler.dense.lora_dropout["default"].p == 0.5),
        ({"use_dora": True}, lambda adapter: any("magnitude" in name for name in adapter.tensors())),
        ({"target_modules": "query, value"}, lambda adapter: len(adapter.targets) == 2),
    ],
)
def test_each_setting_reaches_the_layers(changes: dict[str, Any], seen: Callable[[Adapter], bool]) -> None:
    assert seen(tiny(**changes)) and not seen(tiny())


def test_what_is_kept_is_read_again_and_fits_its_own_model_alone(tmp_path: Path) -> None:
    first, second = tiny(), tiny()
    first.write(tmp_path)
    second.read(tmp_path)
    assert all(value.equal(second.tensors()[name]) for name, value in first.tensors().items())
    assert all(name.startswith(PREFIX) for name in first.tensors())
    again = reattach(tiny().model.__class__(first.model.config), tmp_path)
    assert all(value.equal(again.tensors()[name]) for name, value in first.tensors().items())
    with pytest.raises(StudioError, match="does not fit"):
        tiny(target_modules="query").read(tmp_path)


def test_a_name_that_no_layer_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no layer called q_proj.*query, key, value, dense") as refused:
        tiny(target_modules="query, q_proj")
    assert refused.value.field == "adapter.target_modules"


def test_how_much_is_trained_is_said() -> None:
    adapter = tiny()
    trained = sum(value.numel() for value in adapter.model.parameters() if value.requires_grad)
    assert f"{trained:,} are trained" in trained_part(adapter)


# --- Fewer bits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", ["4bit", "8bit"])
def test_a_model_is_held_in_fewer_bits_and_merged_in_full(bits: Any, tmp_path: Path) -> None:
    import torch
    import transformers as t

    pytest.importorskip("bitsandbytes")
    from core.adapters.holding import held, is_held

    torch.manual_seed(0)
    config = t.LlamaConfig(
        vocab_size=60, hidden_size=64, intermediate_size=128, num_hidden_layers=1, num_attention_heads=2
    )
    t.LlamaForCausalLM(config).save_pretrained(tmp_path)
    wanted = AdapterConfig(method="lora", quantization=bits, lora_dropout=0.0)
    auto, ids = "AutoModelForCausalLM", torch.arange(1, 9)[None]
    with held(wanted):
        small = heads.build(auto, str(tmp_path), what="write").model
    full = heads.build(auto, str(tmp_path), what="write").model
    assert is_held(small) and not is_held(full)
    assert small.model.layers[0].mlp.up_proj.weight.element_size() == 1
    adapter = attach(small, wanted, auto)
    parameters = [value for value in small.parameters() if value.requires_grad]
    small(input_ids=ids, labels=ids).loss.backward()
    torch.optim.AdamW(parameters, lr=1e-2).step()
    merged = attach(full, wanted, auto)
    merged.take(adapter.tensors(), "here")
    merged.merge()
    with torch.no_grad():
        kept, held_logits = full(input_ids=ids).logits, small(input_ids=ids).logits
    assert not kept.equal(held_logits)
    torch.testing.assert_close(kept, held_logits, atol=0.3, rtol=0)


def test_a_model_too_narrow_for_4_bits_is_refused(tmp_path: Path) -> None:
    import transformers as t

    pytest.importorskip("bitsandbytes")
    from core.adapters.holding import held

    t.BertModel(t.BertConfig(**_SMALL, intermediate_size=48)).save_pretrained(tmp_path)
    with pytest.raises(ConfigError) as refused, held(AdapterConfig(method="lora", quantization="4bit")):
        heads.build("AutoModelForSequenceClassification", str(tmp_path), what="sort")
    assert refused.value.field == "adapter.quantization" and refused.value.remedy == {"adapter.quantization": "none"}
