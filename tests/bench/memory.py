"""The most memory that a whole run holds at once, beside the stock script on the same job; each in its own process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.contender import Contender
from tests.bench.options import Options
from tests.bench.sets import sets
from tests.bench.train import STOCK, contenders, ours

STEPS, STEPS_QUICK = 5, 2


def measure(folder: Path, options: Options) -> dict[str, Any]:
    """Megabytes, and ours as a share of the stock script's. Both train, judge, and keep the model."""
    steps = STEPS_QUICK if options.quick else STEPS
    chosen = options.sets or ("long-256",)
    found = {}
    for name, one in sets(folder, replace(options, sets=chosen)).items():
        job = replace(one.job, steps=steps)
        stock = _peak(STOCK, job, options)
        for way in ours(options):
            peak = _peak(way, job, options)
            found[f"{name}, {way}"] = {
                "stock_mb": round(stock / 1e6),
                "ours_mb": round(peak / 1e6),
                "ours_to_stock": round(peak / stock, 3),
            }
    return found


def _peak(name: str, job: Any, options: Options) -> int:
    module, own = contenders(options)[name]
    with Contender(name, module, replace(job, **own), options) as one:
        one.ask(steps=job.steps)
        one.ask(end=True)
        return int(one.read()["peak_bytes"])
