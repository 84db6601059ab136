"""How scripts make the model that a run begins with, as text: the same as ``core.models.heads`` makes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.models.answer_layer import last_layer
from core.script.types import ScriptFacts
from core.usage.code import Source, filled, literal

_LOADED = """
model = $auto.from_pretrained($options)
"""
_LAYER = """
layer = [
    module
    for name, module in model.named_modules()
    if getattr(module, "out_features", 0) == $outputs and not name.startswith(f"{model.base_model_prefix}.")
][-1]
"""
_DRAWN = """
# The checkpoint's own answer layer was made for other labels, so it begins anew.
$layer
torch.nn.init.normal_(layer.weight, std=getattr(model.config, "initializer_range", None) or 0.02)
if layer.bias is not None:
    torch.nn.init.zeros_(layer.bias)
"""
_REORDERED = """
# The checkpoint knows these labels already, in another order.
$layer
layer.weight.data = layer.weight.data[$places].clone()
if layer.bias is not None:
    layer.bias.data = layer.bias.data[$places].clone()
"""
_WIDER = """
# New tokens begin with an average meaning.
model.resize_token_embeddings(len(tokenizer), mean_resizing=True)
"""
PADDED = (
    'if tokenizer.pad_token is None:\n    tokenizer.add_special_tokens({"pad_token": tokenizer.eos_token or "<pad>"})'
)
"""Statements after ``tokenizer`` is there."""


def loaded(facts: ScriptFacts, **options: object) -> str:
    """Statements that make ``model`` of CHECKPOINT, with what the config leaves open."""
    given = {**options, **facts.dropouts, "dtype": "float32", "ignore_mismatched_sizes": True}
    lines = "".join(f"    {name}={literal(value)},\n" for name, value in given.items())
    found = [filled(_LOADED, auto=Source(facts.auto_class), options=Source(f"\n    CHECKPOINT,\n{lines}"))]
    return "\n".join([*found, *_wider(facts), *_tokens(facts)])


def for_labels(facts: ScriptFacts, **options: object) -> str:
    """The same with one output for each of LABELS."""
    names = Source("{label: number for number, label in enumerate(LABELS)}")
    made = loaded(facts, id2label=Source("dict(enumerate(LABELS))"), label2id=names, **options)
    return "\n".join([made, *_settled(facts)])


def layer(outputs: str) -> str:
    """Statements that find the answer ``layer``: the last one outside the body with so many outputs."""
    return filled(_LAYER, outputs=Source(outputs))


def has_bias(facts: ScriptFacts, outputs: int) -> bool:
    """Whether the answer layer can move all of its answers alike."""
    return last_layer(facts.model, outputs).bias is not None


def knows_labels(facts: ScriptFacts) -> bool:
    """Whether the checkpoint's answer layer is kept."""
    return set(_known_labels(facts)) == set(facts.target.labels)


def of_config(folder: Path) -> dict[str, object]:
    """The checkpoint's ``config.json``."""
    found: dict[str, object] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return found


def _wider(facts: ScriptFacts) -> Sequence[str]:
    before, now = of_config(facts.folder).get("vocab_size"), facts.model.get_input_embeddings().weight.shape[0]
    return [_WIDER.strip("\n")] if isinstance(before, int) and before < now else []


def _tokens(facts: ScriptFacts) -> list[str]:
    """What the checkpoint does not say of its special tokens, and training or writing rests on."""
    before, config = of_config(facts.folder), facts.model.config
    names = ("pad_token_id", "decoder_start_token_id", "eos_token_id")
    now = {name: getattr(config, name, None) for name in names}
    found = [
        f"model.config.{name} = {literal(value)}"
        for name, value in now.items()
        if value is not None and value != before.get(name)
    ]
    if facts.model.can_generate():
        writing = facts.model.generation_config
        for name in names:
            if (value := getattr(writing, name, None)) is not None and value != before.get(name):
                found.append(f"model.generation_config.{name} = {literal(value)}")
    return found


def _settled(facts: ScriptFacts) -> list[str]:
    old, new, lines = _known_labels(facts), list(facts.target.labels), Source(layer("len(LABELS)"))
    if old == new or len(old) != len(new):
        return []
    if set(old) != set(new):
        return [filled(_DRAWN, layer=lines)]
    return [filled(_REORDERED, layer=lines, places=[old.index(label) for label in new])]


def _known_labels(facts: ScriptFacts) -> list[str]:
    """The labels of the answer layer that the checkpoint brings along, in its order; empty where it has none."""
    config, head = of_config(facts.folder), facts.auto_class.removeprefix("AutoModel")
    architectures = config.get("architectures") or ()
    if not isinstance(architectures, list) or not any(str(name).endswith(head) for name in architectures):
        return []
    # transformers writes no names where they are the two of its own defaults.
    names = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    return [str(names[number]) for number in sorted(names, key=int)] if isinstance(names, dict) else []
