"""How much faster a training could be at all: what the words themselves take at the speed of bare matrix products.

Source: Williams, Waterman & Patterson (2009), "Roofline", doi:10.1145/1498765.1498785; the operations of a transformer
by Kaplan et al. (2020), arXiv:2001.08361, table 1: 24 h² a token and 4 h a pair of tokens, a layer; three times as many
with the way back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from core.models.checkpoints import resolve
from tests.bench.options import Options

TOKENS_AT_ONCE = (512, 1024, 2048)
TIMES = 7
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12}
"""bf16, dense, operations a second, by their makers' data sheets."""


def flops(lengths: Iterable[int], hidden: int, layers: int, feed: int | None = None) -> float:
    """Operations to learn from texts of these lengths once, forward and back, without any padding."""
    wide = 4 * hidden if feed is None else feed
    token = 8 * hidden * hidden + 4 * hidden * wide
    return 3.0 * layers * sum(token * length + 4 * hidden * length * length for length in lengths)


def limits(stock_s: float, ours_s: float, operations: float, rate: float) -> dict[str, float]:
    """``share`` of the bound that ours reaches, and the ``limit`` of any ratio over stock."""
    bound = operations / rate
    return {"bound_ms": 1000 * bound, "share": bound / ours_s, "limit": stock_s / bound, "reached": stock_s / ours_s}


def measure(folder: Path, options: Options, earlier: dict[str, Any] | None = None) -> dict[str, Any]:
    """For the sets of long texts; ``earlier``: the figures of ``train``, where it was measured before."""
    import torch

    from tests.bench import train

    names = tuple(name for name in options.sets or ("long-256", "long-512") if name != "documents")
    raced = earlier if earlier is not None else train.measure(folder, replace(options, sets=names))
    model = json.loads((resolve(options.checkpoint) / "config.json").read_text(encoding="utf-8"))
    hidden, layers = int(model["hidden_size"]), int(model["num_hidden_layers"])
    rate = gemm_rate(hidden, options.threads)
    has_gpu = torch.cuda.is_available()
    clock = "wall_ms_a_step" if has_gpu else "cpu_ms_a_step"
    found: dict[str, Any] = {"gflops": round(rate / 1e9, 1), "sets": {}, "gpu": "no GPU here"}
    for name in names:
        if name not in raced:
            continue
        ours = min(
            (one for key, one in raced[name].items() if key.startswith("ours, ") and (has_gpu or key != train.FASTEST)),
            key=lambda one: float(one[clock]),
        )
        seconds = [one[clock] / 1000 for one in (raced[name][train.STOCK], ours)]
        work = median(flops(step, hidden, layers) for step in ours["lengths"])
        tokens = round(median(sum(step) for step in ours["lengths"]))
        found["sets"][name] = {**limits(*seconds, work, rate), "tokens_a_step": tokens}
        if has_gpu:
            found["gpu"] = _of_gpu(torch.cuda.get_device_name(0), work / seconds[1], raced[name]["batch"] / seconds[1])
    return found


def gemm_rate(hidden: int, threads: int) -> float:
    """Operations a second of the matrix products of one layer: fp32 by CPU time, or on a GPU bf16 by the clock."""
    import torch

    torch.set_num_threads(threads)
    device, kind = ("cuda", torch.bfloat16) if torch.cuda.is_available() else ("cpu", torch.float32)
    clock = time.perf_counter if device == "cuda" else time.process_time
    shapes = [(hidden, hidden)] * 4 + [(hidden, 4 * hidden), (4 * hidden, hidden)]
    weights = [torch.randn(shape, device=device, dtype=kind) for shape in shapes]
    best = 0.0
    for tokens in TOKENS_AT_ONCE:
        rows = {width: torch.randn(tokens, width, device=device, dtype=kind) for width in (hidden, 4 * hidden)}
        times = []
        for _ in range(TIMES):
            began = clock()
            for weight in weights:
                rows[weight.shape[0]] @ weight
            if device == "cuda":
                torch.cuda.synchronize()
            times.append(clock() - began)
        # The quickest: a bound is what is possible, not what others on the machine have left of it.
        best = max(best, 24.0 * hidden * hidden * tokens / min(times))
    return best


def _of_gpu(name: str, rate: float, samples: float) -> str:
    peak = next((peak for kind, peak in PEAKS.items() if kind in name), None)
    share = f"{100 * rate / peak:.1f} % of its bf16 peak" if peak else "its peak is not known here"
    return f"{name}: {samples:,.0f} samples a second, {rate / 1e12:.1f} TFLOP/s, {share}"
