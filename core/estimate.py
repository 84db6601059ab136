"""What a run will take, from sizes alone: time, memory, disk. No weight is loaded.

Where a probe of the same kind of run on this machine is kept (``core.probing``), time and memory are those of its real
steps, summed over batches cut as the run will cut them. Else time rests on 6 floating-point operations a parameter and
token (forward and backward; Kaplan et al. 2020, arXiv:2001.08361) and on a rate that is measured: on finished runs of
this machine where there are any, else by a short matrix product. For memory see ``core.models.memory``.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import mean, median
from typing import Any

from core import machine
from core.adapter_config import AdapterConfig
from core.config import TrainingConfig
from core.models import memory
from core.models.checkpoints import readable_length
from core.models.types import Checkpoint
from core.probing.foretelling import answering, foretold
from core.probing.found import Probed
from core.resting import state_of
from core.runs import Run, State
from core.said import Figures, said, said_many, together
from core.training.steps import rows_a_step, steps_in_all

START_AND_JUDGE_SECONDS = 12.0
START_SECONDS = 6.0
"""The same without the answers on the part that is judged, which are counted by themselves."""
MEASURED = said("Measured on this machine, in real steps of such a run.")
SHARE_OF_PROBE = 0.45
"""How much of a plain matrix product's speed a small encoder's training reaches."""
RUNS_LOOKED_AT = 5
WHOLE_MODEL = AdapterConfig()


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
    adapter: AdapterConfig = WHOLE_MODEL,
    found: Probed | None = None,
    checked: int = 0,
    judged: int = 0,
) -> Estimate:
    """``train_rows`` and ``lengths`` (token counts of a sample) are of the pieces that are learned from; ``finished``
    runs lend their measured speed. A model that ``writes`` scores its whole vocabulary at each token.
    ``max_steps`` is how long a stream is learned from. One that ``publishes`` its checkpoints holds on to one more.
    ``adapter`` says what is trained. ``found`` was measured of such a run; ``checked`` rows are answered at each check,
    ``judged`` ones at the end.
    """
    batch, limit = training.per_device_train_batch_size, readable_length(checkpoint, training.max_length)
    tokens = _tokens(train_rows, lengths, limit)
    steps = max_steps or steps_in_all(training, train_rows, tokens)
    parameters = checkpoint.parameters or memory.body_parameters(checkpoint)
    longest = min(max(lengths, default=limit), limit)
    needed = memory.needed_bytes(checkpoint, adapter, batch, longest, writes=writes)
    basis: str = MEASURED
    if found is not None:
        told = foretold(found, training, lengths, train_rows, checked, max_steps)
        seconds = START_SECONDS + told.training_s + answering(found, lengths, judged)
        needed = told.highest_bytes or needed
    else:
        rate, basis = speed(finished)
        width = padded_width(lengths, batch, limit)
        step = _step_flops(checkpoint, rows_a_step(training, train_rows, tokens), width, writes)
        seconds = START_AND_JUDGE_SECONDS + step * steps / rate
    learned = memory.trained_parameters(checkpoint, adapter)
    kept = learned if adapter.is_used and adapter.save == "adapter" else parameters
    available = memory.available_bytes()
    # A checkpoint holds two numbers beside each weight, for the optimizer.
    copies = 1 if training.save_only_model else 3
    most = 0 if training.save_strategy == "no" else training.save_total_limit
    fits = needed < available
    return Estimate(
        seconds=seconds,
        memory_bytes=needed,
        disk_bytes=4 * (learned * copies * (most + 1 + publishes) + kept),
        kept_bytes=4 * (learned * copies * most * training.keep_checkpoints + kept),
        steps=steps,
        basis=basis,
        fits=fits,
        advice="" if fits else _how_to_fit(available, adapter),
    )


def _how_to_fit(available: int, adapter: AdapterConfig) -> str:
    return together(
        said("This machine has {free} GB of memory free.", free=Figures(f"{available / 1e9:.1f}")),
        said(
            "Halve the batch size or the maximum length, choose a smaller model, or close other programs."
            if adapter.is_used
            else "Train an adapter instead of the whole model, halve the batch size or the maximum length, choose a "
            "smaller model, or close other programs."
        ),
    )


def epoch_seconds(
    training: TrainingConfig,
    checkpoint: Checkpoint,
    train_rows: int,
    lengths: Sequence[int],
    finished: Iterable[Run],
    *,
    writes: bool = False,
) -> float:
    """How long reading all rows once takes, learning from them; ``train_rows`` and ``lengths`` as above."""
    batch, limit = training.per_device_train_batch_size, readable_length(checkpoint, training.max_length)
    steps = max(1, -(-train_rows // batch))
    return steps * _step_flops(checkpoint, batch, padded_width(lengths, batch, limit), writes) / speed(finished)[0]


def _tokens(rows: int, lengths: Sequence[int], limit: int) -> float:
    """What ``rows`` texts hold, of which ``lengths`` are a sample; no text has more than ``limit``."""
    return rows * mean(min(length, limit) for length in lengths or [limit])


def _step_flops(checkpoint: Checkpoint, rows: float, width: float, writes: bool) -> float:
    """Floating-point operations of one correction, on so many rows, padded to ``width`` tokens."""
    vocabulary = (checkpoint.vocab_size or 0) if writes else 0
    worked = memory.body_parameters(checkpoint) + vocabulary * (checkpoint.hidden_size or 0)
    return 6 * worked * rows * width


def padded_width(lengths: Sequence[int], batch: int, max_length: int) -> float:
    """The mean width of a batch in tokens, when each is padded to its longest text: drawn from a sample of lengths."""
    if not lengths:
        return float(max_length)
    chance = random.Random(0)
    cut = [min(length, max_length) for length in lengths]
    draws = 200
    return sum(max(chance.choices(cut, k=batch)) for _ in range(draws)) / draws


def speed(finished: Iterable[Run]) -> tuple[float, str]:
    """(floating-point operations a second, where that comes from)."""
    rates = list(islice((rate for run in finished if (rate := _measured(run.report)) is not None), RUNS_LOOKED_AT))
    if rates:
        return median(rates), said_many(
            len(rates),
            "Measured on your last run on this machine; other settings may differ by a third.",
            "Measured on your last {count} runs on this machine; other settings may differ by a third.",
        )
    return SHARE_OF_PROBE * machine.matmul_flops(), said(
        "From a quick speed test of this machine ({cores} CPU cores); it may be off by half until a first run has been "
        "measured.",
        cores=machine.cores(),
    )


def finished_runs(runs: Iterable[Run]) -> list[Run]:
    """The runs that ended by themselves, in the order given."""
    return [run for run in runs if state_of(run) is State.FINISHED]


def _measured(report: dict[str, Any] | None) -> float | None:
    if not report or not report.get("total_flos") or not report.get("train_runtime"):
        return None
    return float(report["total_flos"]) / float(report["train_runtime"])
