"""Whether gradients are far larger than is usual in a run, again and again."""

from __future__ import annotations

from collections import deque
from statistics import median

from core.said import Figures, said, together
from core.training.signs.types import Plan, Sign, rounded

GRADIENTS = 50
"""Logged gradients that are held; half of them have to be there before any is called unusual."""
TIMES_USUAL = 10
OUTLIERS = 3
"""Unusual gradients among the newest ``2 * OUTLIERS``."""


class Gradients:
    """The norms of the logged gradients, before they are cut; the newest ``GRADIENTS`` of them are held."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._norms: deque[float] = deque(maxlen=GRADIENTS)
        self._unusual: deque[bool] = deque(maxlen=2 * OUTLIERS)
        self._usual_at_first: float | None = None

    def logged(self, step: int, norm: float) -> Sign | None:
        """The norm of a logged step; a sign where it is unusual, and some just before it were."""
        if len(self._norms) < GRADIENTS // 2:
            self._norms.append(norm)
            return None
        usual = median(self._norms)
        if self._usual_at_first is None:
            self._usual_at_first = usual
        # Once nearly all is learned gradients are tiny, and one hard example stands out without any harm.
        is_unusual = norm > TIMES_USUAL * max(usual, self._usual_at_first)
        self._unusual.append(is_unusual)
        if not is_unusual:
            self._norms.append(norm)
        if sum(self._unusual) < OUTLIERS or not is_unusual:
            return None
        rate = rounded(self._plan.learning_rate / 3)
        is_cut = self._plan.max_grad_norm > 0
        limit = Figures(f"{self._plan.max_grad_norm:g}")
        cut = said("They are cut to {limit}, so no single one does much harm.", limit=limit) if is_cut else ""
        return Sign(
            "gradient_exploding",
            said(
                "The gradient explodes: {norm} at step {step}, where {usual} is usual in this run.",
                norm=Figures(f"{norm:.3g}"),
                step=step,
                usual=Figures(f"{usual:.3g}"),
            ),
            together(
                said(
                    "{count} of the last {steps} logged steps were like that.",
                    count=OUTLIERS,
                    steps=len(self._unusual),
                ),
                cut,
                said(
                    "A learning rate of {rate} is calmer."
                    if is_cut
                    else "A learning rate of {rate} is calmer; gradients should be cut to 1.",
                    rate=Figures(f"{rate:.2g}"),
                ),
            ),
            {"training.learning_rate": rate} | ({} if is_cut else {"training.max_grad_norm": 1.0}),
        )
