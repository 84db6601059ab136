"""What the judgement of classes, or of labels, holds beside its scores: the answers at other thresholds, and how far
probabilities can be trusted.

``calibration`` (see ``core.evaluation.calibration``), with ``confidence`` and ``range``, the mean probability of the
answers and the interval in which the share of right ones lies, for classes only; ``temperature`` and ``before``, the
same of the model before it was divided by that, or None. ``curves`` (see ``core.evaluation.curves``). ``thresholds``:
[{``label``, ``at``, the threshold in use, ``stops``}], at most ``MOST_THRESHOLDS``. ``abstain``: the stops of
``thresholds.silences``, for classes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation import calibration, curves, intervals, thresholds

MOST_THRESHOLDS = 12
HALF = 0.5


def of_classes(logits: Any, references: Any, labels: Sequence[str], temperature: float | None) -> dict[str, Any]:
    """Of logits of shape (rows, classes) and class numbers of shape (rows,)."""
    import numpy as np

    from core.evaluation.classification import probabilities

    references = np.asarray(references, dtype=int)
    chances = probabilities(logits)
    truth = references[:, None] == np.arange(len(labels))
    surest, right = chances.max(-1), chances.argmax(-1) == references
    before = calibration.of_classes(probabilities(logits * temperature), references) if temperature else None
    sure = calibration.of_classes(chances, references) | {"temperature": temperature, "before": before}
    if len(references):
        sure |= {"confidence": float(surest.mean()), "range": list(intervals.wilson(int(right.sum()), len(right)))}
    support, f1 = truth.sum(0), _f1(truth, np.eye(len(labels), dtype=bool)[chances.argmax(-1)])
    return {
        "calibration": sure,
        "curves": curves.drawn(chances, truth, labels, curves.chosen(support, f1)),
        "thresholds": _thresholds(chances, truth, labels, f1, [HALF] * len(labels)),
        "abstain": thresholds.silences(surest, right),
    }


def of_labels(
    logits: Any, members: Any, labels: Sequence[str], limits: Sequence[float], temperature: float | None
) -> dict[str, Any]:
    """Of logits, and of which labels each row has, both of shape (rows, labels); ``limits`` are their thresholds."""
    import numpy as np
    from scipy.special import expit

    logits, truth = np.asarray(logits, dtype=float), np.asarray(members, dtype=bool)
    chances = expit(logits)
    before = calibration.of_labels(expit(logits * temperature), truth) if temperature else None
    f1 = _f1(truth, chances >= np.asarray(limits))
    return {
        "calibration": calibration.of_labels(chances, truth) | {"temperature": temperature, "before": before},
        "curves": curves.drawn(chances, truth, labels, curves.chosen(truth.sum(0), f1)),
        "thresholds": _thresholds(chances, truth, labels, f1, limits),
    }


def _thresholds(
    chances: Any, truth: Any, labels: Sequence[str], f1: Any, limits: Sequence[float]
) -> list[dict[str, Any]]:
    """Of two classes the rarer one comes first: it is mostly the one that is looked for."""
    support = truth.sum(0)
    places = curves.chosen(support, f1, MOST_THRESHOLDS)
    places = sorted(places, key=lambda place: support[place]) if len(labels) == 2 else places
    return [
        {"label": labels[place], "at": limits[place], "stops": thresholds.stops(chances[:, place], truth[:, place])}
        for place in places
    ]


def _f1(truth: Any, answers: Any) -> Any:
    """Of each label; 0 where there is neither a true one nor an answer."""
    import numpy as np

    right, either = (truth & answers).sum(0), truth.sum(0) + answers.sum(0)
    return np.divide(2 * right, either, out=np.zeros(len(right)), where=either > 0)
