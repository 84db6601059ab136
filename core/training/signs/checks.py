"""What the checks on the validation part say, beside the training loss between them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.said import Figures, said, said_many, together
from core.training.signs.types import Plan, Sign

WORSE = 0.05
"""The share by which the loss on the validation part has to be above its best to speak of overfitting."""
LEARNED = 0.1
"""The share by which the training loss has to have fallen meanwhile."""
ALIKE_CHECKS = 3
FEWEST_STEPS = 40
"""Before so many steps, equal scores say nothing."""
PERFECT = 0.999


class Checks:
    """What the checks on the validation part say, beside the training loss between them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sum, self._count = 0.0, 0
        self._first_loss: float | None = None
        """The mean training loss before the first check."""
        self._best_loss: tuple[float, int, float, float] | None = None
        """(loss on the validation part at its lowest, step, epoch, training loss before it)"""
        self._before: float | None = None
        self._worse = 0
        """Checks in a row whose loss was above the best and above the one before."""
        self._best_main: float | None = None
        self._alike, self._scores = 0, dict[str, float]()
        self.have_got_better = False
        """Whether any check was better than the first."""

    def learned(self, loss: float) -> None:
        self._sum, self._count = self._sum + loss, self._count + 1

    def checked(
        self, step: int, epoch: float, loss: float | None, main: float, scores: Mapping[str, float]
    ) -> dict[str, Sign | None]:
        """What a check says, by code: its loss on the validation part where known, its main score, and all scores."""
        trained = self._sum / self._count if self._count else None
        self._sum, self._count = 0.0, 0
        is_better = self._best_main is not None and self._gain(main, self._best_main) > 1e-9
        self.have_got_better = self.have_got_better or is_better
        self._compare(scores)
        self._best_main = main if self._best_main is None or is_better else self._best_main
        if self._first_loss is None:
            self._first_loss = trained
        return {
            "overfitting": self._overfitting(step, epoch, loss, trained, is_better),
            "metric_flat": self._flat(step, main, trained),
        }

    def _gain(self, new: float, old: float) -> float:
        return new - old if self._plan.greater_is_better else old - new

    def _overfitting(
        self, step: int, epoch: float, loss: float | None, trained: float | None, is_better: bool
    ) -> Sign | None:
        if loss is None or trained is None or not math.isfinite(loss):
            return None
        before, self._before = self._before, loss
        if self._best_loss is None or loss < self._best_loss[0]:
            self._best_loss, self._worse = (loss, step, epoch, trained), 0
            return None
        best, since, at_epoch, learned = self._best_loss
        is_worse = before is not None and loss > before and not is_better
        self._worse = self._worse + 1 if is_worse else 0
        has_learned = trained < learned * (1 - LEARNED)
        is_blind = self._alike + 1 >= ALIKE_CHECKS  # what always answers alike has nothing by heart
        if self._worse < 2 or loss < best * (1 + WORSE) or not has_learned or is_blind:
            return None
        epochs = max(1, math.ceil(at_epoch - 1e-6))
        is_shorter = 0 < epochs < self._plan.num_train_epochs
        fewer = (
            said_many(
                epochs,
                "{count} epoch would do; more examples or more weight decay help too.",
                "{count} epochs would do; more examples or more weight decay help too.",
            )
            if is_shorter
            else said("Fewer steps would do; more examples or more weight decay help too.")
        )
        return Sign(
            "overfitting",
            said(
                "Since step {step} the model learns by heart: it gets better on what it reads, and worse on the rest.",
                step=since,
            ),
            together(
                said(
                    "The loss on the validation examples rose from {best} to {loss}, while that of training fell from "
                    "{learned} to {trained}.",
                    best=Figures(f"{best:.3g}"),
                    loss=Figures(f"{loss:.3g}"),
                    learned=Figures(f"{learned:.3g}"),
                    trained=Figures(f"{trained:.3g}"),
                ),
                fewer,
                said("The best model is kept either way.") if self._plan.keeps_best else "",
            ),
            {"training.num_train_epochs": epochs} if is_shorter else {},
        )

    def _compare(self, scores: Mapping[str, float]) -> None:
        is_alike = bool(scores) and all(
            name in self._scores and abs(value - self._scores[name]) < 1e-9 for name, value in scores.items()
        )
        self._scores = dict(scores)
        self._alike = self._alike + 1 if is_alike else 0

    def _flat(self, step: int, main: float, trained: float | None) -> Sign | None:
        has_learned = trained is None or self._first_loss is None or trained < self._first_loss * (1 - LEARNED)
        is_perfect = self._plan.greater_is_better and main >= PERFECT
        if self._alike + 1 < ALIKE_CHECKS or has_learned or is_perfect or step < FEWEST_STEPS:
            return None
        return Sign(
            "metric_flat",
            said(
                "The last {checks} checks have the very same scores: the model probably always answers alike.",
                checks=self._alike + 1,
            ),
            said(
                "The main score stands at {score}, and the training loss has hardly fallen. Look whether one answer "
                "is far more common than all others, and whether the answers fit their texts; a smaller learning rate "
                "helps where the loss jumped at the beginning.",
                score=Figures(f"{main:.3g}"),
            ),
        )
