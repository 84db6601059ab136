"""Which layers of a model get an adapter, and which parts of it are trained whole: found by themselves.

The body of a model gets the adapter. What stands around it, and whatever its checkpoint lacked, is trained whole: an
adapter can only correct what is there. A layer that names words stays as it came, like the embeddings that it mostly
shares its weights with; both are trained where they got rows for new tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import ConfigError, StudioError
from core.models.fresh import fresh, is_widened
from core.said import enumerated, said

_ATTENDED = {
    "key", "value", "k", "v", "k_proj", "v_proj", "key_proj", "value_proj", "k_lin", "v_lin", "in_proj",
    "query_key_value", "qkv_proj", "qkv", "Wqkv", "c_attn",
}  # fmt: skip
_FED_FORWARD = {
    "fc2", "down_proj", "wo", "lin2", "w2", "ffn_output", "dense_4h_to_h", "fc_out", "mlp.c_proj", "mlp.Wo",
    "output.dense",
}  # fmt: skip
"""Last names of layers as the architectures of transformers have them, for those that peft has no list of."""
_LISTED = 12


@dataclass(frozen=True)
class Layers:
    """Full names of modules. ``forwards`` are those of ``targets`` that end a feed-forward block; ``whole`` is trained
    without an adapter.
    """

    targets: tuple[str, ...]
    forwards: tuple[str, ...]
    whole: tuple[str, ...]


def layers_of(model: Any, method: str, asked: str) -> Layers:
    """The layers for an adapter of this ``method``; ``asked`` are a person's own names with commas, or nothing.

    Raises ``ConfigError`` for a name that no layer of the body has.
    """
    whole = _whole(model)
    linear = _linear(model, whole)
    if not linear:
        raise StudioError(
            said(
                "A model of the kind {kind} has no layers that an adapter could be put on.",
                kind=model.config.model_type,
            ),
            said("Train the whole model, or choose another one."),
        )
    known, forwards = _vectors(model) if method == "ia3" else ((), ())
    names = tuple(name.strip() for name in asked.split(",") if name.strip())
    if names:
        _require(names, linear)
    targets = tuple(name for name in linear if _is_named(name, names or known or linear))
    targets = targets or tuple(linear)
    return Layers(targets, tuple(name for name in targets if _is_named(name, forwards)), whole)


def outside(model: Any) -> tuple[str, ...]:
    """The parts beside the body, such as an answer layer, by their names."""
    body = model.base_model
    if body is not model:
        return tuple(name for name, child in model.named_children() if child is not body)
    # Some models are their own body: stacks of blocks and embeddings, with a layer or two after them.
    return tuple(name for name, child in model.named_children() if not _is_stack(child))


def _is_stack(child: Any) -> bool:
    from torch.nn import Embedding, ModuleList

    return any(isinstance(module, ModuleList | Embedding) for module in child.modules())


def _require(names: Iterable[str], linear: Iterable[str]) -> None:
    unknown = [name for name in names if not any(_is_named(layer, (name,)) for layer in linear)]
    if unknown:
        kinds = list(dict.fromkeys(layer.rpartition(".")[2] for layer in linear))
        listed = enumerated(*kinds[:_LISTED])
        if len(kinds) > _LISTED:
            listed = said("{names} and {count} more", names=listed, count=len(kinds) - _LISTED)
        raise ConfigError(
            said("This model has no layer called {name} that an adapter could be put on.", name=unknown[0]),
            said("It has: {names}. Left empty, all of them get one.", names=listed),
            field="adapter.target_modules",
        )


def _is_named(layer: str, names: Iterable[str]) -> bool:
    return any(layer == name or layer.endswith(f".{name}") for name in names)


def _linear(model: Any, whole: tuple[str, ...]) -> list[str]:
    """All linear layers of the body, but for those that share their weights with the embeddings."""
    from torch.nn import Linear
    from transformers.pytorch_utils import Conv1D

    beside = (*outside(model), *whole)
    shared = {id(tensor) for module in _embeddings(model) for tensor in module.parameters()}
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear | Conv1D)
        and id(module.weight) not in shared
        and not any(name == part or name.startswith(f"{part}.") for part in beside)
    ]


def _vectors(model: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(layers, those of them in feed-forward blocks) for IA³: keys, values and what ends a feed-forward block.

    Source: Liu et al. (2022), "Few-Shot Parameter-Efficient Fine-Tuning is Better and Cheaper than In-Context
    Learning", arXiv:2205.05638, section 3.3.
    """
    from peft.utils import constants

    kind = model.config.model_type
    targets = constants.TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING.get(kind)
    if targets is None:
        return (*sorted(_ATTENDED), *sorted(_FED_FORWARD)), tuple(sorted(_FED_FORWARD))
    return tuple(targets), tuple(constants.TRANSFORMERS_MODELS_TO_IA3_FEEDFORWARD_MODULES_MAPPING[kind])


# --- What is trained whole -------------------------------------------------------------------------------------------


def _whole(model: Any) -> tuple[str, ...]:
    """The topmost modules of which every number is trained."""
    trained = _trained(model)
    chosen: list[str] = []
    for name, module in model.named_modules():
        own = [f"{name}.{tensor}" for tensor, _ in module.named_parameters(remove_duplicate=False)]
        inside = any(name.startswith(f"{above}.") for above in chosen)
        if name and own and not inside and all(tensor in trained for tensor in own):
            chosen.append(name)
    return tuple(chosen)


def _trained(model: Any) -> set[str]:
    """Names of tensors: those around the body, those that were drawn anew, and widened embeddings."""
    tensors = dict(model.named_parameters(remove_duplicate=False))
    new, beside = fresh(model), tuple(f"{part}." for part in outside(model))
    embeddings = {id(tensor) for module in _embeddings(model) for tensor in module.parameters()}
    if is_widened(model):
        # Weights that a layer shares with the embeddings are learned as these, under each of their names.
        return {name for name in tensors if name.startswith(beside) or name in new or id(tensors[name]) in embeddings}
    found = {name for name in tensors if name in new or name.startswith(beside)}
    return {name for name in found if id(tensors[name]) not in embeddings or (name in new and not _is_shared(model))}


def _embeddings(model: Any) -> list[Any]:
    """The modules that read words and name them."""
    parts = [model.encoder, model.decoder] if model.config.model_type == "encoder-decoder" else [model]
    found = [layer for part in parts for layer in (part.get_input_embeddings(), part.get_output_embeddings())]
    return [layer for layer in found if layer is not None]


def _is_shared(model: Any) -> bool:
    read, named = model.get_input_embeddings(), model.get_output_embeddings()
    return named is not None and named.weight is read.weight
