"""Early signs that a run goes wrong, from the numbers it logs: pure arithmetic in bounded memory.

Each sign waits for enough evidence: a warning that turns out wrong costs more trust than a late one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from core.training.signs.checks import Checks
from core.training.signs.gradients import GRADIENTS, Gradients
from core.training.signs.losses import Losses
from core.training.signs.times import Times
from core.training.signs.types import Plan, Sign, Told

_ENOUGH = {"gradient_exploding": GRADIENTS, "data_slow": 20, "gpu_starved": 20}
"""Observations that a sign rests on, where it is more than a few."""


class Signs:
    """Is told what a run logs, and gives the signs that are new. ``already``: the codes of those told before.

    Numbers that are not finite end a run elsewhere: see ``core.training.reporter``.
    """

    def __init__(self, plan: Plan, already: tuple[str, ...] = ()) -> None:
        self._told = Told(already)
        self._losses, self._gradients = Losses(plan), Gradients(plan)
        self._checks, self._times = Checks(plan), Times(plan)

    def stepped(self, step: int, loss: float, grad_norm: float | None) -> Iterator[Sign]:
        """A logged step: the mean loss since the one before, and the norm of the gradient before it was cut."""
        if grad_norm is not None and math.isfinite(grad_norm):
            yield from self._new({"gradient_exploding": self._gradients.logged(step, grad_norm)})
        if math.isfinite(loss):
            self._checks.learned(loss)
            yield from self._new(self._losses.logged(step, loss, self._checks.have_got_better))

    def checked(
        self, step: int, epoch: float, loss: float | None, main: float, scores: Mapping[str, float]
    ) -> Iterator[Sign]:
        """A check on the validation part: its loss where known, the main metric, and all ``scores``."""
        yield from self._new(self._checks.checked(step, epoch, loss, main, scores))

    def timed(self, waited_s: float, trained_s: float, gpu_used: float | None, has_gpu: bool) -> Iterator[Sign]:
        """See ``Times.seen``."""
        yield from self._new(self._times.seen(waited_s, trained_s, gpu_used, has_gpu))

    def _new(self, found: Mapping[str, Sign | None]) -> Iterator[Sign]:
        for code, sign in found.items():
            yield from self._told.pick(code, sign, _ENOUGH.get(code, 3))
