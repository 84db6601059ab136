"""Scripts of models that sort texts into classes."""

from __future__ import annotations

from typing import Any

from core.script.answer_layer import model_for_labels
from core.script.types import ScriptFacts, ScriptParts
from core.script.whole_texts import BY_ROWS, whole_texts
from core.usage.code import filled, parts

_METRICS = '''
def compute_metrics(predicted):
    """The share of right answers, and F1 as a mean over the classes that occur."""
    logits = predicted.predictions[0] if isinstance(predicted.predictions, tuple) else predicted.predictions
    answers, truth = logits.argmax(-1), predicted.label_ids
    right = np.bincount(truth[answers == truth], minlength=len(LABELS))
    occurring = np.bincount(answers, minlength=len(LABELS)) + np.bincount(truth, minlength=len(LABELS))
    f1 = 2 * right[occurring > 0] / occurring[occurring > 0]
    return {"accuracy": (answers == truth).mean(), "f1_macro": f1.mean()}
'''
WEIGHED = '''
def count_items(batch):
    """What the loss is a mean over: $items, each with the weight of its class."""
    labels = batch["labels"]
    return WEIGHTS.to(labels.device)[labels[labels != -100]].sum().item()


def total_loss(model, batch):
    """The sum of the weighted losses of a batch, and the model's outputs."""
    labels = batch["labels"].flatten()
    outputs = model(**{name: values for name, values in batch.items() if name != "labels"})
    logits = outputs.logits.flatten(0, -2)
    losses = torch.nn.functional.cross_entropy(logits, labels, WEIGHTS.to(labels.device), reduction="none")$focal
    return losses.sum(), outputs
'''
FOCAL = """
    # What the model answers well already counts less: https://arxiv.org/abs/1708.02002
    certain = torch.exp(-torch.nn.functional.cross_entropy(logits, labels, reduction="none"))
    losses = (1 - certain).clamp(min=1e-6) ** FOCAL_GAMMA * losses"""
_WHY_WEIGHTS = "How much a mistake on an example of each class counts: more where the class is rarer."
IMBALANCE = ("class_weights", "focal_gamma")


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``: one label a text, or a pair of texts."""
    constants, loss = weighing(facts, "rows")
    return whole_texts(
        facts,
        column="label",
        labels='[LABELS.index(label) for label in rows["label"]]',
        functions=parts(loss or BY_ROWS, _METRICS),
        constants={"LABELS": (list(facts.target.labels), ""), **constants},
        model=model_for_labels(facts, problem_type="single_label_classification"),
        modules=("import numpy as np",),
        metrics=("accuracy", "f1_macro"),
        expressed=IMBALANCE,
    )


def weighing(facts: ScriptFacts, items: str) -> tuple[dict[str, tuple[Any, str]], str]:
    """(constants, functions) of a loss by ``core.training.imbalance``; both empty where the plain one is learned by."""
    from core.training import imbalance
    from core.training.augmentation import Oversampling, counts_after
    from core.usage.code import Source

    options = facts.options
    if not imbalance.is_used(options):
        return {}, ""
    counts = facts.target.counts
    if isinstance(options, Oversampling):
        counts = counts_after(counts, options)
    weights = (
        [float(one) for one in imbalance.balanced(counts)] if options.class_weights != "none" else [1.0] * len(counts)
    )
    found: dict[str, tuple[Any, str]] = {
        "WEIGHTS": (Source(f"torch.tensor({filled('$it', it=weights)})"), _WHY_WEIGHTS)
    }
    if options.focal_gamma:
        found["FOCAL_GAMMA"] = (options.focal_gamma, "")
    focal = Source(FOCAL if options.focal_gamma else "")
    return found, filled(WEIGHED, items=Source(items), focal=focal)
