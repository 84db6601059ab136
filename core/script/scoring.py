"""Scripts of models that give a text a number."""

from __future__ import annotations

from core.script import models
from core.script.types import ScriptFacts, ScriptParts
from core.script.whole_texts import whole_texts
from core.usage.code import Source, filled, parts

_RESCALE = '''
def rescale(model, factor, offset):
    """Make the answer x of the model into factor * x + offset."""
$layer
    with torch.no_grad():
        layer.weight.mul_(factor)
        if layer.bias is not None:
            layer.bias.mul_(factor).add_(offset)
'''
_LOSS = '''
def count_items(batch):
    """What the loss is a mean over: rows."""
    return len(batch["labels"])


def total_loss(model, batch):
    """The sum of the squared errors of a batch, and the model's outputs."""
    outputs = model(**{name: values for name, values in batch.items() if name != "labels"})
    answers = outputs.logits.reshape(-1)$shift
    return (answers - batch["labels"]).square().sum(), outputs
'''
_METRICS = '''
def compute_metrics(predicted):
    """How much of the differences between the scores the answers explain, and the root of the mean squared error."""
    logits = predicted.predictions[0] if isinstance(predicted.predictions, tuple) else predicted.predictions
    answers, truth = logits.astype(float).reshape(-1)$shift, predicted.label_ids.astype(float)
    squares, spread = ((answers - truth) ** 2).sum(), ((truth - truth.mean()) ** 2).sum()
    r2 = 1 - squares / spread if spread else float(squares == 0)
    return {"r2": r2, "rmse": SPREAD * (squares / len(truth)) ** 0.5}
'''
_UNITS = """
# Up to here its answers have a mean of 0 and a spread of 1; from now on they are in the units of the table.
rescale(model, SPREAD, MEAN$without)
"""
_FROM_UNITS = """
# The checkpoint answers in the units of another table.
rescale(model, $factor, $offset)
"""
_WHY = "What is learned has a mean of 0 and a spread of 1: (score - MEAN) / SPREAD."


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``. A layer without a bias cannot be moved later, so it learns numbers around the mean."""
    moves = models.has_bias(facts, 1)
    shift = Source("" if moves else " - MEAN / SPREAD")
    layer = "\n".join(f"    {line}" for line in models.layer("1").splitlines())
    made = models.loaded(facts, id2label={0: "score"}, label2id={"score": 0}, problem_type="regression")
    return whole_texts(
        facts,
        labels='[(score - MEAN) / SPREAD for score in rows["score"]]',
        functions=parts(
            filled(_RESCALE, layer=Source(layer)), filled(_LOSS, shift=shift), filled(_METRICS, shift=shift)
        ),
        constants={"MEAN": (facts.target.mean, _WHY), "SPREAD": (facts.target.spread, "")},
        model="\n".join([made, *_from_units(facts)]),
        before_saving=filled(_UNITS, without=Source("" if moves else " - MEAN")),
        metrics=("r2", "rmse"),
    )


def _from_units(facts: ScriptFacts) -> list[str]:
    config = models.of_config(facts.folder)
    scale, shift = config.get("score_scale"), config.get("score_shift")
    if not isinstance(scale, float | int) or not isinstance(shift, float | int):
        return []
    return [filled(_FROM_UNITS, factor=1 / scale, offset=-shift / scale)]
