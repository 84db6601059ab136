"""Models like those that people meet on the Hub, tiny: open, gated, private, in an old form, with code of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.small_hub.readme import card
from tests.small_hub.server import SmallHub
from tests.small_hub.store import Beginning, Content
from tests.tiny_models import shelved

OPEN = "paper/small-reader"
GATED_MODEL = "acme/consented-reader"
PRIVATE_MODEL = "anna/own-reader"
BIN_ONLY = "old/before-safetensors"
OWN_CODE = "lab/own-code"
CHINESE = "hanzi/reader"
MANY_LANGUAGES = "many/reader"
NOT_FOR_MONEY = "study/reader"
HUGE = "paper/huge-writer"
SORTER = "paper/sorter"
WEIGHTS = "model.safetensors"
_LAYER = 4096


def fill_models(hub: SmallHub, encoder: Path) -> None:
    """Put all of them into a Hub. ``encoder`` is the folder of a tiny BERT. ``anna`` has an account."""
    if not any(user.name == "anna" for user in hub.store.users.values()):
        hub.user("anna")
    add_model(hub, OPEN, encoder, downloads=90_000, likes=120)
    add_model(hub, GATED_MODEL, encoder, {"license": "other"}, gated="manual", downloads=4_000, likes=77)
    add_model(hub, PRIVATE_MODEL, encoder, private=True, downloads=1)
    add_model(hub, CHINESE, encoder, {"language": "zh"}, downloads=30_000, likes=50)
    add_model(hub, MANY_LANGUAGES, encoder, {"language": ["en", "de", "fr", "zh", "ar"]}, downloads=60_000, likes=99)
    add_model(hub, NOT_FOR_MONEY, encoder, {"license": "cc-by-nc-4.0"}, downloads=2_000, likes=8)
    sorts = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "bad", "1": "good"}}
    add_model(hub, SORTER, encoder, {"datasets": ["stanfordnlp/imdb"]}, sorts, downloads=8_000, likes=20)
    own = {"auto_map": {"AutoModel": "modeling_own.OwnModel"}, "model_type": "own"}
    code = {"modeling_own.py": "raise SystemExit('this code must never run')\n"}
    add_model(hub, OWN_CODE, encoder, config=own, files=code, downloads=700, likes=4)
    old = shelved(encoder.parent, "bin", (str(encoder),), _make_bin) / "pytorch_model.bin"
    add_model(hub, BIN_ONLY, encoder, files={old.name: old}, without=(WEIGHTS,), downloads=900, likes=2)
    hub.add(HUGE, huge(), kind="models", downloads=50_000, likes=500)
    hub.alias("small-reader", OPEN, "models")


def add_model(
    hub: SmallHub,
    id: str,
    folder: Path,
    head: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
    files: dict[str, Content] | None = None,
    without: tuple[str, ...] = (),
    **facts: Any,
) -> str:
    """A model with the files of a folder; ``head`` and ``config`` change its README and its config. Gives the commit.

    ``facts`` are those of ``Repo``: private, gated, downloads, likes.
    """
    kept: dict[str, Content] = {file.name: file for file in folder.iterdir() if file.is_file()}
    whole = json.loads((folder / "config.json").read_text(encoding="utf-8")) | (config or {})
    kept["config.json"] = json.dumps(whole, indent=2)
    named = {"language": "en", "license": "apache-2.0", **(head or {})}
    kept["README.md"] = card(named, f"# {id}\n\nA tiny model.\n")
    kept |= files or {}
    taken = {name: content for name, content in kept.items() if name not in without}
    return hub.add(id, taken, kind="models", **facts)


def huge(layers: int = 32) -> dict[str, Content]:
    """A writer of 7 billion numbers as far as its config and the header of its weights go; there is no more of it."""
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": _LAYER,
        "intermediate_size": 11_008,
        "num_hidden_layers": layers,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "vocab_size": 32_000,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
    }
    shapes = {"model.embed_tokens.weight": [32_000, _LAYER], "lm_head.weight": [32_000, _LAYER]}
    for layer in range(layers):
        inside = f"model.layers.{layer}"
        shapes |= {f"{inside}.self_attn.{part}_proj.weight": [_LAYER, _LAYER] for part in "qkvo"}
        shapes |= {f"{inside}.mlp.{part}_proj.weight": [11_008, _LAYER] for part in ("gate", "up")}
        shapes[f"{inside}.mlp.down_proj.weight"] = [_LAYER, 11_008]
    head, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * shape[0] * shape[1]
        head[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    written = json.dumps(head).encode()
    weights = Beginning(len(written).to_bytes(8, "little") + written, 8 + len(written) + end)
    readme = card({"language": ["en"], "license": "llama2"}, "# Huge\n")
    return {"config.json": json.dumps(config), WEIGHTS: weights, "README.md": readme}


def _make_bin(folder: Path, texts: tuple[str, ...]) -> None:
    """``texts`` holds the folder whose weights are written in the old form."""
    import torch
    from safetensors.torch import load_file

    (encoder,) = texts
    folder.mkdir()
    torch.save(load_file(Path(encoder) / WEIGHTS), folder / "pytorch_model.bin")
