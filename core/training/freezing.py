"""Parts of a model that are left as they are while the rest learns. The answer layer always learns."""

from __future__ import annotations

from typing import Any, Literal

from core.errors import ConfigError
from core.models.anatomy import Anatomy, anatomy_of
from core.models.types import Note
from core.said import Figures, said, together

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
            said(
                "This model has {layers} layers, and {frozen} of them are to be frozen.",
                layers=anatomy.layers,
                frozen=layers,
            ),
            said("Freeze {most} layers or fewer.", most=max(0, anatomy.layers - 1)),
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
            said("All of this model is frozen, so there would be nothing to learn."),
            said("It has no answer layer apart from its embeddings. Freeze less of it, or train an adapter instead."),
            field="training.freeze",
            remedy={"training.freeze": "none"},
        )
    return (
        Note(
            said(
                "{trained} of {total} parameters are trained ({share}%).",
                trained=trained,
                total=total,
                share=Figures(f"{trained / total * 100:.1f}"),
            ),
            together(
                said(_FROZEN[what], layers=layers),
                said("A step is quicker and takes less memory; the model adapts less."),
            ),
        ),
    )


_FROZEN = {
    "embeddings": "Frozen: the embeddings.",
    "layers": "Frozen: the embeddings and the lowest {layers} layers.",
    "base": "Frozen: all but the answer layer.",
}


def _frozen(anatomy: Anatomy, what: Freeze, layers: int) -> list[Any]:
    if what == "base":
        return list(anatomy.body)
    lowest = layers if what == "layers" else 0
    below = [parameter for stack in anatomy.stacks for layer in stack[:lowest] for parameter in layer]
    return [*anatomy.embeddings, *below]
