"""Outputs of several models on the same rows, put together as if one model had said them.

Each function is a ``Task.combine``: (outputs of each model, ``probabilities`` or ``votes``) -> outputs in their form.
Averaging probabilities is the mixture of the members (https://scikit-learn.org/stable/modules/ensemble.html#voting-classifier:
soft voting); votes is hard voting, where a tie goes to the more probable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

TIE = 1e-3
"""How much a probability counts beside a vote: enough to break a tie, too little to turn a vote."""
LEAST = 1e-7
"""Probabilities are kept so far from 0 and 1, whose logarithms are not numbers."""


def classes(outputs: Sequence[Any], method: str) -> Any:
    """Logits of shape (rows, classes), of which one class is right."""
    import numpy as np
    from scipy.special import softmax

    chances = np.stack([softmax(np.asarray(one, dtype=np.float64), axis=-1) for one in outputs])
    mean = chances.mean(axis=0)
    if method == "votes":
        votes = np.eye(mean.shape[-1])[chances.argmax(axis=-1)].mean(axis=0)
        mean = (votes + TIE * mean) / (1 + TIE)
    return np.log(np.clip(mean, LEAST, 1)).astype(np.float32)


def labels(outputs: Sequence[Any], method: str) -> Any:
    """Logits of shape (rows, labels), of which each may be right."""
    import numpy as np
    from scipy.special import expit, logit

    chances = np.stack([expit(np.asarray(one, dtype=np.float64)) for one in outputs])
    mean = chances.mean(axis=0)
    if method == "votes":
        mean = ((chances >= 0.5).mean(axis=0) + TIE * mean) / (1 + TIE)
    return logit(np.clip(mean, LEAST, 1 - LEAST)).astype(np.float32)


def scores(outputs: Sequence[Any], method: str) -> Any:
    """Numbers of shape (rows, ...): their mean, or for ``votes`` their median."""
    import numpy as np

    stacked = np.stack([np.asarray(one, dtype=np.float64) for one in outputs])
    found = np.median(stacked, axis=0) if method == "votes" else stacked.mean(axis=0)
    return found.astype(np.float32)
