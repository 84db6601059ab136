"""A temperature worked into a model's answer layer, so that whoever uses the model gets its probabilities set right.

The layer is linear: its outputs divided by a number are those of its weights and bias divided by that number.
Source: Guo et al. (2017), "On Calibration of Modern Neural Networks", arXiv:1706.04599, section 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from core.errors import CheckpointError
from core.models.answer_layer import last_layer
from core.said import said
from core.schema import Setting, Settings

if TYPE_CHECKING:
    from core.tasks.base import Context


class Calibration(Settings):
    """Whether a model's certainty is set right once it is trained."""

    calibrate: Annotated[
        bool,
        Setting(
            "Set probabilities right",
            "When it says 90 %, it should be right 9 times out of 10. After training, its certainty is turned up or "
            "down by its mistakes on the validation part. The answers stay the same.",
            level="advanced",
        ),
    ] = True


def is_wanted(options: Any) -> bool:
    return isinstance(options, Calibration) and options.calibrate


def answer_layer(model: Any, context: Context) -> str:
    """The full name of the linear layer that gives the logit of each label: a ``Task.answer_layer``.

    Raises ``CheckpointError`` where there is none that could be changed without changing something else.
    """
    layer = last_layer(model, len(context.target.labels))
    names = [name for name, module in model.named_modules() if module is layer]
    of_layer = {id(tensor) for tensor in layer.parameters()}
    shared = [
        name
        for name, tensor in model.named_parameters(remove_duplicate=False)
        if id(tensor) in of_layer and not name.startswith(f"{names[0]}.")
    ]
    if shared or not all(tensor.is_floating_point() for tensor in layer.parameters()):
        raise CheckpointError(
            said("The answer layer of this model cannot be changed by itself."),
            said("Its numbers belong to another layer too, or are held in fewer bits."),
        )
    return names[0]


def fold(model: Any, layer: str, temperature: float) -> Callable[[], None]:
    """Divide the outputs of the linear layer ``layer`` by ``temperature``, in place. Gives the way back."""
    import torch

    tensors = list(model.get_submodule(layer).parameters())
    before = [tensor.detach().clone() for tensor in tensors]
    with torch.no_grad():
        for tensor in tensors:
            tensor.div_(temperature)

    def undo() -> None:
        with torch.no_grad():
            for tensor, old in zip(tensors, before, strict=True):
                tensor.copy_(old)

    return undo
