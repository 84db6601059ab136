"""A ``Trainer`` whose batches may come in parts: see ``core.training.batching.splitting``.

Imported in workers only: it needs torch and transformers at import.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property, partial
from typing import Any

import torch  # noqa: TID253  (imported in workers only)
from accelerate.data_loader import SeedableRandomSampler  # noqa: TID253
from transformers import Trainer  # noqa: TID253
from transformers.trainer_utils import seed_worker  # noqa: TID253

from core.training.batching.budget import Filled
from core.training.batching.order import Grouped, lengths_of
from core.training.batching.sharing import IdleToo, Marking, SharedBatches, Sharing


class PartsTrainer(Trainer):
    """Makes one step of all parts of a batch. The loss is divided by the items of the whole step, so that the gradients
    of the parts add up to its gradient: ``loss_is_scaled_for_ga`` has to be set, and ``compute_loss`` to do so.
    """

    accelerator: Any
    model: Any
    train_dataset: Any
    sharing: Sharing | None = None
    """How several processes share each step; None where one makes them, or the stock way is taken."""
    _shared_order: Any = None
    tokens_a_step: int | None = None
    """About so many tokens make up a correction, of all processes together; None where examples are counted."""

    @cached_property
    def order(self) -> Grouped | Filled | None:
        """The order of the examples where it is one of ours, None where it is a stock one."""
        arguments, pieces = self.args, self.train_dataset
        seed = arguments.seed if arguments.data_seed is None else arguments.data_seed
        if self.tokens_a_step:
            return Filled(
                lengths_of(pieces),
                self.tokens_a_step,
                seed,
                processes=arguments.world_size,
                number=arguments.process_index,
                is_mixed=arguments.train_sampling_strategy != "sequential",
            )
        if arguments.train_sampling_strategy != "group_by_length" or not hasattr(pieces, "data"):
            return None
        rows = arguments.train_batch_size * arguments.gradient_accumulation_steps
        if self.sharing is not None:
            rows = self.sharing.rows
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
        if hasattr(self._shared_order, "set_epoch"):
            self._shared_order.set_epoch(kwargs["epoch"])
        super()._run_epoch(*args, **kwargs)

    def get_train_dataloader(self) -> Any:
        """As the stock one; of several processes that share each step, this one's share. Batches of many sizes are none
        of the stock one's.
        """
        if self.sharing is None and not isinstance(self.order, Filled):
            return super().get_train_dataloader()
        arguments, several = self.args, self.args.world_size > 1
        workers = arguments.dataloader_num_workers
        return torch.utils.data.DataLoader(
            Marking(self.train_dataset) if several else self.train_dataset,
            batch_sampler=self._batches(),
            collate_fn=IdleToo(self.data_collator) if several else self.data_collator,
            num_workers=workers,
            pin_memory=arguments.dataloader_pin_memory,
            persistent_workers=arguments.dataloader_persistent_workers and workers > 0,
            prefetch_factor=arguments.dataloader_prefetch_factor if workers else None,
            worker_init_fn=partial(seed_worker, num_workers=workers, rank=arguments.process_index),
        )

    def _batches(self) -> SharedBatches | Filled:
        """The places of the examples in each batch of this process."""
        if isinstance(self.order, Filled):
            return self.order
        assert self.sharing is not None, "asked before"
        rows = len(self.train_dataset)
        self._shared_order = self._order_of_all(rows)
        return SharedBatches(self._shared_order, rows, self.sharing)

    def _order_of_all(self, rows: int) -> Any:
        """The places of all examples in the order in which one process would take them."""
        if self.order is not None:
            return self.order
        if self.args.train_sampling_strategy == "sequential":
            return range(rows)
        seed = self.args.seed if self.args.data_seed is None else self.args.data_seed
        return SeedableRandomSampler(range(rows), data_seed=seed)

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return super()._get_train_sampler(train_dataset) if self.order is None else self.order


def parts(batch: Any) -> list[Any]:
    """The parts of a batch; one that is whole is its only part."""
    return batch if isinstance(batch, list) else [batch]
