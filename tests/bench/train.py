"""How many times as fast as the stock script a training is: the same examples, in the same order, in the same steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import ratios
from tests.bench.contender import Contender, blocks, race
from tests.bench.jobs import Job, paddings
from tests.bench.options import Options
from tests.bench.sets import Set, sets

STOCK, PADDED = "stock", "stock padded to max"
CLOSE = 1e-4
"""How far the losses of a step may lie apart."""
STEPS_COMPARED = 5
FASTEST = "ours, as found fastest"
"""Also with fewer digits, where the probe of a run finds that to be faster; all others compute in 32 bits."""
Way = tuple[str, dict[str, Any]]
"""(program, what of the job is its own)."""
MODULES: dict[str, Way] = {
    STOCK: ("tests.bench.stock", {"padding": "dynamic"}),
    PADDED: ("tests.bench.stock", {"padding": "max"}),
}


def measure(folder: Path, options: Options) -> dict[str, Any]:
    """For each set and contender: the ratios, the time of a step, and whether the losses are those of the stock one."""
    return {name: _of_set(one, options) for name, one in sets(folder, options).items()}


def _of_set(found: Set, options: Options) -> dict[str, Any]:
    raced = timed(found.job, options)
    losses, same_examples = traces(found.still, options)
    figures: dict[str, Any] = {"set": found.words, "bar": found.bar, "batch": found.job.batch_size}
    for name, replies in raced.items():
        one = of_contender(replies, options.steps)
        if name != STOCK:
            one["times_as_fast"] = ratios.against(blocks(raced[STOCK]), blocks(replies))
        if name not in MODULES:  # of padded texts the padding would be noted too
            one["same_examples_timed"] = examples(raced[STOCK]) == examples(replies)
        if name in losses and name != STOCK:
            one["same_examples"] = same_examples[name]
            one["largest_loss_difference"] = farthest(losses[STOCK], losses[name])
            one["same_losses"] = one["largest_loss_difference"] <= CLOSE
        figures[name] = one
    figures["losses"] = losses
    return figures


def timed(job: Job, options: Options) -> dict[str, list[dict[str, Any]]]:
    """What each contender said of each block of steps."""
    steps = [{"steps": options.steps}] * (options.pairs + 1)
    started: list[Contender] = []
    try:
        for name, (module, own) in contenders(options).items():
            started.append(Contender(name, module, replace(job, **own), options))
        return race(started, steps)
    finally:
        for one in started:
            one.close()


def contenders(options: Options) -> dict[str, Way]:
    """The stock script both ways, ours each way that the setting offers, and ours as a run is by itself."""
    return {**MODULES, **ours(options)}


def ours(options: Options) -> dict[str, Way]:
    """Of those, our own."""
    ways = options.paddings or paddings()
    found: dict[str, Way] = {f"ours, {padding}": ("tests.bench.ours", {"padding": padding}) for padding in ways}
    if "automatic" in ways:
        found[FASTEST] = ("tests.bench.ours", {"padding": "automatic", "probe": "choose"})
    return found


def of_contender(replies: list[dict[str, Any]], steps: int) -> dict[str, Any]:
    """Medians of one contender, of a step."""
    cpu, wall = median(reply["cpu"] for reply in replies), median(reply["wall"] for reply in replies)
    examples = sum(len(batch) for reply in replies for batch in reply["seen"])
    return {
        "lengths": [[length for length, _ in batch] for reply in replies for batch in reply["seen"]],
        "cpu_ms_a_step": round(1000 * cpu / steps, 1),
        "wall_ms_a_step": round(1000 * wall / steps, 1),
        "samples_a_cpu_second": round(examples / sum(reply["cpu"] for reply in replies), 2),
    }


def traces(job: Job, options: Options) -> tuple[dict[str, list[float]], dict[str, bool]]:
    """The loss of each step without dropout, and whether each saw the same examples in the same order."""
    losses, seen = {}, {}
    for name, (module, own) in contenders(options).items():
        if name in (PADDED, FASTEST):  # the same scripts: their padding no model sees, and all keep to 32 bits here
            continue
        with Contender(name, module, replace(job, **own), options) as one:
            seen[name] = examples([one.ask(steps=STEPS_COMPARED)])
            losses[name] = one.ask(end=True)["losses"]
    return losses, {name: found == seen[STOCK] for name, found in seen.items()}


def examples(replies: list[dict[str, Any]]) -> list[list[int]]:
    """The marks of the examples of each step; which comes first within a step does not matter."""
    found = [sorted(mark for _, mark in batch) for reply in replies for batch in reply["seen"]]
    if not found:
        raise ValueError("no examples were noted: nothing can be compared")
    return found


def farthest(one: list[float], other: list[float]) -> float:
    """The largest difference of two traces. Raises ``ValueError`` where one is longer, or both are empty."""
    return max(abs(left - right) for left, right in zip(one, other, strict=True))
