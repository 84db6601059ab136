"""What a run will take, from sizes alone: time, memory, disk. No weight is loaded.

Time rests on 6 floating-point operations a parameter and token (forward and backward; Kaplan et al. 2020,
arXiv:2001.08361) and on a rate that is measured: on finished runs of this machine where there are any, else by a short
matrix product. Memory follows Korthikanti et al. 2022 (arXiv:2205.05198) for activations, plus weights, gradients and
the two moments of AdamW.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from core import machine
from core.config import TrainingConfig
from core.models.checkpoints import readable_length
from core.models.types import Checkpoint
from core.runs import Run, State

PROCESS_BYTES = 600_000_000
"""A worker with its libraries, before any model."""
START_AND_JUDGE_SECONDS = 12.0
SHARE_OF_PROBE = 0.45
"""How much of a plain matrix product's speed a small encoder's training reaches."""
BYTES_A_PARAMETER = 16
"""Weight, gradient and two moments, four bytes each."""
COPIES_OF_SCORES = 3
"""Of a model that writes: the scores of every word at each token, as shares, and their gradient."""
RUNS_LOOKED_AT = 5


@dataclass(frozen=True)
class Estimate:
    """What a run will take. Seconds and bytes; ``basis`` says where the numbers come from."""

    seconds: float
    memory_bytes: int
    disk_bytes: int
    """At the most, while it trains."""
    steps: int
    basis: str
    fits: bool
    advice: str = ""
    kept_bytes: int = 0
    """What stays on the disk when it has finished."""


def estimate(
    training: TrainingConfig,
    checkpoint: Checkpoint,
    train_rows: int,
    lengths: Sequence[int],
    finished: Iterable[Run],
    *,
    writes: bool = False,
    max_steps: int | None = None,
    publishes: bool = False,
) -> Estimate:
    """``train_rows`` and ``lengths`` (token counts of a sample) are of the pieces that are learned from; ``finished``
    runs lend their measured speed. A model that ``writes`` scores its whole vocabulary at each token.
    ``max_steps`` is how long a stream is learned from. One that ``publishes`` its checkpoints holds on to one more.
    """
    batch, limit = training.per_device_train_batch_size, readable_length(checkpoint, training.max_length)
    steps = max_steps or max(1, round(-(-train_rows // batch) * training.num_train_epochs))
    width = padded_width(lengths, batch, limit)
    body = body_parameters(checkpoint)
    rate, basis = speed(finished)
    parameters, vocabulary = checkpoint.parameters or body, (checkpoint.vocab_size or 0) if writes else 0
    worked = body + vocabulary * (checkpoint.hidden_size or 0)
    seconds = START_AND_JUDGE_SECONDS + 6 * worked * steps * batch * width / rate
    longest = min(max(lengths, default=limit), limit)
    memory = PROCESS_BYTES + BYTES_A_PARAMETER * parameters + activation_bytes(checkpoint, batch, longest)
    memory += COPIES_OF_SCORES * 4 * batch * longest * vocabulary
    available = machine.memory_available()
    fits = memory < available
    return Estimate(
        seconds=seconds,
        memory_bytes=int(memory),
        disk_bytes=parameters * 4 * (3 * (3 + publishes) + 1),
        kept_bytes=parameters * 4 * (3 * 2 + 1 if training.keep_checkpoints else 1),
        steps=steps,
        basis=basis,
        fits=fits,
        advice=""
        if fits
        else f"This machine has {available / 1e9:.1f} GB of memory free. Halve the batch size or the maximum length, "
        "choose a smaller model, or close other programs.",
    )


def padded_width(lengths: Sequence[int], batch: int, max_length: int) -> float:
    """The mean width of a batch in tokens, when each is padded to its longest text: drawn from a sample of lengths."""
    if not lengths:
        return float(max_length)
    chance = random.Random(0)
    cut = [min(length, max_length) for length in lengths]
    draws = 200
    return sum(max(chance.choices(cut, k=batch)) for _ in range(draws)) / draws


def body_parameters(checkpoint: Checkpoint) -> int:
    """Parameters that multiply with every token: all but the embeddings, twelve times width squared a layer."""
    if checkpoint.layers and checkpoint.hidden_size:
        return 12 * checkpoint.layers * checkpoint.hidden_size**2
    return checkpoint.parameters or 100_000_000


def activation_bytes(checkpoint: Checkpoint, batch: int, length: int) -> int:
    """Bytes kept for the backward pass in float32, at the widest batch."""
    width, layers = checkpoint.hidden_size or 768, checkpoint.layers or 12
    heads = max(1, width // 64)
    return layers * batch * length * (68 * width + 10 * heads * length)


def speed(finished: Iterable[Run]) -> tuple[float, str]:
    """(floating-point operations a second, where that comes from)."""
    rates = [rate for run in finished if (rate := _measured(run.report)) is not None][:RUNS_LOOKED_AT]
    if rates:
        runs = "your last run" if len(rates) == 1 else f"your last {len(rates)} runs"
        return median(rates), f"Measured on {runs} on this machine; other settings may differ by a third."
    return (
        SHARE_OF_PROBE * machine.matmul_flops(),
        f"From a quick speed test of this machine ({machine.cores()} CPU cores); "
        "it may be off by half until a first run has been measured.",
    )


def finished_runs(runs: Iterable[Run]) -> list[Run]:
    """The runs that ended by themselves, in the order given."""
    return [run for run in runs if run.state is State.FINISHED]


def _measured(report: dict[str, Any] | None) -> float | None:
    if not report or not report.get("total_flos") or not report.get("train_runtime"):
        return None
    return float(report["total_flos"]) / float(report["train_runtime"])
