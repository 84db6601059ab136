"""What is said of how a run's batches are computed, with what it saves: counted from the lengths of the texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.models.types import Note
from core.said import Figures, said, together
from core.training.batching.apart import why_whole
from core.training.batching.budget import Filled
from core.training.batching.layout import as_set
from core.training.batching.order import lengths_of
from core.training.batching.splitting import Splitting, stock_plan

if TYPE_CHECKING:
    from core.training.shop import Workshop

COUNTED = 64
"""Corrections whose padding is counted, spread evenly over an epoch; all of a short one."""
HELP = said("Padding is what fills up a short text beside a long one, and costs as much time as words.")
ALIKE = said("What is learned is the same as in whole batches.")
_IN_PARTS = {
    True: (
        "The examples of each correction, about {count} tokens, are computed in parts of like length: about {padding}% "
        "padding instead of {whole}%."
    ),
    False: (
        "Each correction's {count} examples are computed in parts of like length: about {padding}% padding instead of "
        "{whole}%."
    ),
}
_END_TO_END = {
    True: (
        "The examples of each correction, about {count} tokens, are computed end to end: no padding instead of about "
        "{whole}%."
    ),
    False: "Each correction's {count} examples are computed end to end: no padding instead of about {whole}%.",
}
_STREAM_IN_PARTS = {
    True: "The examples of each correction, about {count} tokens, are computed in parts of like length.",
    False: "Each correction's {count} examples are computed in parts of like length.",
}
_STREAM_END_TO_END = {
    True: "The examples of each correction, about {count} tokens, are computed end to end.",
    False: "Each correction's {count} examples are computed end to end.",
}
"""By whether corrections go by tokens."""

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
        return Note(
            said("Each batch is computed as one."),
            together(HELP, said("In parts of like length there would be less of it.")),
        )
    if not isinstance(collate, Splitting):
        return why_whole(training, trainer.model)
    if collate.why_whole is not None:
        return collate.why_whole
    by_tokens, count = isinstance(trainer.order, Filled), _in_a_correction(trainer)
    if shop.config.data.streaming:
        title = said(_STREAM_END_TO_END[by_tokens], count=count)
        if collate.pads:
            title = said(_STREAM_IN_PARTS[by_tokens], count=count)
        return Note(title, together(HELP, ALIKE))
    found = padding_of(trainer, collate)
    padding, whole = Figures(f"{found.computed * 100:.0f}"), Figures(f"{found.whole * 100:.0f}")
    title = said(_END_TO_END[by_tokens], count=count, whole=whole)
    if collate.pads:
        title = said(_IN_PARTS[by_tokens], count=count, padding=padding, whole=whole)
    return Note(title, together(HELP, ALIKE))


def filling(trainer: Any) -> Note | None:
    """What it means that corrections go by tokens; None where they do not."""
    order = trainer.order
    if not isinstance(order, Filled):
        return None
    rows = len(trainer.train_dataset) / len(order)
    return Note(
        said(
            "Each correction takes about {count} tokens, which are {rows} examples on average.",
            count=trainer.tokens_a_step,
            rows=Figures(f"{rows:,.1f}"),
        ),
        said(
            "Each has as much to learn from. It is not the training that a fixed number of examples gives: its steps, "
            "and what each example weighs, are others. So it cannot be taken away as a script."
        ),
    )


def _in_a_correction(trainer: Any) -> int:
    """How many tokens, about, or else how many examples."""
    if isinstance(trainer.order, Filled):
        return int(trainer.tokens_a_step)
    batch, times = as_set(trainer)
    return int(batch * times)
