"""Probabilities set right after a training: a temperature found on the validation part, worked into the model.

It stands in the weights of the answer layer, so that our own answers, a plain pipeline of transformers, an ONNX file
and the published model all say the same; ``temperature`` in ``tunesmith.json`` only tells of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.adapters.training import is_kept_whole, settle_again
from core.errors import CheckpointError
from core.models import calibrated, manual
from core.prediction.inference import run_model
from core.said import said
from core.training.keeping import manual_of, save_model
from core.training.report import Judge
from core.training.shop import Workshop

_TRIED = 16
"""Rows on which the changed model is held against what it should say."""
_ALIKE = 1e-3


def tuned(shop: Workshop, judge: Judge, trainer: Any) -> Judge:
    """``judge`` with all that is chosen on the validation part. The model is kept once more, whole or not at all, if
    that changed it: what is judged is what is kept.
    """
    looked = judge.looked()
    right = set_right(shop, looked, trainer)
    found = right.tuned()
    if right is not looked:
        settle_again(shop, trainer)
        save_model(shop, trainer, found.context)
    elif found.context.learned:
        manual.write(shop.run.model_path, manual_of(shop, found.context))
    return found


def set_right(shop: Workshop, judge: Judge, trainer: Any) -> Judge:
    """``judge``, which has seen the validation part, with its model's certainty set right in place; the same one where
    there is nothing to gain, or the model has no layer for it, which is said.
    """
    task, rows = shop.task, judge.parts.validation
    if task.calibrate is None or task.answer_layer is None:
        return judge
    heat = task.calibrate(judge.checked, rows, judge.context)
    if heat is None:
        return judge
    try:
        layer = task.answer_layer(judge.model, judge.context)
    except CheckpointError as exc:
        return _left(shop, judge, exc.title)
    if not is_kept_whole(shop, trainer, layer):
        return _left(shop, judge, said("It is kept as an adapter alone, which does not reach its answer layer."))
    undo = calibrated.fold(judge.model, layer, heat)
    if not _says(judge, judge.checked[:_TRIED] / heat):
        undo()
        return _left(shop, judge, said("Its answers do not come from one layer alone."))
    learned = {**judge.context.learned, "temperature": heat}
    return replace(judge, context=replace(judge.context, learned=learned), checked=judge.checked / heat)


def _says(judge: Judge, wanted: Any) -> bool:
    """Whether the model says these logits of the first validation rows."""
    import numpy as np

    columns = judge.parts.validation.slice(0, len(wanted)).to_pydict()
    found = run_model(judge.model, judge.task, judge.context, columns, "evaluate").rows
    return bool(np.allclose(found, wanted, rtol=_ALIKE, atol=_ALIKE))


def _left(shop: Workshop, judge: Judge, why: str) -> Judge:
    shop.notice(said("The model's probabilities were left as they are."), why)
    return judge
