"""Classes of very unequal size: mistakes on rare ones weighed more, or what is easy weighed less, while a model learns.

Only what is learned by changes. Checks and the report go on by the plain loss (``Task.loss``), so that the numbers of
runs with and without these settings can be laid side by side.

Sources: King & Zeng (2001), "Logistic Regression in Rare Events Data" (weights as the inverse of how common a class
is, which scikit-learn calls balanced); Lin et al. (2017), "Focal Loss for Dense Object Detection", arXiv:1708.02002.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from core.schema import Setting, Settings
from core.training.augmentation import Oversampling, counts_after
from core.training.losses import IGNORED, Scored

if TYPE_CHECKING:
    from core.tasks.base import Context

MOST_WEIGHT = 20.0
"""Times that an example of a rare class may count as much as one of the commonest: more would follow single rows."""


class Imbalance(Settings):
    """What to do about classes of very unequal size."""

    class_weights: Annotated[
        Literal["none", "balanced"],
        Setting(
            "Class weights",
            "Balanced: a mistake on a rare class counts as much more as the class is rarer. Right when rare classes "
            f"matter as much as common ones. No class counts more than {MOST_WEIGHT:.0f} times as much as another.",
            level="advanced",
            choices=(("all examples count alike", "none"), ("balanced", "balanced")),
        ),
    ] = "none"
    focal_gamma: Annotated[
        float,
        Setting(
            "Focal loss",
            "What the model already answers well counts less, the more so the higher this number; 0 is off, 2 is "
            "usual. Right when very many easy examples drown the hard ones.",
            level="expert",
        ),
    ] = Field(0.0, ge=0, le=10)


def is_used(options: Any) -> bool:
    """Whether anything else than the plain loss is learned by."""
    return isinstance(options, Imbalance) and (options.class_weights != "none" or options.focal_gamma > 0)


def balanced(counts: Any) -> Any:
    """The weight of each class from its number of rows, as float64: n / (k * n_c), with a mean of 1 over the rows.

    Classes without a row weigh 1. Weights are cut to ``MOST_WEIGHT`` times the smallest.
    """
    import numpy as np

    counts = np.asarray(counts, dtype=np.float64)
    there = counts > 0
    weights = np.ones(len(counts))
    if there.any():
        weights[there] = counts.max() / counts[there]
        weights[there] = np.minimum(weights[there], MOST_WEIGHT)
        weights[there] *= counts.sum() / (weights[there] * counts[there]).sum()
    return weights


# --- One class out of several ----------------------------------------------------------------------------------------


class WeighedClasses:
    """Cross entropy of pieces, or of tokens, with a class each: the sum of weight x loss over the sum of weights, which
    is what ``torch.nn.functional.cross_entropy`` gives with ``weight``.

    ``weights`` has one number a class. With ``gamma`` above 0 each loss is taken times (1 - p) ** gamma, where p is the
    probability that the model gave to the right class. Labels ``IGNORED`` are left out. ``smoothing`` is that of
    ``torch.nn.functional.cross_entropy``.
    """

    def __init__(self, weights: Any, gamma: float = 0.0, smoothing: float = 0.0) -> None:
        import torch

        self._weights = torch.as_tensor(weights, dtype=torch.float32)
        self._gamma = gamma
        self._smoothing = smoothing

    def smoothed(self, amount: float) -> WeighedClasses:
        return WeighedClasses(self._weights, self._gamma, amount)

    def items(self, batch: Mapping[str, Any]) -> Any:
        labels = batch["labels"].flatten()
        return self._weights.to(labels.device)[labels[labels != IGNORED]].sum()

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        import torch

        output = model(**{name: tensor for name, tensor in batch.items() if name != "labels"})
        labels = batch["labels"].flatten()
        logits = output.logits.float().flatten(0, -2)
        weights = self._weights.to(labels.device)
        losses = torch.nn.functional.cross_entropy(
            logits, labels, weights, reduction="none", ignore_index=IGNORED, label_smoothing=self._smoothing
        )
        if self._gamma:
            # The loss of the right class is -log p.
            right = torch.nn.functional.cross_entropy(logits, labels, reduction="none", ignore_index=IGNORED)
            losses = _hardness(right, self._gamma) * losses
        return Scored(output, losses.sum(), self.items(batch))


def class_loss(plain: Any) -> Callable[[Context], Any]:
    """For ``Task.loss_of``: as the options (``Imbalance``) ask, else ``plain``. Of tasks with one class an item."""

    def loss_of(context: Context) -> Any:
        if not is_used(context.options):
            return plain
        counts = context.target.counts
        if isinstance(context.options, Oversampling):
            counts = counts_after(counts, context.options)
        is_balanced = context.options.class_weights == "balanced"
        return WeighedClasses(balanced(counts) if is_balanced else [1.0] * len(counts), context.options.focal_gamma)

    return loss_of


# --- Any number of labels --------------------------------------------------------------------------------------------


class WeighedLabels:
    """Binary cross entropy of pieces with 0.0 or 1.0 for each label: the mean over labels, summed over pieces, which is
    what ``torch.nn.functional.binary_cross_entropy_with_logits`` gives with ``pos_weight``, times the pieces.

    ``pos_weights`` says of each label how much more a piece that has it counts than one that has not; ``gamma`` is that
    of ``WeighedClasses``.
    """

    def __init__(self, pos_weights: Any, gamma: float = 0.0) -> None:
        import torch

        self._pos_weights = torch.as_tensor(pos_weights, dtype=torch.float32)
        self._gamma = gamma

    def items(self, batch: Mapping[str, Any]) -> Any:
        return batch["labels"].new_tensor(len(batch["labels"]))

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        import torch

        output = model(**{name: tensor for name, tensor in batch.items() if name != "labels"})
        labels = batch["labels"].float()
        losses = torch.nn.functional.binary_cross_entropy_with_logits(output.logits.float(), labels, reduction="none")
        weights = 1 + labels * (self._pos_weights.to(labels.device) - 1)
        hardness = _hardness(losses, self._gamma) if self._gamma else 1
        return Scored(output, (weights * hardness * losses).mean(1).sum(), self.items(batch))


def labels_loss(plain: Any) -> Callable[[Context], Any]:
    """The same as ``class_loss`` for tasks with any number of labels an item."""

    def loss_of(context: Context) -> Any:
        if not is_used(context.options):
            return plain
        is_balanced = context.options.class_weights == "balanced"
        weights = pos_weights(context.target) if is_balanced else [1.0] * len(context.target.labels)
        return WeighedLabels(weights, context.options.focal_gamma)

    return loss_of


def pos_weights(target: Any) -> Any:
    """How many times rarer than its absence each label is, from 1 to ``MOST_WEIGHT``."""
    import numpy as np

    counts = np.asarray(target.counts, dtype=np.float64)
    return np.clip((target.rows - counts) / np.maximum(counts, 1), 1, MOST_WEIGHT)


def _hardness(losses: Any, gamma: float) -> Any:
    """(1 - p) ** gamma of losses -log p."""
    import torch

    # Where p is 1 in float32, the power has no finite slope below a gamma of 1.
    return (1 - torch.exp(-losses)).clamp(min=1e-6) ** gamma
