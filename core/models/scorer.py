"""Text models that give a number: built from a checkpoint, trained in standard units, kept in those of the table.

While it learns, the answer layer gives numbers around 0 with a spread of 1, whatever the table's units are. When it is
kept, these units are worked into its weights, so that the plain model answers in them. The model's config says which
units its answers are in: (answer - ``score_shift``) / ``score_scale`` is the answer in standard units, in training,
after it and wherever it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.data.types import Target
from core.models import answer_layer, heads
from core.models.answer_layer import FITS, last_layer
from core.models.types import Built, Note
from core.said import said
from core.training.losses import Scored

AUTO = "AutoModelForSequenceClassification"
HEAD = "ForSequenceClassification"


def build(folder: str, target: Target) -> Built:
    """The checkpoint's body with an answer layer of one output, ready to learn. Raises ``CheckpointError``."""
    built = heads.build(AUTO, folder, what=said("give a text a score"), num_labels=1, problem_type="regression")
    config = built.model.config
    config.id2label, config.label2id = {0: "score"}, {"score": 0}
    if hasattr(config, "score_scale"):
        # It was kept in the units of another table; what it knows of high and low carries over.
        _rescale(built.model, 1 / config.score_scale, -config.score_shift / config.score_scale)
    # A layer without a bias cannot be moved later, so it learns numbers around the mean from the start.
    moves = last_layer(built.model, 1).bias is not None
    config.score_scale, config.score_shift = 1.0, 0.0 if moves else target.mean / target.spread
    return built


def foretold(folder: Path) -> tuple[Note, ...]:
    """What ``build`` will say of the checkpoint's answer layer, from its config alone.

    A layer of one number is kept, whether it is called as ours or as transformers calls it by default.
    """
    ours, default = (answer_layer.foretold(folder, HEAD, (name,)) for name in ("score", "LABEL_0"))
    return default if any(note.title == FITS for note in default) else ours


def load(folder: str) -> Any:
    """A trained model as it was kept. Raises ``CheckpointError``."""
    return heads.load(AUTO, folder)


def keep_in_units(model: Any, target: Target) -> None:
    """Work the table's units into the weights of a model that learned in standard ones. Done twice, it does nothing."""
    config = model.config
    factor = target.spread / config.score_scale
    _rescale(model, factor, target.mean - config.score_shift * factor)
    config.score_scale, config.score_shift = target.spread, target.mean


def _rescale(model: Any, factor: float, offset: float) -> None:
    """Make the answer x into ``factor`` * x + ``offset``. Without a bias there is no offset to be had, nor needed."""
    import torch

    layer = last_layer(model, 1)
    with torch.no_grad():
        layer.weight.mul_(factor)
        if layer.bias is not None:
            layer.bias.mul_(factor).add_(offset)


def in_units(model: Any, answers: Sequence[Any], target: Target) -> list[Any]:
    """The answers of a model, in training or kept, as float64 in the units of the table."""
    import numpy as np

    config = model.config
    standard = (np.asarray(answers, dtype=np.float64) - config.score_shift) / config.score_scale
    return list(standard * target.spread + target.mean)


def standard(scores: Sequence[float], target: Target) -> list[float]:
    """Scores of a table in the units that are learned."""
    return [(score - target.mean) / target.spread for score in scores]


class SquaredError:
    """The mean over the pieces of the squared error in standard units: 1 is as good as always giving the mean."""

    def items(self, batch: Mapping[str, Any]) -> Any:
        return batch["labels"].new_tensor(len(batch["labels"]))

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        output = model(**{name: value for name, value in batch.items() if name != "labels"})
        # A model on several devices is wrapped; what it wraps has the config.
        config = getattr(model, "module", model).config
        answers = (output.logits.float().reshape(-1) - config.score_shift) / config.score_scale
        return Scored(output, (answers - batch["labels"].float()).square().sum(), self.items(batch))


squared_error = SquaredError()
