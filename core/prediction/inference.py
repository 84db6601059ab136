"""From rows to what a model says of them: sorted by length, padded to what each batch needs, in the rows' order again.

Padding is most of the cost of a mixed batch, so pieces of like length go together; answers are the same to float error.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from core.models.first_token import first_token_only
from core.prediction.batches import ahead, fitting_threads, halved, planned
from core.tasks.base import Context, Forwarded, Piece, Purpose, Task

ROWS_AT_A_TIME = 4096
"""Sorted by length together."""

Encoded = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Output:
    """What a task's ``finish`` made of all rows, and the mean loss where their labels are known."""

    rows: Any
    loss: float | None


def encode(task: Task, context: Context, columns: Mapping[str, Sequence[Any]], purpose: Purpose) -> dict[str, Any]:
    """Some rows as pieces, with ``row``, the place among those rows that each piece is of."""
    encoded = dict(task.encode(columns, context, purpose))
    encoded.setdefault("row", list(range(len(encoded["input_ids"]))))
    return encoded


def slices(columns: Mapping[str, Sequence[Any]], size: int = ROWS_AT_A_TIME) -> Iterator[tuple[int, dict[str, Any]]]:
    """(place of the first row, some rows), so that memory stays bounded."""
    total = len(next(iter(columns.values()), ()))
    for start in range(0, total, size):
        yield start, {name: values[start : start + size] for name, values in columns.items()}


def run_model(
    model: Any,
    task: Task,
    context: Context,
    columns: Mapping[str, Sequence[Any]],
    purpose: Purpose,
    on_progress: Callable[[int, int], None] | None = None,
) -> Output:
    """The model's output for each row of ``columns``. ``on_progress`` is called with (rows done, rows in all)."""

    total = len(next(iter(columns.values())))
    # A tokenizer that is busy in one thread may refuse another.
    own = context if total <= ROWS_AT_A_TIME else replace(context, tokenizer=deepcopy(context.tokenizer))

    def chunks() -> Generator[Encoded, None, None]:
        for start, part in slices(columns):
            encoded = encode(task, own, part, purpose)
            yield {**encoded, "row": [start + row for row in encoded["row"]]}

    with closing(chunks() if own is context else ahead(chunks())) as coming:
        return run_encoded(model, task, context, coming, total, purpose, on_progress)


def run_encoded(
    model: Any,
    task: Task,
    context: Context,
    chunks: Iterable[Encoded],
    rows: int,
    purpose: Purpose,
    on_progress: Callable[[int, int], None] | None = None,
    most: int | None = None,
) -> Output:
    """The model's output for ``rows`` rows whose pieces come in ``chunks``, each with its ``row`` among all of them; at
    ``most`` so many pieces at once.
    """
    return finished(task, context, [collected(model, task, context, chunks, rows, purpose, on_progress, most)])


Collected = tuple[list[list[Piece]], float, int]
"""(what was said of the pieces of each row, the total loss, the items that it is a sum over)."""


def finished(task: Task, context: Context, parts: Sequence[Collected]) -> Output:
    """The output for all rows of these parts, in their order."""
    pieces = parts[0][0] if len(parts) == 1 else [row for rows, _, _ in parts for row in rows]
    total, items = sum(loss for _, loss, _ in parts), sum(count for _, _, count in parts)
    return Output(task.finish(pieces, context), total / items if items else None)


def collected(
    model: Any,
    task: Task,
    context: Context,
    chunks: Iterable[Encoded],
    rows: int,
    purpose: Purpose,
    on_progress: Callable[[int, int], None] | None = None,
    most: int | None = None,
) -> Collected:
    """The same before a task makes its output of them, as one part of all rows or the only one."""
    collate = task.collator(context, purpose)
    pieces: list[list[Piece]] = [[] for _ in range(rows)]
    total, items, done = 0.0, 0, 0
    for chunk in chunks:
        last = max(chunk["row"], default=done - 1) + 1

        def note(share: float, done: int = done, last: int = last) -> None:
            if on_progress:
                on_progress(done + round(share * (last - done)), rows)

        outputs, chunk_total, chunk_items = _run_chunk(model, task, context, collate, chunk, purpose, note, most)
        for place, output in enumerate(outputs):
            pieces[chunk["row"][place]].append(Piece(_extra(task, chunk, place), output))
        total, items, done = total + chunk_total, items + chunk_items, last
    return pieces, total, items


def _run_chunk(
    model: Any,
    task: Task,
    context: Context,
    collate: Callable[[list[dict[str, Any]]], Mapping[str, Any]],
    chunk: Encoded,
    purpose: Purpose,
    note: Callable[[float], None],
    most: int | None = None,
) -> tuple[list[Any], float, int]:
    """(what was said of each piece, in the chunk's order; the total loss; the items it is a sum over). ``note`` hears
    which share of the work is done, by tokens: the longest pieces come first.
    """
    import torch

    names = [name for name in task.model_inputs if name in chunk]

    def compute(places: list[int]) -> Forwarded:
        batch = collate([{name: chunk[name][place] for name in names} for place in places])
        on_device = {name: tensor.to(model.device) for name, tensor in batch.items()}
        return task.forward(model, on_device, context, purpose, task.loss)

    lengths = [len(ids) for ids in chunk["input_ids"]]
    writes = model.config.is_encoder_decoder and "labels" in chunk
    outputs: list[Any] = [None] * len(lengths)
    total, items, done = 0.0, 0, 0
    of = sum(lengths)
    if model.training:  # To say it again takes a moment, and there are many layers.
        model.eval()
    with torch.inference_mode(), first_token_only(model), fitting_threads(model, of):
        for batch in planned(model, lengths, [len(labels) for labels in chunk["labels"]] if writes else (), most):
            for places, forwarded in halved(compute, batch):
                for place, output in zip(places, forwarded.outputs, strict=True):
                    outputs[place] = output
                total, items, done = (
                    total + forwarded.total,
                    items + forwarded.items,
                    done + sum(lengths[place] for place in places),
                )
                note(done / max(1, of))
    return outputs, total, items


def _extra(task: Task, chunk: Encoded, place: int) -> dict[str, Any]:
    return {name: values[place] for name, values in chunk.items() if name not in (*task.model_inputs, "row")}
