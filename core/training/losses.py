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


class ByClasses(ByRows):
    """The same of models whose own loss is the cross entropy of one class a row."""

    def __init__(self, smoothing: float = 0.0) -> None:
        self.smoothing = smoothing

    def smoothed(self, amount: float) -> ByClasses:
        return ByClasses(amount)

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        if not self.smoothing:
            return super().__call__(model, batch)
        output = model(**{name: tensor for name, tensor in batch.items() if name != "labels"})
        return Scored(output, cross_entropy(output.logits, batch["labels"], self.smoothing), self.items(batch))


class ByTokens:
    """The model's own loss, which is a mean over the tokens that have a label.

    ``shifted``: each token is predicted from those before it, so the first has nothing to be predicted from.
    """

    def __init__(self, shifted: bool = False, smoothing: float = 0.0) -> None:
        self.shifted = shifted
        self.smoothing = smoothing

    def smoothed(self, amount: float) -> ByTokens:
        return ByTokens(self.shifted, amount)

    def items(self, batch: Mapping[str, Any]) -> Any:
        labels = batch["labels"][..., 1:] if self.shifted else batch["labels"]
        return labels.ne(IGNORED).sum()

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        if self.smoothing:
            return self._smooth(model, batch)
        output, items = model(**batch), self.items(batch)
        # A batch without an item has a mean of nothing: not a number, which would spoil the step's sum.
        total = output.loss * items if items else output.logits.sum() * 0.0
        return Scored(output, total, items)

    def _smooth(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        labels = batch["labels"]
        output = model(**without_labels(model, batch))
        logits = output.logits[..., :-1, :] if self.shifted else output.logits
        labels = labels[..., 1:] if self.shifted else labels
        return Scored(output, cross_entropy(logits, labels, self.smoothing), self.items(batch))


def cross_entropy(logits: Any, labels: Any, smoothing: float) -> Any:
    """The sum over all labels but ``IGNORED``, of (1 - smoothing) times the loss of the right answer and ``smoothing``
    times the mean loss of all answers. ``logits`` have one dimension more than ``labels``.

    Source: Szegedy et al. (2015), "Rethinking the Inception Architecture", arXiv:1512.00567, section 7.
    """
    from torch.nn import functional

    return functional.cross_entropy(
        logits.float().flatten(0, -2),
        labels.flatten(),
        reduction="sum",
        ignore_index=IGNORED,
        label_smoothing=smoothing,
    )


def without_labels(model: Any, batch: Mapping[str, Any]) -> dict[str, Any]:
    """A batch without its labels; with what the writing half of a model reads, which it otherwise makes of them."""
    inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
    shift = getattr(getattr(model, "module", model), "prepare_decoder_input_ids_from_labels", None)
    if shift is not None and "decoder_input_ids" not in inputs:
        inputs["decoder_input_ids"] = shift(labels=batch["labels"])
    return inputs


def smoothed(loss: Loss, amount: float) -> tuple[Loss, bool]:
    """(``loss`` with labels smoothed by ``amount``, whether it is of a kind in which they can be)."""
    smooth = getattr(loss, "smoothed", None)
    return (smooth(amount), True) if amount and smooth else (loss, not amount)


def per_item(total: Any, items: Any) -> Any:
    """The loss of one item; that of a batch without any is 0. Weights may add up to less than 1, and count so."""
    return total / items.where(items > 0, 1)


by_rows = ByRows()
by_classes = ByClasses()
by_tokens = ByTokens()
by_next_tokens = ByTokens(shifted=True)
