"""Scripts of models that sort texts into classes."""

from __future__ import annotations

from core.script import certainty, imbalance, models
from core.script.losses import BY_ROWS, NEEDS, by_classes, smoothing
from core.script.types import ScriptFacts, ScriptParts
from core.script.whole_texts import whole_texts
from core.usage.code import parts

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


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``: one label a text, or a pair of texts."""
    constants, loss = imbalance.class_loss(facts, by_classes(facts), BY_ROWS)
    sure = certainty.of_classes(facts)
    return whole_texts(
        facts,
        labels='[LABELS.index(label) for label in rows["label"]]',
        functions=parts(loss, _METRICS, sure.functions),
        constants={"LABELS": (list(facts.target.labels), ""), **constants, **smoothing(facts)},
        model=models.for_labels(facts, problem_type="single_label_classification"),
        modules=("import numpy as np", NEEDS),
        metrics=("accuracy", "f1_macro"),
        expressed=(*imbalance.EXPRESSED, *certainty.EXPRESSED),
        before_saving=sure.before_saving,
    )
