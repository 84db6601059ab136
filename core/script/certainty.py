"""How scripts of classifications set probabilities right in the end: as ``core.training.calibrating`` does it."""

from __future__ import annotations

from dataclasses import dataclass

from core.evaluation.calibration import COOLEST, FEWEST_ROWS, FEWEST_WRONG, HARDLY, HOTTEST
from core.models.calibrated import is_wanted
from core.script import models
from core.script.types import ScriptFacts
from core.usage.code import Source, filled

EXPRESSED = ("calibrate",)

_TEMPERATURE = '''
def temperature(logits, truth):
    """What to divide logits by, so that probabilities hold; 1 where little is known or nothing is gained."""
    logits, truth = torch.tensor(logits, dtype=torch.float64), torch.tensor(truth)

    def loss(rows, heat):
        return $loss

    def best(rows):
        low, high = np.log([$coolest, $hottest])
        for _ in range(60):
            third = (high - low) / 3
            if loss(rows, np.exp(low + third)).sum() > loss(rows, np.exp(high - third)).sum():
                low += third
            else:
                high -= third
        return float(np.exp(low))

    wrong = ($wrong).sum().item()
    if len(truth) < $rows or wrong < $least:
        return 1.0
    # It has to help on rows that it was not found by, by more than a standard error.
    even, odd = slice(0, None, 2), slice(1, None, 2)
    gain = torch.cat([loss(even, 1) - loss(even, best(odd)), loss(odd, 1) - loss(odd, best(even))])
    heat = best(slice(None))
    return heat if gain.mean() > gain.std(correction=0) / len(gain) ** 0.5 and abs(heat - 1) > $hardly else 1.0
'''
_FOLDED = """
# When it says 90 %, it should be right 9 times out of 10: https://arxiv.org/abs/1706.04599 (section 4.2).
predicted = trainer.predict(pieces["validation"])
logits = predicted.predictions[0] if isinstance(predicted.predictions, tuple) else predicted.predictions
heat = temperature(logits, predicted.label_ids)
$layer
with torch.no_grad():
    for numbers in layer.parameters():
        numbers.div_(heat)
"""
_CLASSES = ('cross_entropy(logits[rows] / heat, truth[rows], reduction="none")', "logits.argmax(-1) != truth")
_LABELS = (
    'binary_cross_entropy_with_logits(logits[rows] / heat, truth[rows].double(), reduction="none").sum(-1)',
    "(logits > 0) != truth.bool()",
)


@dataclass(frozen=True)
class Certainty:
    """``functions`` and ``before_saving`` of a ``ScriptParts``; both empty where a run does not ask for it."""

    functions: str = ""
    before_saving: str = ""


def of_classes(facts: ScriptFacts) -> Certainty:
    """For one class a row; the script needs ``cross_entropy``."""
    return _made(facts, *_CLASSES)


def of_labels(facts: ScriptFacts) -> Certainty:
    """For any number of labels a row; the script needs ``binary_cross_entropy_with_logits``."""
    return _made(facts, *_LABELS)


def _made(facts: ScriptFacts, loss: str, wrong: str) -> Certainty:
    if not is_wanted(facts.options):
        return Certainty()
    found = filled(
        _TEMPERATURE,
        loss=Source(loss),
        wrong=Source(wrong),
        coolest=COOLEST,
        hottest=HOTTEST,
        rows=FEWEST_ROWS,
        least=FEWEST_WRONG,
        hardly=HARDLY,
    )
    return Certainty(found, filled(_FOLDED, layer=Source(models.layer("len(LABELS)").strip("\n"))))
