"""Values that suit the data and the machine, each with its reason: what an experienced person would try first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import capabilities
from core.models.types import Checkpoint
from core.said import Figures, said

LENGTHS = (32, 64, 128, 256, 512, 1024, 2048)
LONGEST_ON_CPU = 256
SHARE_FOR_CHECKS = 0.1
"""At most about this share of the training time goes into checking progress."""
ADAPTER_RATES = {"lora": 5e-4, "ia3": 5e-3}
"""Learning rates for adapters, by method: they are small, so each of their numbers has to move further."""


@dataclass(frozen=True)
class Suggestion:
    """A value for a setting that suits the data and the machine, and why."""

    path: str
    value: Any
    reason: str


def suggest(
    train_rows: int,
    validation_rows: int,
    lengths: Sequence[int],
    checkpoint: Checkpoint,
    has_gpu: bool,
    batch_size: int | None = None,
    accumulation: int = 1,
    max_steps: int = -1,
) -> list[Suggestion]:
    """Suggestions for the training section. ``lengths`` are token counts of a sample of texts.

    ``batch_size`` is the one that was settled elsewhere, on which the number of steps depends; of such batches
    ``accumulation`` make a step. With ``max_steps`` above 0 epochs are not counted.
    """
    batch = _batch_size(train_rows)
    return [
        *([] if max_steps > 0 else [_epochs(train_rows)]),
        batch,
        _max_length(lengths, checkpoint, has_gpu),
        *(_precision() if has_gpu else ()),
        *_checks(train_rows, validation_rows, (batch_size or batch.value) * accumulation, max_steps),
    ]


def adapter_rate(method: str) -> Suggestion | None:
    """The learning rate for an adapter of this method; None where the whole model is trained."""
    rate = ADAPTER_RATES.get(method)
    why = said("An adapter is small, so its corrections have to be larger than those of a whole model.")
    return Suggestion("training.learning_rate", rate, why) if rate else None


def _epochs(rows: int) -> Suggestion:
    for limit, epochs in ((300, 10), (1000, 6), (3000, 4), (200_000, 3)):
        if rows < limit:
            why = said(
                "{rows} examples to learn from: a small table is read more often."
                if epochs > 3
                else "{rows} examples to learn from: usually enough at this size.",
                rows=rows,
            )
            return Suggestion("training.num_train_epochs", float(epochs), why)
    why = said("{rows} examples to learn from: reading them once is enough.", rows=rows)
    return Suggestion("training.num_train_epochs", 1.0, why)


def _batch_size(rows: int) -> Suggestion:
    path = "training.per_device_train_batch_size"
    if rows < 300:
        return Suggestion(path, 8, said("A small table: smaller batches give more corrections."))
    return Suggestion(path, 16, said("A good middle between speed and memory."))


def _max_length(lengths: Sequence[int], checkpoint: Checkpoint, has_gpu: bool) -> Suggestion:
    path = "training.max_length"
    limit = min(checkpoint.max_length or LENGTHS[-1], LENGTHS[-1] if has_gpu else LONGEST_ON_CPU)
    if not lengths:
        return Suggestion(path, min(128, limit), said("No text could be measured; this suits most."))
    needed = sorted(lengths)[min(len(lengths) - 1, int(0.99 * len(lengths)))]
    fitting = next((length for length in LENGTHS if length >= needed), LENGTHS[-1])
    if fitting <= limit:
        return Suggestion(path, fitting, said("99 % of your texts have at most {needed} tokens.", needed=needed))
    share = Figures(f"{100 * sum(length > limit for length in lengths) / len(lengths):.0f}")
    why = said(
        "{share}% of your texts are longer and will be cut: this model reads no further."
        if limit == checkpoint.max_length
        else "{share}% of your texts are longer and will be cut: longer is slow without a GPU.",
        share=share,
    )
    return Suggestion(path, limit, why)


def _precision() -> list[Suggestion]:
    """What the GPU of this machine does fast without a loss that anybody sees."""
    if capabilities.missing("ampere"):
        return []
    return [
        Suggestion(
            "training.bf16", True, said("This GPU computes with 16 bits: about twice as fast, hardly ever worse.")
        ),
        Suggestion("training.tf32", True, said("What stays at 32 bits is computed faster too on this GPU.")),
    ]


def _checks(train_rows: int, validation_rows: int, rows_a_step: int, max_steps: int) -> list[Suggestion]:
    """A check reads the validation part forwards only: a third of the work of training on as many rows."""
    steps = -(-train_rows // rows_a_step)
    few = 0 < max_steps < steps
    if few:
        train_rows, steps = max_steps * rows_a_step, max_steps
    affordable = 3 * SHARE_FOR_CHECKS * train_rows / max(1, validation_rows)
    checks = min(10, int(affordable), steps // 10)
    if checks < 2:
        return [Suggestion("training.eval_strategy", "epoch", said("One check after each reading of the examples."))]
    return [
        Suggestion(
            "training.eval_strategy",
            "steps",
            said(
                "{checks} checks in all: a curve one can read."
                if few
                else "{checks} checks in each epoch: a curve one can read.",
                checks=checks,
            ),
        ),
        Suggestion(
            "training.eval_steps",
            -(-steps // checks),
            said("Of {steps} steps in all." if few else "{steps} steps make an epoch.", steps=steps),
        ),
    ]
