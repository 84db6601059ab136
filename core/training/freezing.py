"""Parts of a model that are left as they are while the rest learns. The answer layer always learns."""

from __future__ import annotations

from typing import Any, Literal

from core.errors import ConfigError
from core.models.anatomy import Anatomy, anatomy_of
from core.models.types import Note

Freeze = Literal["none", "embeddings", "base", "layers"]


def freeze(model: Any, what: Freeze, layers: int = 0) -> tuple[Note, ...]:
    """Freeze ``what`` of a model that has no adapters yet, and say how much is left to learn.

    ``layers``: the embeddings and so many layers from below, of both halves where a model has two. Raises
    ``ConfigError`` where the model has fewer, or where nothing would be left to learn.
    """
    if what == "none":
        return ()
    anatomy = anatomy_of(model)
    if what == "layers" and layers > anatomy.layers:
        raise ConfigError(
            f"This model has {anatomy.layers} layers, and {layers} of them are to be frozen.",
            f"Freeze {max(0, anatomy.layers - 1)} layers or fewer.",
            field="training.frozen_layers",
            remedy={"training.frozen_layers": max(0, anatomy.layers - 1)},
        )
    for parameter in _frozen(anatomy, what, layers):
        parameter.requires_grad_(False)
    parameters = list(model.parameters())
    total = sum(parameter.numel() for parameter in parameters)
    trained = sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
    if not trained:
        raise ConfigError(
            "All of this model is frozen, so there would be nothing to learn.",
            "It has no answer layer apart from its embeddings. Freeze less of it, or train an adapter instead.",
            field="training.freeze",
            remedy={"training.freeze": "none"},
        )
    return (
        Note(
            f"{trained:,} of {total:,} parameters are trained ({trained / total:.1%}).",
            f"Frozen: {_WORDS[what].format(layers)}. A step is quicker and takes less memory; the model adapts less.",
        ),
    )


_WORDS = {
    "embeddings": "the embeddings",
    "layers": "the embeddings and the lowest {0} layers",
    "base": "all but the answer layer",
}


def _frozen(anatomy: Anatomy, what: Freeze, layers: int) -> list[Any]:
    if what == "base":
        return list(anatomy.body)
    lowest = layers if what == "layers" else 0
    below = [parameter for stack in anatomy.stacks for layer in stack[:lowest] for parameter in layer]
    return [*anatomy.embeddings, *below]
