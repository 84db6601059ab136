"""What a script says of the answer layer that a checkpoint brings along: as ``core.models.answer_layer`` settles it."""

from __future__ import annotations

import json
from pathlib import Path

from core.script.types import ScriptFacts
from core.usage.code import filled, literal

_MODEL = """
model = $auto.from_pretrained(
    CHECKPOINT,
    id2label=dict(enumerate(LABELS)),
    label2id={label: number for number, label in enumerate(LABELS)},
    $more
    dtype="float32",
    ignore_mismatched_sizes=True,
)
"""
_LAYER = """
layer = [
    module
    for name, module in model.named_modules()
    if getattr(module, "out_features", 0) == len(LABELS) and not name.startswith(f"{model.base_model_prefix}.")
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
_PADS = """
if model.config.pad_token_id is None:
    model.config.pad_token_id = tokenizer.pad_token_id
"""


def model_for_labels(facts: ScriptFacts, **options: str) -> str:
    """Statements that make ``model`` with one output for each of LABELS. ``options`` go into its config."""
    from core.usage.code import Source

    more = Source("\n    ".join(f"{name}={literal(value)}," for name, value in options.items()))
    made = filled(_MODEL, auto=Source(facts.auto_class), more=more).replace("    \n", "")
    return "\n".join([made, *_settled(facts), _PADS.strip("\n")])


def _settled(facts: ScriptFacts) -> list[str]:
    from core.usage.code import Source

    old, new, layer = known_labels(facts.folder, facts.auto_class), list(facts.target.labels), Source(_LAYER.strip())
    if old == new or len(old) != len(new):
        return []
    if set(old) != set(new):
        return [filled(_DRAWN, layer=layer)]
    return [filled(_REORDERED, layer=layer, places=[old.index(label) for label in new])]


def known_labels(folder: Path, auto_class: str) -> list[str]:
    """The labels of the answer layer that a checkpoint brings along, in its order; empty where it has none."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    head = auto_class.removeprefix("AutoModel")
    if not any(str(name).endswith(head) for name in config.get("architectures") or ()):
        return []
    # transformers writes no names where they are the two of its own defaults.
    names = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    return [str(names[number]) for number in sorted(names, key=int)]
