"""Whether what is faster is as good: the same trainings with dropout, over some seeds, judged on rows held back.

Nothing is timed here, so trainings go side by side, one a core; all of one seed before the next. Each is told as it
ends, and kept as one JSON line beside the figures where there is a file for those.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from math import sqrt
from pathlib import Path
from statistics import mean, quantiles, stdev
from typing import Any

from core import machine
from core.models.checkpoints import resolve
from tests.bench import checkpoints
from tests.bench.contender import Contender
from tests.bench.jobs import Job, write_rows
from tests.bench.joining import joined
from tests.bench.options import Options
from tests.bench.texts import Texts, classified, commonest
from tests.bench.train import FASTEST, MODULES, STOCK, Way

WAYS: dict[str, Way] = {
    STOCK: MODULES[STOCK],
    "ours, in 32 bits": ("tests.bench.ours", {"padding": "automatic"}),
    FASTEST: ("tests.bench.ours", {"padding": "automatic", "probe": "choose"}),
}
LEARNING_RATE = 2e-4
"""High enough for a small model to learn these in a few dozen steps."""
CLASSES = 8
"""Of long texts: so many of the commonest can be told apart after so few steps."""


@dataclass(frozen=True)
class Trial:
    """One set: ``steps`` of ``batch`` rows each, ``judged`` rows held back to judge by."""

    name: str
    texts: Texts
    most: int
    batch: int
    steps: int
    judged: int
    checked: int = 40

    @property
    def learned(self) -> int:
        return len(self.texts.texts) - self.judged - self.checked


@dataclass(frozen=True)
class Trained:
    """One training: ``precision`` is what it was computed in."""

    trial: str
    way: str
    seed: int
    accuracy: float
    precision: str
    cpu_s: float


def measure(folder: Path, options: Options) -> dict[str, Any]:
    """For each set and way of ours, and over all sets: the accuracy of each seed, and whether it is the stock one's."""
    trials = {trial.name: trial for trial in _trials(folder, options)}
    asked = [(trial, way, seed) for trial in trials.values() for seed in range(1, options.seeds + 1) for way in WAYS]
    files = {name: write_rows(folder, name, one.texts, one.judged, one.checked) for name, one in trials.items()}

    def trained(given: tuple[Trial, str, int]) -> Trained:
        return _trained(*given, files[given[0].name], folder, options)

    found: list[Trained] = []
    pool = ThreadPoolExecutor(max(1, machine.cores() // options.threads))
    try:
        for one in pool.map(trained, asked):
            found.append(one)
            _tell(one, len(found), len(asked), options)
    finally:
        pool.shutdown(cancel_futures=True)
    sets = {name: _of_set(trial, [one for one in found if one.trial == name]) for name, trial in trials.items()}
    return {"sets": sets, "together": {way: pooled(sets, way) for way in WAYS if way != STOCK}}


def compared(stock: list[float], ours: list[float]) -> dict[str, Any]:
    """Whether two sets of scores differ by no more than one standard error of the difference of their means."""
    errors = [stdev(scores) / sqrt(len(scores)) for scores in (stock, ours)]
    error, apart = sqrt(errors[0] ** 2 + errors[1] ** 2), mean(ours) - mean(stock)
    words = (
        f"accuracy {mean(ours):.4f} ± {errors[1]:.4f} (stock {mean(stock):.4f} ± {errors[0]:.4f}) over {len(ours)} "
        f"seeds; they differ by {apart:+.4f}, one standard error is {error:.4f}"
    )
    return {"stock": stock, "ours": ours, "difference": apart, "standard_error": error,
            "is_equal": abs(apart) <= error, "words": words}  # fmt: skip


def pooled(sets: dict[str, Any], way: str) -> dict[str, Any]:
    """The same over all sets and seeds: the mean of the differences between trainings of one seed, which begin alike
    and see the same batches. Finer than a set by itself: of three seeds, two equal ways are further apart than one
    standard error in about four of ten tries.
    """
    told = [one["ways"][way] for one in sets.values()]
    pairs = [ours - stock for one in told for stock, ours in zip(one["stock"], one["ours"], strict=True)]
    apart, error = mean(pairs), stdev(pairs) / sqrt(len(pairs))
    words = f"differs by {apart:+.4f} on average over {len(pairs)} pairs, one standard error is {error:.4f}"
    return {"difference": apart, "standard_error": error, "is_equal": abs(apart) <= error, "words": words}


def _of_set(trial: Trial, found: list[Trained]) -> dict[str, Any]:
    of = {way: [one for one in found if one.way == way] for way in WAYS}
    scores = {way: [one.accuracy for one in trained] for way, trained in of.items()}
    ways = {}
    for way in WAYS:
        if way != STOCK:
            ways[way] = {**compared(scores[STOCK], scores[way]), "computed_in": [one.precision for one in of[way]]}
    words = (
        f"{trial.texts.name}, at most {trial.most} tokens; {trial.learned:,} rows to learn from, "
        f"{trial.steps} steps of {trial.batch}; judged on {trial.judged:,} rows"
    )
    return {"words": words, "rows": {"learned": trial.learned, "judged": trial.judged}, "ways": ways,
            "trainings": [asdict(one) for one in found]}  # fmt: skip


def _trials(folder: Path, options: Options) -> Iterator[Trial]:
    """The sample of most rows; of a folder of real texts, its shortest, and sentences joined to long ones."""
    steps = 3 if options.quick else None
    own = max(classified(None), key=lambda texts: len(texts.texts))
    yield Trial("samples", own, 256, 16, steps or 36, 100, 20)
    if options.data is None:
        return
    short = classified(options.data)[0]
    yield Trial("short", short, 256, 16, steps or 50, 500)
    checkpoint = str(resolve(options.checkpoint))
    source = commonest(max(classified(options.data), key=lambda texts: len(texts.texts)), CLASSES)
    texts = joined(source, 600, lambda found: checkpoints.lengths(checkpoint, found, special=False))
    tokens = " / ".join(f"{value:.0f}" for value in quantiles(checkpoints.lengths(checkpoint, texts.texts, 192), n=4))
    yield Trial("long", replace(texts, name=f"{texts.name} (quartiles {tokens} tokens)"), 192, 8, steps or 28, 200)


def _trained(trial: Trial, way: str, seed: int, rows: str, folder: Path, options: Options) -> Trained:
    module, own = WAYS[way]
    # What is trained at the same time must not write into the same folder.
    name = f"quality-{trial.name}-{seed}"
    job = Job(name, str(folder), "sort", rows, str(resolve(options.checkpoint)), trial.most, trial.batch, trial.steps,
              LEARNING_RATE, seed, bf16=machine.has_gpu())  # fmt: skip
    with Contender(f"{name} {way}", module, replace(job, **own), options) as one:
        cpu = one.ask(steps=trial.steps)["cpu"]
        one.ask(end=True)
        said = one.read()
    precision = said.get("precision") or ("bf16" if job.bf16 else "32 bits")
    return Trained(trial.name, way, seed, float(said["metrics"]["accuracy"]), precision, round(cpu, 1))


def _tell(one: Trained, done: int, count: int, options: Options) -> None:
    words = f"accuracy {one.accuracy:.4f} in {one.precision}, {one.cpu_s:.0f} s of CPU time"
    print(f"  {done} of {count}: {one.trial}, {one.way}, seed {one.seed}: {words}", file=sys.stderr, flush=True)
    if options.out:
        with open(f"{os.fspath(options.out)}.trainings.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one)) + "\n")
