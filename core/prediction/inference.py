"""From texts to logits: sorted by length, padded to what each batch needs, answers in the order of the questions.

Padding is most of the cost of a mixed batch, so rows of like length go together; logits are the same to float error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.types import Target
from core.tasks.base import Task

TOKENS_A_BATCH = 4096
ROWS_AT_A_TIME = 4096


@dataclass(frozen=True)
class Output:
    """float32 ``logits`` of shape (rows, ...), and ``labels`` as the task encodes them where the columns hold them."""

    logits: Any
    labels: Any | None


def run_model(
    model: Any,
    tokenizer: Any,
    task: Task,
    columns: Mapping[str, Sequence[Any]],
    target: Target,
    max_length: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Output:
    """The model's output for each row of ``columns``, in their order.

    ``on_progress`` is called with (rows done, rows in all).
    """
    import numpy as np

    total = len(next(iter(columns.values())))
    parts, labels = [], []
    for start in range(0, total, ROWS_AT_A_TIME):
        part = {name: values[start : start + ROWS_AT_A_TIME] for name, values in columns.items()}
        encoded = task.encode(part, tokenizer, target, max_length)
        parts.append(_encoded_logits(model, task.collator(tokenizer), encoded, start, total, on_progress))
        labels += encoded.get("labels", [])
    return Output(np.concatenate(parts), np.asarray(labels) if labels else None)


def _encoded_logits(
    model: Any,
    collator: Any,
    encoded: Mapping[str, list[Any]],
    done_before: int,
    total: int,
    on_progress: Callable[[int, int], None] | None,
) -> Any:
    import numpy as np
    import torch

    inputs = {name: values for name, values in encoded.items() if name != "labels"}
    lengths = [len(ids) for ids in inputs["input_ids"]]
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    answers: list[Any] = [None] * len(order)
    model.eval()
    with torch.inference_mode():
        for indices in _batches(order, lengths):
            batch = collator([{name: values[index] for name, values in inputs.items()} for index in indices])
            output = model(**batch.to(model.device)).logits.float().cpu().numpy()
            for index, row in zip(indices, output, strict=True):
                answers[index] = row
            done_before += len(indices)
            if on_progress:
                on_progress(done_before, total)
    return np.stack(answers)


def _batches(order: list[int], lengths: list[int]) -> list[list[int]]:
    """Cut rows, longest first, into batches of about as many tokens each, padding included."""
    batches: list[list[int]] = []
    start = 0
    while start < len(order):
        size = max(1, TOKENS_A_BATCH // max(1, lengths[order[start]]))
        batches.append(order[start : start + size])
        start += size
    return batches
