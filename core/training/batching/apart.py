"""Whether the rows of a batch can be computed apart from each other, so that the sum of the parts is the whole.

What is known by name is asked first; then two rows are computed together and each by itself, which finds whatever else
there is: a model that looks at the padding, or counts places from the wrong end of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.config import TrainingConfig
from core.models.types import Note
from core.said import said, together
from core.training.losses import Loss, Scored

ROUNDING = {2: 5e-2, 4: 1e-3}
"""Bytes of the model's numbers -> how far what it says may lie apart, as a share of it: more than rounding makes."""
LOOKED_AT = 64
"""Examples among which two of unequal length are looked for."""


def why_whole(training: TrainingConfig, model: Any) -> Note | None:
    """Why each batch has to be computed as one, by what is known of such models and settings; None where it has not."""
    import torch

    if any(isinstance(module, torch.nn.modules.batchnorm._BatchNorm) for module in model.modules()):
        return _note(said("This model sets each example against the others of its batch (batch normalization)."))
    for config in _configs(model.config):
        if getattr(config, "output_router_logits", False) or getattr(config, "expert_capacity", None):
            return _note(said("This model shares out the texts of a batch among experts, and learns to do so evenly."))
    if training.neftune_noise_alpha:
        return _note(said("The noise on the words is measured by how wide a batch is."))
    if training.deepspeed or training.fsdp:
        return _note(said("With DeepSpeed and FSDP all devices have to compute in the same beat."))
    return None


def padding_matters(model: Any, collate: Any, loss: Loss, pieces: Sequence[Any]) -> Note | None:
    """Why each batch has to be computed as one: a short text beside a long one is not scored as it is alone. None where
    it is. Leaves the model and all chance as they were.
    """
    import torch

    pair = _unequal(pieces)
    if pair is None:
        return None
    was_learning = model.training
    model.eval()
    try:
        with torch.random.fork_rng(), torch.no_grad():
            together = _scored(model, collate, loss, pair)
            alone = [_scored(model, collate, loss, [piece]) for piece in pair]
    finally:
        model.train(was_learning)
    rounding = ROUNDING.get(next(model.parameters()).itemsize, max(ROUNDING.values()))
    total = sum(float(one.total) for one in alone)
    is_loss_alike = abs(float(together.total) - total) <= rounding * max(abs(total), 1e-3)
    if is_loss_alike and _far(together.output, [one.output for one in alone]) <= rounding:
        return None
    return _note(said("This model reads a text otherwise when it stands beside a longer one."))


def _note(why: str) -> Note:
    return Note(
        said("Each batch is computed as one, not in parts of like length."),
        together(why, said("In parts it would learn something else, so the slower way is taken.")),
    )


def _configs(config: Any) -> Iterator[Any]:
    yield config
    for value in vars(config).values():
        if hasattr(value, "model_type") and hasattr(value, "to_dict"):
            yield from _configs(value)


def _unequal(pieces: Sequence[Any]) -> list[Any] | None:
    """The shortest and the longest of the first pieces; None where all are alike."""
    some = sorted((pieces[place] for place in range(min(LOOKED_AT, len(pieces)))), key=_length)
    return None if not some or _length(some[0]) == _length(some[-1]) else [some[0], some[-1]]


def _length(piece: Any) -> int:
    return len(piece["input_ids"])


def _scored(model: Any, collate: Any, loss: Loss, pieces: list[Any]) -> Scored:
    device = next(model.parameters()).device
    batch = {name: value.to(device) if hasattr(value, "to") else value for name, value in collate(pieces).items()}
    return loss(model, batch)


def _far(together: Any, alone: Sequence[Any]) -> float:
    """How far the model's answers to the rows of a batch lie from those to each row alone, as a share of them."""
    import torch

    if isinstance(together, torch.Tensor):  # of all rows one after the other
        return _apart(together, torch.cat(list(alone)))
    return max(
        (
            _apart(together[name][row], one[name][0])
            for row, one in enumerate(alone)
            for name in one
            if "logits" in name
        ),
        default=0.0,
    )


def _apart(padded: Any, plain: Any) -> float:
    """The same of two tensors, of which the first is longer by the padding, at its end or at its beginning."""
    length = plain.shape[0] if plain.dim() else None
    sides = [padded] if length is None else [padded[:length], padded[-length:]]
    least = min(float((side.float() - plain.float()).abs().max()) for side in sides)
    return least / max(float(plain.float().abs().max()), 1e-6)
