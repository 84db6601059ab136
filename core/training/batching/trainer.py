"""A ``Trainer`` whose batches may come in parts: see ``core.training.batching.splitting``.

Imported in workers only: it needs torch and transformers at import.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property
from typing import Any

import torch  # noqa: TID253  (imported in workers only)
from transformers import Trainer  # noqa: TID253

from core.training.batching.order import Grouped, lengths_of


class PartsTrainer(Trainer):
    """Makes one step of all parts of a batch. The loss is divided by the items of the whole step, so that the gradients
    of the parts add up to its gradient: ``loss_is_scaled_for_ga`` has to be set, and ``compute_loss`` to do so.
    """

    accelerator: Any
    model: Any
    train_dataset: Any

    @cached_property
    def order(self) -> Grouped | None:
        """The order of the examples where it is one of ours, None where it is a stock one."""
        arguments, pieces = self.args, self.train_dataset
        if arguments.train_sampling_strategy != "group_by_length" or not hasattr(pieces, "data"):
            return None
        rows = arguments.train_batch_size * arguments.gradient_accumulation_steps
        seed = arguments.seed if arguments.data_seed is None else arguments.data_seed
        return Grouped(lengths_of(pieces), rows, seed)

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
        return super().floating_point_ops(self._read_in(inputs))

    def _track_num_input_tokens(self, inputs: Any) -> None:
        """As the stock one, which asks all processes at each call: those may have their batches in unequal parts."""
        if self.args.include_num_input_tokens_seen != "no":
            super()._track_num_input_tokens(self._read_in(inputs))

    def _read_in(self, inputs: Any) -> Any:
        """What is counted of a batch, all of its parts together."""
        if not isinstance(inputs, list):
            return inputs
        counted = {getattr(self.model, "main_input_name", "input_ids"), "attention_mask"} & inputs[0].keys()
        return {name: torch.cat([part[name].flatten() for part in inputs]) for name in counted}

    def _run_epoch(self, *args: Any, **kwargs: Any) -> None:
        if self.order is not None:
            self.order.set_epoch(kwargs["epoch"])
        super()._run_epoch(*args, **kwargs)

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return super()._get_train_sampler(train_dataset) if self.order is None else self.order


def parts(batch: Any) -> list[Any]:
    """The parts of a batch; one that is whole is its only part."""
    return batch if isinstance(batch, list) else [batch]
