"""Losses of scripts that weigh classes of unequal size, as text: the same as ``core.training.imbalance``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.script.losses import SMOOTHING, with_plain
from core.script.types import ScriptFacts
from core.training import imbalance
from core.training.augmentation import Oversampling, counts_after
from core.usage.code import Source, filled

EXPRESSED = ("class_weights", "focal_gamma", SMOOTHING)
"""The settings that these losses take account of."""

_CLASSES = '''
def count_items(batch):
    """What the loss is a mean over: items, each with the weight of its class."""
    labels = batch["labels"]
    return WEIGHTS.to(labels.device)[labels[labels != -100]].sum().item()


def total_loss(model, batch):
    """The sum of the weighed losses of a batch, and the model's outputs."""
    labels = batch["labels"].flatten()
    outputs = model(**{name: values for name, values in batch.items() if name != "labels"})
    logits, weights = outputs.logits.flatten(0, -2), WEIGHTS.to(labels.device)
    losses = cross_entropy(logits, labels, weights, reduction="none"$smoothing)$focal
    return losses.sum(), outputs
'''
_FOCAL_CLASSES = """
    # What the model answers well already counts less: https://arxiv.org/abs/1708.02002
    certain = torch.exp(-cross_entropy(logits, labels, reduction="none"))
    losses = (1 - certain).clamp(min=1e-6) ** FOCAL_GAMMA * losses"""
_LABELS = '''
def count_items(batch):
    """What the loss is a mean over: rows."""
    return len(batch["labels"])


def total_loss(model, batch):
    """The sum of the weighed losses of a batch, each a mean over the labels, and the model's outputs."""
    labels = batch["labels"]
    outputs = model(**{name: values for name, values in batch.items() if name != "labels"})
    losses = binary_cross_entropy_with_logits(outputs.logits, labels, reduction="none")
    weights = 1 + labels * (WEIGHTS.to(labels.device) - 1)$focal
    return (weights * losses).mean(1).sum(), outputs
'''
_FOCAL_LABELS = """
    # What the model answers well already counts less: https://arxiv.org/abs/1708.02002
    losses = (1 - torch.exp(-losses)).clamp(min=1e-6) ** FOCAL_GAMMA * losses"""
_WHY_CLASSES = "How much an example of each class counts: more where the class is rarer."
_WHY_LABELS = "How much an example that has a label counts beside one that has not: more where the label is rarer."

Weighing = tuple[Mapping[str, tuple[Any, str]], str]
"""(constants, the functions ``count_items`` and ``total_loss``)."""


def class_loss(facts: ScriptFacts, learned: str, plain: str) -> Weighing:
    """For one class an item: as the options ask, judged by the ``plain`` one; ``learned`` where they ask nothing."""
    options = facts.options
    if not imbalance.is_used(options):
        return {}, learned
    counts = facts.target.counts
    if isinstance(options, Oversampling):
        counts = counts_after(counts, options)
    weights = imbalance.balanced(counts) if options.class_weights == "balanced" else [1.0] * len(counts)
    smoothing = Source(", label_smoothing=SMOOTHING" if facts.label_smoothing else "")
    focal = Source(_FOCAL_CLASSES if options.focal_gamma else "")
    loss = with_plain(filled(_CLASSES, smoothing=smoothing, focal=focal), plain)
    return _constants(weights, _WHY_CLASSES, options), loss


def labels_loss(facts: ScriptFacts, plain: str) -> Weighing:
    """The same for any number of labels an item, which are not smoothed."""
    options = facts.options
    if not imbalance.is_used(options):
        return {}, plain
    is_balanced = options.class_weights == "balanced"
    weights = imbalance.pos_weights(facts.target) if is_balanced else [1.0] * len(facts.target.labels)
    focal = Source(_FOCAL_LABELS if options.focal_gamma else "")
    return _constants(weights, _WHY_LABELS, options), with_plain(filled(_LABELS, focal=focal), plain)


def _constants(weights: Any, why: str, options: Any) -> Mapping[str, tuple[Any, str]]:
    numbers = Source(filled("torch.tensor($it)", it=[float(weight) for weight in weights]))
    gamma = {"FOCAL_GAMMA": (options.focal_gamma, "")} if options.focal_gamma else {}
    return {"WEIGHTS": (numbers, why), **gamma}
