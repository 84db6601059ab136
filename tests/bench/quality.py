"""Whether what is faster is as good: the same training with dropout, three seeds, judged on rows held back."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from tests.bench.contender import Contender
from tests.bench.jobs import Job, write_rows
from tests.bench.options import Options
from tests.bench.sets import sets
from tests.bench.texts import classified
from tests.bench.train import STOCK, contenders, ours

SEEDS = (1, 2, 3)
STEPS, STEPS_QUICK = 300, 4
JUDGED = 0.15
"""Of the rows, beside as many to check by."""


def measure(folder: Path, options: Options) -> dict[str, Any]:
    """The accuracy of each seed of the stock script and of ours each way, and whether their means agree."""
    found = sets(folder, replace(options, sets=("short",)))["short"]
    texts = classified(options.data)[0]
    rows = write_rows(folder, "all-short", texts, round(JUDGED * len(texts.texts)))
    job = replace(found.job, rows=rows, steps=STEPS_QUICK if options.quick else STEPS)
    scores = {name: [_accuracy(name, replace(job, seed=seed), options) for seed in SEEDS] for name in _names(options)}
    return {name: compared(scores[STOCK], scores[name]) for name in scores if name != STOCK}


def compared(stock: list[float], ours: list[float]) -> dict[str, Any]:
    """Whether two sets of scores differ by no more than one standard error of the difference of their means."""
    error = sqrt(stdev(stock) ** 2 / len(stock) + stdev(ours) ** 2 / len(ours))
    apart = mean(ours) - mean(stock)
    words = (
        f"accuracy {mean(ours):.4f} (stock {mean(stock):.4f}) over {len(ours)} seeds; "
        f"they differ by {apart:+.4f}, one standard error is {error:.4f}"
    )
    return {"stock": stock, "ours": ours, "difference": apart, "standard_error": error,
            "is_equal": abs(apart) <= error, "words": words}  # fmt: skip


def _names(options: Options) -> list[str]:
    return [STOCK, *ours(options)]


def _accuracy(name: str, job: Job, options: Options) -> float:
    module, own = contenders(options)[name]
    with Contender(f"{name} {job.seed}", module, replace(job, **own), options) as one:
        one.ask(steps=job.steps)
        one.ask(end=True)
        return float(one.read()["metrics"]["accuracy"])
