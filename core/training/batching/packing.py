"""Batches without padding, where the model allows it; where it does not, in parts of like length.

Sources: Krell et al. (2021), "Efficient Sequence Packing without Cross-contamination", arXiv:2107.02027; Portes et al.
(2023), "MosaicBERT", arXiv:2312.17482 (padding taken away inside the model).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from core.models.packing import pack, quicken, row_of
from core.said import said
from core.training.batching.splitting import Collate, Splitting
from core.training.shop import Workshop

LOOKED_AT = 64
TRIED = 4
"""Examples on which the model is tried, of unequal length, out of the first ones."""
CACHED_TOKENS = 2048
"""A CPU is fastest where what lies between two layers stays close to it."""


class Packing(Splitting):
    """Cuts a batch into parts of about so many tokens, whatever the lengths. As ``row``: see ``row_of``."""

    pads = False
    is_packed = True

    def __init__(self, like: Splitting, as_row: bool, most_tokens: int | None) -> None:
        super().__init__(like.collate, like._cost, like.rows_at_once)
        self._as_row = as_row
        self.most_tokens = most_tokens

    def __call__(self, pieces: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
        parts = super().__call__(pieces)
        return [row_of(part) for part in parts] if self._as_row else parts

    def plan(self, lengths: Sequence[int], written: Sequence[int] = ()) -> list[list[int]]:
        """Parts of as many tokens as fit into memory, all about alike, the longest examples first."""
        most = self.rows_at_once * max(lengths)
        return filled(lengths, max(max(lengths), min(most, self.most_tokens or most)))


def filled(lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    """The places of the examples in each part, in the order of the lengths, the longest first: parts of at most
    ``most_tokens``, about equally full. An example that is longer has a part of its own.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    left, held, wanted = sum(lengths), 0, 0
    parts: list[list[int]] = []
    for place in order:
        length = lengths[place]
        # Half of it may stand over what is wanted: parts come out alike, not each a little short.
        if not parts or held + length / 2 > wanted or held + length > most_tokens:
            held, wanted = 0, ceil(left / ceil(left / most_tokens))
            parts.append([])
        parts[-1].append(place)
        held += length
        left -= length
    return parts


def begin(shop: Workshop, trainer: Any) -> None:
    """Take the padding out of the batches of a trainer that is ready, where that is wished and its model says the same
    without; say so where it was asked for in vain.
    """
    training, splitting = shop.config.training, trainer.data_collator
    if training.padding != "whole" and trainer.args.device.type == "cpu":
        quicken(trainer.model)
    if training.padding not in ("automatic", "packed") or not isinstance(splitting, Splitting):
        return
    if splitting.why_whole is not None:
        return
    as_row = bool(getattr(shop.task.loss, "shifted", False))
    is_tried = not (training.torch_compile or training.deepspeed or training.fsdp)
    if is_tried and pack(
        trainer.model, _tried(trainer, splitting.collate), as_row, trainer.compute_loss_context_manager
    ):
        is_cpu = trainer.args.device.type == "cpu"
        trainer.data_collator = Packing(splitting, as_row, CACHED_TOKENS if is_cpu else None)
        return
    if training.padding == "packed":
        shop.notice(
            said("Texts are computed in parts of like length, not end to end."),
            said(
                "Without any padding this model would say something else, or cannot work at all; in parts it learns "
                "the same."
            )
            if is_tried
            else said("Compiled models, and those spread over several devices, keep to batches of one shape."),
            "warning",
        )


def _tried(trainer: Any, collate: Collate) -> dict[str, Any]:
    """A few of the examples as one padded batch without labels; made-up ones where they come as a stream."""
    import torch

    pieces = trainer.train_dataset
    if isinstance(pieces, torch.utils.data.IterableDataset):
        return _made_up(trainer.model)
    some = sorted((pieces[place] for place in range(min(LOOKED_AT, len(pieces)))), key=_length)
    chosen = [some[place * (len(some) - 1) // (TRIED - 1)] for place in range(TRIED)]
    names = ("input_ids", "attention_mask", "token_type_ids")
    return {name: value.to(trainer.args.device) for name, value in collate(chosen).items() if name in names}


def _length(piece: Mapping[str, Any]) -> int:
    return len(piece["input_ids"])


def _made_up(model: Any) -> dict[str, Any]:
    import torch

    lengths = torch.tensor([[3], [11], [24], [7]])
    chance = torch.Generator().manual_seed(0)
    ids = torch.randint(model.config.get_text_config().vocab_size, (TRIED, 24), generator=chance)
    mask = (torch.arange(24) < lengths).long()
    return {"input_ids": (ids * mask).to(model.device), "attention_mask": mask.to(model.device)}
