"""Scripts of models that give a text any number of labels."""

from __future__ import annotations

from core.models.classifier import RAREST
from core.script import certainty, imbalance, models
from core.script.losses import BY_ROWS
from core.script.types import ScriptFacts, ScriptParts
from core.script.whole_texts import whole_texts
from core.usage.code import Source, filled, parts

_METRICS = '''
def compute_metrics(predicted):
    """F1 over all labels of all rows, at the threshold at which it is best."""
    logits = predicted.predictions[0] if isinstance(predicted.predictions, tuple) else predicted.predictions
    chances, truth = 1 / (1 + np.exp(-logits.ravel())), predicted.label_ids.ravel()
    order = np.argsort(-chances)
    f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(order) + 1) + truth.sum())
    return {"f1_micro": f1.max(), "threshold": chances[order][f1.argmax()]}
'''
_COMMON = """
# The answer layer begins with how common each label is: https://arxiv.org/abs/1708.02002 (section 4.1).
$layer
shares = torch.tensor($counts) / $rows
layer.bias.data = torch.logit(shares.clamp($rarest, 1 - $rarest))
"""


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``."""
    constants, loss = imbalance.labels_loss(facts, BY_ROWS)
    sure = certainty.of_labels(facts)
    return whole_texts(
        facts,
        labels='[[float(label in wanted) for label in LABELS] for wanted in rows["labels"]]',
        functions=parts(loss, _METRICS, sure.functions),
        constants={"LABELS": (list(facts.target.labels), ""), **constants},
        model="\n".join([models.for_labels(facts, problem_type=facts.model.config.problem_type), *_beginning(facts)]),
        modules=("import numpy as np", "from torch.nn.functional import binary_cross_entropy_with_logits"),
        metrics=("f1_micro", "threshold"),
        expressed=(*imbalance.EXPRESSED[:2], *certainty.EXPRESSED),
        leaves_out=("a threshold of its own for each label (F1 is that of the best common one)",),
        before_saving=sure.before_saving,
    )


def _beginning(facts: ScriptFacts) -> list[str]:
    """How a new answer layer begins: see ``core.models.classifier.build_for_several``."""
    target = facts.target
    if models.knows_labels(facts) or not target.rows or not models.has_bias(facts, len(target.labels)):
        return []
    layer = Source(models.layer("len(LABELS)"))
    return [filled(_COMMON, layer=layer, counts=target.counts, rows=target.rows, rarest=RAREST)]
