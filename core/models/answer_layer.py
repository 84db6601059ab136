"""What becomes of the answer layer that a checkpoint has, or has not: kept, put into another order, or drawn anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import CheckpointError
from core.models.types import Note
from core.said import enumerated, said

FITS = said("The checkpoint's answer layer fits and is kept: training goes on from what it knows.")
NEW = said("The answer layer starts from nothing; the language knowledge is kept.")


def settle(model: Any, before: Any, loading: Mapping[str, Any], *, has_labels: bool) -> Note:
    """Make the answer layer that was loaded right for the model's labels, and say in words what was done.

    ``before`` is the checkpoint's own config, ``loading`` what ``from_pretrained`` said of the weights. A layer is kept
    where its labels are the same ones; its rows are put into the model's order. ``has_labels`` is False for answers
    that are no classes, such as where an answer begins and ends. Raises ``CheckpointError``.
    """
    old, new = _labels(before), _labels(model.config)
    if any(".pooler." not in name for name in loading["missing_keys"]):
        return Note(NEW)
    if loading["mismatched_keys"] or (has_labels and set(old) != set(new)):
        if not loading["mismatched_keys"]:
            _draw_anew(model, len(new))
        return Note(_replaced(old))
    if has_labels and old != new:
        _reorder(model, [old.index(label) for label in new])
    return Note(FITS)


def foretold(folder: Path, head: str, labels: Sequence[str]) -> tuple[Note, ...]:
    """What ``settle`` will say of a checkpoint for these labels, as far as its ``config.json`` tells.

    ``head`` is how the architectures with such an answer layer end. Empty where there is no readable config: loading
    will say why.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return ()
    if not any(str(name).endswith(head) for name in config.get("architectures") or ()):
        return (Note(NEW),)
    # transformers writes no names where they are the two of its own defaults.
    names = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
    old = [str(names[number]) for number in sorted(names, key=int)]
    return (Note(FITS if set(old) == set(labels) else _replaced(old)),)


def _replaced(old: list[str]) -> str:
    return said(
        "The checkpoint's answer layer was made for {which}. A new one starts from nothing; the language knowledge is "
        "kept.",
        which=_listed(old),
    )


def _labels(config: Any) -> list[str]:
    return [str(config.id2label[number]) for number in sorted(config.id2label)]


def _listed(labels: list[str]) -> str:
    if len(labels) == 1:
        return said("one number ({label})", label=labels[0])
    named = enumerated(*labels[:5])
    if len(labels) > 5:
        named = said("{names} and {count} more", names=named, count=len(labels) - 5)
    return said("{count} other classes ({names})", count=len(labels), names=named)


def last_layer(model: Any, outputs: int) -> Any:
    """The linear layer that gives the answers: the last one outside the body with so many outputs."""
    from torch.nn import Linear

    body = f"{model.base_model_prefix}."
    layers = [
        module
        for name, module in model.named_modules()
        if isinstance(module, Linear) and module.out_features == outputs and not name.startswith(body)
    ]
    if not layers:
        raise CheckpointError(
            said("The answer layer of a {kind} model cannot be replaced.", kind=model.config.model_type),
            said("Choose a checkpoint without one, or with one for another number of classes."),
        )
    return layers[-1]


def _draw_anew(model: Any, outputs: int) -> None:
    import torch

    layer = last_layer(model, outputs)
    with torch.no_grad():
        layer.weight.normal_(0.0, getattr(model.config, "initializer_range", None) or 0.02)
        if layer.bias is not None:
            layer.bias.zero_()


def _reorder(model: Any, places: list[int]) -> None:
    """Bring the answer layer's rows into the order of the new labels. ``places[new] = old``."""
    import torch

    layer = last_layer(model, len(places))
    with torch.no_grad():
        layer.weight.copy_(layer.weight[places].clone())
        if layer.bias is not None:
            layer.bias.copy_(layer.bias[places].clone())
