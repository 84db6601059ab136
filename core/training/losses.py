"""What a batch is asked to be better at: the sum of its losses, and how many items that is a sum over.

A step divides the sum over all its micro-batches by the items in all of them, which may be weighed.
So k micro-batches give the loss and the gradient of one batch, however unequal they are; the mean of their means would
not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

IGNORED = -100
"""The label of what is not an item, as PyTorch's cross entropy has it."""


@dataclass(frozen=True)
class Scored:
    """The model's output on a batch; ``total`` loss over ``items``, both scalar tensors."""

    output: Any
    total: Any
    items: Any


class Loss(Protocol):
    """How a task scores a batch."""

    def items(self, batch: Mapping[str, Any]) -> Any:
        """The number of items in a batch, or the sum of their weights, as a scalar tensor."""

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        """Run the model on a batch with its ``labels``."""


class ByRows:
    """The model's own loss, which is a mean over rows."""

    def items(self, batch: Mapping[str, Any]) -> Any:
        return batch["labels"].new_tensor(len(batch["labels"]))

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        output, items = model(**batch), self.items(batch)
        return Scored(output, output.loss * items, items)


class ByTokens:
    """The model's own loss, which is a mean over the tokens that have a label.

    ``shifted``: each token is predicted from those before it, so the first has nothing to be predicted from.
    """

    def __init__(self, shifted: bool = False) -> None:
        self.shifted = shifted

    def items(self, batch: Mapping[str, Any]) -> Any:
        labels = batch["labels"][..., 1:] if self.shifted else batch["labels"]
        return labels.ne(IGNORED).sum()

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        output, items = model(**batch), self.items(batch)
        # A batch without an item has a mean of nothing: not a number, which would spoil the step's sum.
        total = output.loss * items if items else output.logits.sum() * 0.0
        return Scored(output, total, items)


def per_item(total: Any, items: Any) -> Any:
    """The loss of one item; that of a batch without any is 0. Weights may add up to less than 1, and count so."""
    return total / items.where(items > 0, 1)


by_rows = ByRows()
by_tokens = ByTokens()
by_next_tokens = ByTokens(shifted=True)
