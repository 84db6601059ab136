"""Whether training waits for its batches, or the GPU for work."""

from __future__ import annotations

from core.said import said, share_of, together
from core.training.signs.types import Plan, Sign

WAITS = 0.5
"""The share of the time spent on waiting for batches that is too much."""
STARVED = 30.0
"""Percent of use below which a GPU mostly waits."""
ENOUGH_S = 60.0
"""Seconds of training before times and shares say anything."""


class Times:
    """Asked with what has passed since the training began."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def seen(self, waited_s: float, trained_s: float, gpu_used: float | None, has_gpu: bool) -> dict[str, Sign | None]:
        """Seconds waited for batches and spent on training in all, and percent of the GPU's use where it is known."""
        if trained_s < ENOUGH_S:
            return {}
        share = waited_s / trained_s
        # A GPU that is busy works on while the next batch is made.
        is_slow = share > WAITS and (not has_gpu or (gpu_used is not None and gpu_used < 2 * STARVED))
        is_starved = not is_slow and gpu_used is not None and gpu_used < STARVED
        return {
            "data_slow": self._slow_data(share) if is_slow else None,
            "gpu_starved": self._starved(gpu_used or 0.0) if is_starved else None,
        }

    def _slow_data(self, share: float) -> Sign:
        workers = self._plan.num_workers
        more = None if workers is None else max(2, workers * 2)
        advice = (
            said("Let {count} processes make batches beside the training.", count=more)
            if more
            else said("Shorter texts are read faster.")
        )
        return Sign(
            "data_slow",
            said(
                "{share} of the time goes by waiting for examples, not learning from them.",
                share=share_of(f"{100 * share:.0f} %"),
            ),
            together(said("Reading them takes longer than learning from them."), advice),
            {"training.dataloader_num_workers": more} if more else {},
        )

    def _starved(self, used: float) -> Sign:
        size = self._plan.batch_size * 2
        return Sign(
            "gpu_starved",
            said("The GPU is used by {share} only: it mostly waits.", share=share_of(f"{used:.0f} %")),
            said(
                "A batch of {size} is little work for it. With {larger} it does more at a time; the learning rate may "
                "then be a little higher.",
                size=self._plan.batch_size,
                larger=size,
            ),
            {"training.per_device_train_batch_size": size},
        )
