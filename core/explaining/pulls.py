"""What of a model's output is explained, as one number a piece of text: functions for ``Task.explained``.

Of a class its log-odds: the logarithm of its probability over that of all else. Unlike a logit by itself it does not
change where all logits change alike, and unlike a probability it does not flatten where the model is sure.
"""

from __future__ import annotations

from typing import Any


def one_of_several(logits: Any, number: int) -> Any:
    """Log-odds of a class against all others from logits of shape (pieces, classes), for tasks with one right class."""
    import torch

    others = torch.cat([logits[:, :number], logits[:, number + 1 :]], dim=1)
    return logits[:, number] - others.logsumexp(dim=1) if others.shape[1] else logits[:, number]


def each_by_itself(logits: Any, number: int) -> Any:
    """Log-odds of a label from logits of shape (pieces, labels) that say yes or no of each."""
    return logits[:, number]


def the_number(logits: Any, number: int) -> Any:
    """The number that is answered, from outputs of shape (pieces, 1)."""
    return logits[:, 0]
