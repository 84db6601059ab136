"""What is said of how a run's batches are computed, with what it saves: counted from the lengths of the texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.models.types import Note
from core.training.batching.apart import why_whole
from core.training.batching.budget import Filled
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

    pieces = trainer.train_dataset
    lengths = lengths_of(pieces)
    written = lengths_of(pieces, "labels") if collate.writes else np.zeros_like(lengths)
    batches = _batches(trainer, len(lengths))
    taken = np.linspace(0, len(batches) - 1, min(COUNTED, len(batches))).round().astype(int)
    sizes = [(lengths[batch].tolist(), written[batch].tolist()) for batch in (batches[place] for place in taken)]
    words = sum(sum(read) + sum(more) for read, more in sizes)

    def share(plan: Plan) -> float:
        return 1 - words / sum(_computed(read, more, plan(read, more)) for read, more in sizes)

    def in_parts(read: Sequence[int], more: Sequence[int]) -> list[list[int]]:
        return collate.plan(read, more if collate.writes else ())

    def as_stock(read: Sequence[int], more: Sequence[int]) -> list[list[int]]:
        return stock_plan(len(read), collate.rows_at_once)

    return Padding(share(in_parts) if collate.pads else 0.0, share(as_stock))


def _batches(trainer: Any, pieces: int) -> list[Any]:
    """The places of the examples in each batch of an epoch, in an order like that of the run."""
    import numpy as np

    arguments = trainer.args
    if isinstance(trainer.order, Filled):
        return [np.asarray(batch) for batch in trainer.order]
    order = np.random.default_rng(arguments.seed).permutation(pieces)
    if trainer.order is not None:
        order = trainer.order.places()
    elif arguments.train_sampling_strategy == "sequential":
        order = np.arange(pieces)
    rows = arguments.train_batch_size
    return [order[start : start + rows] for start in range(0, pieces, rows)]


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
    how = "in parts of like length" if collate.pads else "end to end"
    words = f"{_correction(trainer)} computed {how}"
    if shop.config.data.streaming:
        return Note(f"{words}.", f"{HELP} What is learned is the same as in whole batches.")
    found = padding_of(trainer, collate)
    much = f"about {found.computed:.0%} padding instead of" if collate.pads else "no padding instead of about"
    return Note(
        f"{words}: {much} {found.whole:.0%}.",
        f"{HELP} What is learned is the same as in whole batches.",
    )


def filling(trainer: Any) -> Note | None:
    """What it means that corrections go by tokens; None where they do not."""
    order = trainer.order
    if not isinstance(order, Filled):
        return None
    rows = len(trainer.train_dataset) / len(order)
    return Note(
        f"Each correction takes about {trainer.tokens_a_step:,} tokens, which are {rows:,.1f} examples on average.",
        "Each has as much to learn from. It is not the training that a fixed number of examples gives: its steps, and "
        "what each example weighs, are others. So it cannot be taken away as a script.",
    )


def _correction(trainer: Any) -> str:
    """What is computed for a correction, to go on with how."""
    if isinstance(trainer.order, Filled):
        return f"The examples of each correction, about {trainer.tokens_a_step:,} tokens, are"
    batch, times = as_set(trainer)
    return f"Each correction's {batch * times:,} examples are"
