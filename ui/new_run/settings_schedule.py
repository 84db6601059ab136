"""A small picture of the learning rate over the run, as SVG in the colours of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.limits import in_words
from core.schedules import BY_THE_METRIC, curve, warmup_steps

PLACE = "training.lr_scheduler_type"
"""The setting beside which it stands."""
OWN = ("learning_rate", "num_cycles", "power", "lr_end", "min_lr_rate", "warmup_lr_rate", "warmup_type", "decay_type")
WIDTH, HEIGHT, EDGE = 320, 96, 6


def picture(values: Mapping[str, Any], steps: int) -> str:
    """The curve of these settings over so many steps, with what it shows in words; empty where there is none."""
    kind = values.get(PLACE)
    if not isinstance(kind, str) or steps < 1:
        return ""
    own = {name: values.get(f"training.{name}") for name in (*OWN, "timescale")}
    rate, warmup = float(values["training.learning_rate"]), warmup_steps(values["training.warmup_steps"], steps)
    own |= {"min_lr_ratio": own["min_lr_rate"], "num_decay_steps": _falling(values, steps, warmup)}
    points = curve(kind, warmup, steps, own)
    words = _words(kind, points, rate, warmup, steps)
    return f'<figure class="st-curve">{_drawn(points, words)}<figcaption>{escape(words)}</figcaption></figure>'


def _falling(values: Mapping[str, Any], steps: int, warmup: int) -> int:
    """Steps of the fall at the end: below 1 it is a share of the run."""
    given = values.get("training.num_decay_steps") or 0
    return min(steps - warmup, warmup_steps(given, steps))


def _words(kind: str, points: Sequence[tuple[int, float]], rate: float, warmup: int, steps: int) -> str:
    if kind in BY_THE_METRIC:
        return f"It begins at {in_words(rate)}. What comes then is decided by the checks, so only that is drawn."
    highest = max(share for _, share in points)
    rises = f"It rises for {warmup:,} steps to {in_words(rate * highest)}" if points[0][1] < highest else ""
    begins = rises or f"It begins at {in_words(rate * points[0][1])}"
    return f"{begins}, and ends at {_rounded(rate * points[-1][1])} after {steps:,} steps."


def _rounded(rate: float) -> str:
    return in_words(float(f"{rate:.2g}"))


def _drawn(points: Sequence[tuple[int, float]], words: str) -> str:
    last, top = points[-1][0] or 1, max(1.0, *(share for _, share in points))
    across, down = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    line = " ".join(
        f"{EDGE + across * step / last:.1f},{EDGE + down * (1 - share / top):.1f}" for step, share in points
    )
    floor = HEIGHT - EDGE
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="The learning rate over the run. {escape(words)}">'
        f'<path class="st-floor" d="M{EDGE} {floor}H{WIDTH - EDGE}"/><polyline points="{line}"/></svg>'
    )
