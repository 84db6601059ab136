"""What is said of how a run's batches are computed, with what it saves: counted from the lengths of the texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.models.types import Note
from core.training.batching.apart import why_whole
from core.training.batching.layout import as_set
from core.training.batching.order import lengths_of
from core.training.batching.splitting import Splitting, stock_plan

if TYPE_CHECKING:
    from core.training.shop import Workshop

COUNTED = 64
"""Corrections whose padding is counted, spread evenly over an epoch; all of a short one."""
HELP = "Padding is what fills up a short text beside a long one, and costs as much time as words."

Plan = Callable[[Sequence[int], Sequence[int]], list[list[int]]]


@dataclass(frozen=True)
class Padding:
    """Which share of the tokens that are computed is padding, from 0 to 1: as it is done, and in whole batches."""

    computed: float
    whole: float


def padding_of(trainer: Any, collate: Splitting) -> Padding:
    """What the parts of a run save, whose pieces are a ``datasets.Dataset``."""
    import numpy as np

    pieces, arguments = trainer.train_dataset, trainer.args
    lengths = lengths_of(pieces)
    written = lengths_of(pieces, "labels") if collate.writes else np.zeros_like(lengths)
    order = np.random.default_rng(arguments.seed).permutation(len(lengths))
    if trainer.order is not None:
        order = trainer.order.places()
    elif arguments.train_sampling_strategy == "sequential":
        order = np.arange(len(lengths))
    rows = arguments.train_batch_size
    starts = np.arange(0, len(order), rows)
    taken = starts[np.linspace(0, len(starts) - 1, min(COUNTED, len(starts))).round().astype(int)]
    batches = [order[start : start + rows] for start in taken]
    sizes = [(lengths[batch].tolist(), written[batch].tolist()) for batch in batches]
    words = sum(sum(read) + sum(more) for read, more in sizes)

    def share(plan: Plan) -> float:
        return 1 - words / sum(_computed(read, more, plan(read, more)) for read, more in sizes)

    def in_parts(read: Sequence[int], more: Sequence[int]) -> list[list[int]]:
        return collate.plan(read, more if collate.writes else ())

    def as_stock(read: Sequence[int], more: Sequence[int]) -> list[list[int]]:
        return stock_plan(len(read), collate.rows_at_once)

    return Padding(share(in_parts) if collate.pads else 0.0, share(as_stock))


def _computed(read: Sequence[int], written: Sequence[int], parts: list[list[int]]) -> int:
    return sum(
        len(part) * (max(read[place] for place in part) + max(written[place] for place in part)) for part in parts
    )


def padding_told(trainer: Any) -> dict[str, Any]:
    """``padding`` for the report, as ``Padding``; nothing where batches are computed as they come, or of a stream."""
    collate = getattr(trainer, "data_collator", None)
    if not isinstance(collate, Splitting) or collate.is_whole or not hasattr(trainer.train_dataset, "data"):
        return {}
    found = padding_of(trainer, collate)
    return {"padding": {name: round(share, 4) for name, share in asdict(found).items()}}


def about(shop: Workshop, trainer: Any) -> Note | None:
    """How each batch is computed, in a sentence; None where a collator is not ours, which says nothing of itself."""
    training, collate = shop.config.training, trainer.data_collator
    if shop.config.custom.collator:
        return None
    if training.padding == "whole":
        return Note("Each batch is computed as one.", f"{HELP} In parts of like length there would be less of it.")
    if not isinstance(collate, Splitting):
        return why_whole(training, trainer.model)
    if collate.why_whole is not None:
        return collate.why_whole
    batch, times = as_set(trainer)
    rows = batch * times * trainer.args.world_size
    how = "in parts of like length" if collate.pads else "end to end"
    words = f"Each correction's {rows:,} examples are computed {how}"
    if shop.config.data.streaming:
        return Note(f"{words}.", f"{HELP} What is learned is the same as in whole batches.")
    found = padding_of(trainer, collate)
    much = f"about {found.computed:.0%} padding instead of" if collate.pads else "no padding instead of about"
    return Note(
        f"{words}: {much} {found.whole:.0%}.",
        f"{HELP} What is learned is the same as in whole batches.",
    )
