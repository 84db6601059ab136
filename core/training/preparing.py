"""From a table to pieces that a model is fed, made once for all runs on the same rows and tokenizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.models.checkpoints import describe_folder, readable_length
from core.prediction.inference import ROWS_AT_A_TIME, Encoded, encode
from core.said import said, together
from core.tasks.base import Context, Purpose
from core.training.shop import Workshop
from core.training.token_cache import TokenCache, is_kept

BYTES_IN_MEMORY = 100_000_000
"""Of a part's text, where its pieces are not kept for other runs. Above this, its tokens, which take a few times as
much, lie in a file instead of in memory."""

LONGER = said("A larger maximum length reads more and takes longer.")


def usable_length(shop: Workshop, folder: Path) -> int:
    """The maximum length in tokens, cut to what the checkpoint can read."""
    wanted = shop.config.training.max_length
    limit = readable_length(describe_folder(folder), wanted)
    if limit < wanted:
        shop.notice(
            said("The maximum length is {limit} tokens instead of {wanted}.", limit=str(limit), wanted=str(wanted)),
            said("This checkpoint cannot read longer texts at once."),
        )
    return limit


@dataclass(frozen=True)
class Larder:
    """The pieces of a run's parts: taken from the cache where the same were prepared before, else made and kept.

    Those of a task that somebody brought are not kept: in memory, or in the run's folder where they are many.
    """

    shop: Workshop
    context: Context
    cache: TokenCache

    def pieces(self, name: str, table: Any, purpose: Purpose) -> Any:
        """A ``datasets.Dataset`` of the pieces of ``table``, each with its ``row`` (from 0)."""
        task = self.shop.task
        if not is_kept(task):
            return _encoded(self.shop, table, self.context, purpose, self._place_aside(name, table))

        def make(draft: Path) -> None:
            _encoded(self.shop, table, self.context, purpose, draft)

        return self.cache.pieces(task, table, self.context, purpose, make)

    def _place_aside(self, name: str, table: Any) -> Path | None:
        if table.nbytes <= BYTES_IN_MEMORY:
            return None
        self.shop.run.tokens_path.mkdir(exist_ok=True)
        return self.shop.run.tokens_path / f"{name}.arrow"


def _encoded(shop: Workshop, table: Any, context: Context, purpose: Purpose, place: Path | None) -> Any:
    """The pieces of ``table`` in the file ``place``, or in memory."""
    from datasets import Dataset

    def pieces(batch: Mapping[str, list[Any]], indices: list[int]) -> dict[str, list[Any]]:
        encoded = encode(shop.task, context, batch, purpose)
        return {**encoded, "row": [indices[row] for row in encoded["row"]]}

    dataset = Dataset(table)
    # Named by us: the library would hash the whole run to find a name that is never looked up.
    options: dict[str, Any] = {"keep_in_memory": True, "new_fingerprint": uuid4().hex}
    if place is not None:
        options |= {"keep_in_memory": False, "cache_file_name": str(place), "load_from_cache_file": False}
    # As many rows at a time as when a part is judged: what a task chooses among them is the same then.
    options |= {"batched": True, "batch_size": ROWS_AT_A_TIME, "with_indices": True}
    if is_kept(shop.task):
        # Our own pieces are numbers and words: looking into each for objects of mixed kinds took a fifth of the time.
        options |= {"on_mixed_types": None}
    return dataset.map(pieces, remove_columns=dataset.column_names, **options)


def chunks(pieces: Any) -> Iterator[Encoded]:
    """The pieces of a ``Dataset`` as ``run_encoded`` takes them."""
    for start in range(0, len(pieces), ROWS_AT_A_TIME):
        yield pieces[start : start + ROWS_AT_A_TIME]


def notice_cut_texts(shop: Workshop, pieces: Any, max_length: int) -> None:
    """Say how many of the pieces to learn from fill the maximum length, unless long texts are read in pieces."""
    import pyarrow.compute as pc

    long = 4 * max_length
    if sum(shop.task.features([long], max_length, shop.config.options)) >= long:
        return
    full = pc.sum(pc.greater_equal(pc.list_value_length(pieces.data.column("input_ids")), max_length)).as_py()
    if full:
        is_all_it_can = max_length < shop.config.training.max_length
        more = said("This checkpoint cannot read more.") if is_all_it_can else LONGER
        shop.notice(
            said(
                "{full} of {pieces} training texts fill the maximum length of {length} tokens.",
                full=full,
                pieces=len(pieces),
                length=str(max_length),
            ),
            together(said("What goes beyond it may not be read."), more),
        )


def notice_unlearnable(shop: Workshop, pieces: Any) -> None:
    """Say how many of the pieces to learn from have no token with a label, where tokens have labels at all."""
    import numpy as np
    import pyarrow as pa

    from core.training.losses import IGNORED

    labels = pieces.data.column("labels") if "labels" in pieces.column_names else None
    if labels is None or not (pa.types.is_list(labels.type) or pa.types.is_large_list(labels.type)):
        return
    empty = 0
    for chunk in labels.chunks:
        known = np.concatenate([[0], np.cumsum(chunk.flatten().to_numpy(zero_copy_only=False) != IGNORED)])
        ends = chunk.offsets.to_numpy() - chunk.offsets[0].as_py()
        empty += int((np.diff(known[ends]) == 0).sum())
    if empty:
        shop.notice(
            said("{empty} of {pieces} training examples have nothing to learn from.", empty=empty, pieces=len(pieces)),
            said(
                "What should be learned does not fit into the maximum length, or this model does not take their form."
            ),
            "warning",
        )
