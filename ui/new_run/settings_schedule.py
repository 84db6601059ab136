"""A small picture of the learning rate over the run, as SVG in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.config import TrainingConfig
from core.limits import in_words
from core.schedules import BY_THE_METRIC, curve, warmup_steps
from core.training.scheduling import schedule_arguments
from ui.languages import tr

PLACE = "training.lr_scheduler_type"
"""The setting beside which it stands."""
WIDTH, HEIGHT, EDGE = 320, 96, 6


def picture(training: TrainingConfig, steps: int) -> str:
    """The curve of these settings over so many steps, with what it shows in words; empty where there are none."""
    if steps < 1:
        return ""
    kind, rate = training.lr_scheduler_type, training.learning_rate
    warmup = warmup_steps(training.warmup_steps, steps)
    own = schedule_arguments(training, steps, more_is_better=True) or {}
    points = curve(kind, warmup, steps, {**own, "learning_rate": rate})
    words = _words(kind, points, rate, warmup, steps)
    return f'<figure class="st-curve">{_drawn(points, words)}<figcaption>{escape(words)}</figcaption></figure>'


def _words(kind: str, points: Sequence[tuple[int, float]], rate: float, warmup: int, steps: int) -> str:
    if kind in BY_THE_METRIC:
        return tr(
            "It begins at {rate}. What comes then is decided by the checks, so only that is drawn.", rate=in_words(rate)
        )
    highest = max(share for _, share in points)
    rises = (
        tr("It rises for {warmup} steps to {rate}", warmup=warmup, rate=in_words(rate * highest))
        if points[0][1] < highest
        else ""
    )
    begins = rises or tr("It begins at {rate}", rate=in_words(rate * points[0][1]))
    return tr(
        "{begins}, and ends at {rate} after {steps} steps.",
        begins=begins,
        rate=_rounded(rate * points[-1][1]),
        steps=steps,
    )


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
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(tr("The learning rate over the run."))} {escape(words)}">'
        f'<path class="st-floor" d="M{EDGE} {floor}H{WIDTH - EDGE}"/><polyline points="{line}"/></svg>'
    )
