"""The figures of a run of benchmarks as one table in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.bench import ratios

Line = tuple[str, ...]
HEAD: Line = ("what", "CPU time", "by the clock", "bar", "remarks")


def in_words(figures: dict[str, Any]) -> str:
    """One line a claim, columns aligned; benches of the app, whose figures are no ratios, as they are."""
    races = [line for name in LINES for line in (LINES[name](figures[name]) if name in figures else ())]
    blocks = [_machine(figures["machine"])] if "machine" in figures else []
    if races:
        blocks.append(aligned([HEAD, *races]))
    blocks += [f"{name}: {json.dumps(found)}" for name, found in figures.items() if name not in (*LINES, "machine")]
    return "\n\n".join(blocks)


def aligned(lines: list[Line]) -> str:
    """Lines of cells as text, each column as wide as its widest cell."""
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                     for line in lines)  # fmt: skip


def _machine(found: dict[str, Any]) -> str:
    gpu = f", {found['gpu']}" if found["gpu"] else ", no GPU here"
    return (
        f"{found['processor']}, {found['cores']} cores{gpu}; load {found['load']} when it began; {found['day']}\n"
        f"{', '.join(f'{name} {number}' for name, number in found['versions'].items())}\n"
        f"{found['pairs']} pairs of {found['steps_a_block']} steps, {found['threads']} thread each; {found['data']}\n"
        "Times as fast as the stock script: the median (least to most) of all pairs."
    )


def _train(found: dict[str, Any]) -> Iterator[Line]:
    for name, one in found.items():
        yield (f"train {name}", "", "", "", one["set"])
        for contender, told in one.items():
            if isinstance(told, dict) and "times_as_fast" in told:
                cpu, wall = told["times_as_fast"]["cpu"], told["times_as_fast"]["wall"]
                bar = _against(cpu["median"], one["bar"]) if contender.startswith("ours") else ""
                remarks = [f"{told['samples_a_cpu_second']:g} examples a second", *_sameness(told)]
                yield (f"  {contender}", ratios.in_words(cpu), ratios.in_words(wall), bar, ", ".join(remarks))


def _sameness(told: dict[str, Any]) -> Iterator[str]:
    if not (told.get("same_examples_timed", True) and told.get("same_examples", True)):
        yield "OTHER EXAMPLES"
    if "largest_loss_difference" in told:
        apart = "" if told["same_losses"] else " APART"
        yield f"without dropout losses within {told['largest_loss_difference']:.0e}{apart}"


def _predict(found: dict[str, Any]) -> Iterator[Line]:
    yield ("predict", "", "", "", found["set"])
    for name, told in found["against"].items():
        cpu, wall = told["times_as_fast"]["cpu"], told["times_as_fast"]["wall"]
        order = "same order" if told["same_order"] else "ANOTHER ORDER"
        words = f"{order}, probabilities within {told['largest_difference']:.0e}"
        yield (f"  {name}", ratios.in_words(cpu), ratios.in_words(wall), _against(cpu["median"], found["bar"]), words)


def _overhead(found: dict[str, Any]) -> Iterator[Line]:
    for name, told in found["shares"].items():
        share = told["share"]
        verdict = "" if not told.get("has_bar", True) else ("<= 1 %: yes" if share <= found["bar"] else "<= 1 %: NO")
        yield (f"overhead: {name}", f"{100 * share:.3f} %", "", verdict, told["words"])


def _memory(found: dict[str, Any]) -> Iterator[Line]:
    for name, told in found.items():
        verdict = "<= 1: yes" if told["ours_to_stock"] <= 1 else "<= 1: NO"
        words = f"stock {told['stock_mb']:,} MB, ours {told['ours_mb']:,} MB"
        yield (f"memory: {name}", f"{told['ours_to_stock']:.2f}", "", verdict, words)


def _roofline(found: dict[str, Any]) -> Iterator[Line]:
    for name, told in found["sets"].items():
        words = f"{told['tokens_a_step']:,} tokens a step; the limit is {told['limit']:.2f} times stock"
        yield (
            f"roofline: {name}",
            f"{100 * told['share']:.0f} %",
            "",
            "",
            f"of what {found['gflops']:g} GFLOP/s allow; {words}",
        )
    yield ("roofline: GPU", "", "", "", found["gpu"])


def _quality(found: dict[str, Any]) -> Iterator[Line]:
    for name, one in found["sets"].items():
        yield (f"quality {name}", "", "", "", one["words"])
        for way, told in one["ways"].items():
            bits = ", ".join(
                f"{told['computed_in'].count(kind)} in {kind}" for kind in dict.fromkeys(told["computed_in"])
            )
            yield (f"  {way}", "", "", _equality(told), f"{told['words']}; {bits}")
    yield ("quality of all sets together", "", "", "", "")
    for way, told in found["together"].items():
        yield (f"  {way}", "", "", _equality(told), told["words"])


def _equality(told: dict[str, Any]) -> str:
    return "within one standard error" if told["is_equal"] else "APART"


def _peers(found: dict[str, Any]) -> Iterator[Line]:
    for name, words in found.items():
        yield (f"peer: {name}", "", "", "", words)


def _against(reached: float, bar: float) -> str:
    return f">= {bar:g}: {'yes' if reached >= bar else 'NO'}"


LINES = {
    "train": _train,
    "predict": _predict,
    "overhead": _overhead,
    "memory": _memory,
    "roofline": _roofline,
    "quality": _quality,
    "peers": _peers,
}
