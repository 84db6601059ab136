"""A ``Trainer`` whose batches may come in parts: see ``core.training.batching.splitting``.

Imported in workers only: it needs torch and transformers at import.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from transformers import Trainer  # noqa: TID253  (imported in workers only)


class PartsTrainer(Trainer):
    """Makes one step of all parts of a batch. The loss is divided by the items of the whole step, so that the gradients
    of the parts add up to its gradient: ``loss_is_scaled_for_ga`` has to be set, and ``compute_loss`` to do so.
    """

    accelerator: Any

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """The loss of all parts together, their gradients added up, as the stock one does for one batch."""
        if not isinstance(inputs, list):
            return super().training_step(model, inputs, num_items_in_batch)
        total: Any = 0.0
        for place, part in enumerate(inputs):
            # Several processes tell each other their gradients once, when those of all parts are there.
            is_last = place == len(inputs) - 1
            with nullcontext() if is_last else self.accelerator.no_sync(model):
                total = total + super().training_step(model, part, num_items_in_batch)
        return total

    def floating_point_ops(self, inputs: Any) -> int:
        return sum(super(PartsTrainer, self).floating_point_ops(part) for part in parts(inputs))

    def _track_num_input_tokens(self, inputs: Any) -> None:
        for part in parts(inputs):
            super()._track_num_input_tokens(part)


def parts(batch: Any) -> list[Any]:
    """The parts of a batch; one that is whole is its only part."""
    return batch if isinstance(batch, list) else [batch]
