"""Whether the training loss falls, or rises.

Losses of single batches are noisy, so they are compared in blocks, and differences count only beyond what chance makes.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import fmean, stdev

from core.said import Figures, said, together
from core.training.signs.types import Plan, Sign, rounded

BLOCK = 20
"""Logged losses that are looked at together."""
FLAT_FALL = 0.03
"""A loss that fell by less than this share of its beginning has not fallen, even where chance does not explain it."""
RISE = 0.25
"""A loss that stands above its best block by this share of the first block has risen."""
START = 3
"""Losses at the very beginning, before the rate is high: what a model that has learned nothing has."""
CHANCE = 5.0
"""Standard errors beyond which a difference is no chance."""


@dataclass(frozen=True)
class Block:
    """Some losses in a row: their mean, and how far one of them is from it by chance."""

    mean: float
    spread: float
    step: int
    size: int = BLOCK

    @staticmethod
    def of(losses: list[float], step: int) -> Block:
        return Block(fmean(losses), stdev(losses), step, len(losses))


def error_of(one: Block, other: Block) -> float:
    """The standard error of the difference of two blocks' means."""
    return math.hypot(one.spread / math.sqrt(one.size), other.spread / math.sqrt(other.size))


class Losses:
    """The logged losses after the warm-up, by blocks. Of those it holds the first, the lowest and the one begun."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._start: list[float] = []
        self._begun: list[float] = []
        self._first: Block | None = None
        self._lowest: Block | None = None
        self._newest: deque[float] = deque(maxlen=3)
        """The means of the newest blocks."""
        self._high = 0
        """Blocks in a row that stood far above the lowest."""

    def logged(self, step: int, loss: float, has_got_better: bool) -> dict[str, Sign | None]:
        """What is to be seen once a block is full. ``has_got_better``: some check was better than the first."""
        if len(self._start) < START:
            self._start.append(loss)
        if step <= self._plan.warmup_steps // 2:
            return {}  # with hardly any learning rate yet, nothing can be expected to fall
        self._begun.append(loss)
        if len(self._begun) < BLOCK:
            return {}
        block = Block.of(self._begun, step)
        self._begun = []
        self._newest.append(block.mean)
        start = Block.of(self._start, START)
        has_jumped = block.mean - start.mean > max(abs(start.mean), CHANCE * error_of(block, start))
        if self._first is None or self._lowest is None:
            self._first = self._lowest = block
            self._high = int(has_jumped)
            return {}
        is_high = has_jumped or self._is_high(block, self._first, self._lowest)
        self._high = self._high + 1 if is_high else 0
        before = start if has_jumped else self._lowest
        rising = self._rising(block, before) if self._high >= 2 else None
        flat = None if is_high or has_got_better else self._flat(block, self._first, self._lowest)
        if block.mean < self._lowest.mean:
            self._lowest = block
        return {"loss_rising": rising, "loss_flat": flat}

    def _is_high(self, block: Block, first: Block, lowest: Block) -> bool:
        return block.mean - lowest.mean > max(RISE * abs(first.mean), CHANCE * error_of(block, lowest))

    def _rising(self, block: Block, lowest: Block) -> Sign:
        rate, (_, high) = self._plan.learning_rate, self._plan.usual_rates
        calmer = rounded(min(rate / 5, high) if rate > high else rate / 3)
        return Sign(
            "loss_rising",
            said("The loss is rising: the model gets worse while it learns."),
            said(
                "It was {before} around step {step} and is {now} now. The learning rate of {rate} is most likely too "
                "high: start again with {better}.",
                before=Figures(f"{lowest.mean:.3g}"),
                step=lowest.step,
                now=Figures(f"{block.mean:.3g}"),
                rate=Figures(f"{rate:.2g}"),
                better=Figures(f"{calmer:.2g}"),
            ),
            {"training.learning_rate": calmer},
        )

    def _flat(self, block: Block, first: Block, lowest: Block) -> Sign | None:
        """A third of the run is behind, the newest blocks are as high as the first, and none was clearly lower."""
        plan = self._plan
        if block.step < max(plan.total_steps / 3, first.step + 2 * BLOCK):
            return None
        is_lower = first.mean - fmean(self._newest) > FLAT_FALL * abs(first.mean)
        if is_lower or first.mean - lowest.mean > CHANCE / 2 * error_of(first, lowest):
            return None
        (low, high), rate = plan.usual_rates, plan.learning_rate
        if rate < low:
            better = rounded(math.sqrt(low * high))
            advice = said(
                "The learning rate of {rate} is very small: start again with {better}.",
                rate=Figures(f"{rate:.2g}"),
                better=Figures(f"{better:.2g}"),
            )
        elif rate > high:
            better = rounded(min(rate / 5, high))
            advice = said(
                "The learning rate of {rate} is high: start again with {better}.",
                rate=Figures(f"{rate:.2g}"),
                better=Figures(f"{better:.2g}"),
            )
        else:
            better = None
            advice = said(
                "Look whether the answers in the table fit their texts; then try a learning rate three times as large."
            )
        return Sign(
            "loss_flat",
            said("The loss is not falling: the model does not learn yet."),
            together(
                said(
                    "It was {before} at the beginning and is {now} at step {step}.",
                    before=Figures(f"{first.mean:.3g}"),
                    now=Figures(f"{block.mean:.3g}"),
                    step=block.step,
                ),
                advice,
            ),
            {"training.learning_rate": better} if better else {},
        )
