"""Room on the disk: refuse early what would fail late, and stop with a word before the disk is full."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import figures, home, machine
from core.errors import StudioError, TrainingError
from core.runs import Run
from core.said import Figures, said, said_many, together
from core.training import checkpoints
from core.training.shop import Workshop
from core.training.steps import checkpoints_at_once

SPARE_DISK_BYTES = 200_000_000
"""For all that is not a checkpoint or the model."""


def check_disk(run: Run, model: Any) -> None:
    """Refuse early what would fail late. What a run that is taken up again has written already is there."""
    written = sum(checkpoints.size_of(path) for path in checkpoints.all_of(run.checkpoints_path))
    to_come = max(checkpoint_bytes(model) * checkpoints_at_once(run.config) - written, 0)
    needed = to_come + weight_bytes(model) + SPARE_DISK_BYTES
    free = machine.disk_free(run.path)
    if free < needed:
        raise StudioError(
            said(
                "The disk has {free} GB free and this run needs {needed} GB for its checkpoints.",
                free=Figures(f"{free / 1e9:.1f}"),
                needed=Figures(f"{needed / 1e9:.1f}"),
            ),
            said(
                "Free some space (the home folder is {home}), or empty the trash, then start again.", home=home.home()
            ),
        )


def weight_bytes(model: Any, *, only_trained: bool = False) -> int:
    """Bytes of a model's weights; of those that change in training."""
    found = (one for one in model.parameters() if one.requires_grad or not only_trained)
    return sum(one.numel() * one.element_size() for one in found)


def checkpoint_bytes(model: Any) -> int:
    """Bytes of one checkpoint at the most: the weights (of an adapter only its own) and two moments of all that
    changes.
    """
    trained = weight_bytes(model, only_trained=True)
    return 2 * trained + (trained if hasattr(model, "peft_config") else weight_bytes(model))


class Room:
    """The room that a run's checkpoints take while it trains."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    def make(self, model: Any, best: Path | None) -> None:
        """Before a save: delete what may go where room is short. Raises ``TrainingError`` where that is not enough."""
        folder = self._shop.run.checkpoints_path
        newest = checkpoints.last(folder)
        takes = checkpoints.size_of(newest) if newest else checkpoint_bytes(model)
        needed = takes + weight_bytes(model) + SPARE_DISK_BYTES
        gone = []
        for path in checkpoints.dispensable(folder, best):
            if machine.disk_free(folder) >= needed:
                break
            checkpoints.discard(path)
            gone.append(path)
        if gone:
            self._shop.notice(
                said_many(len(gone), "An old checkpoint was deleted.", "{count} old checkpoints were deleted."),
                said("Room on the disk is short. The best and the newest stay."),
                "warning",
            )
        if (free := machine.disk_free(folder)) < needed:
            raise _too_little(free, takes, newest)


def _too_little(free: int, takes: int, newest: Path | None) -> TrainingError:
    kept = said("The checkpoint of step {step} is kept.", step=checkpoints.step_of(newest)) if newest else ""
    return TrainingError(
        said(
            "The disk is nearly full: {free} are free, and a checkpoint takes {takes}.",
            free=Figures(figures.size(free)),
            takes=Figures(figures.size(takes)),
        ),
        together(
            kept,
            said(
                "Free some space (the home folder is {home}), or empty the trash, then take the run up again.",
                home=home.home(),
            ),
        ),
        cause="stopped before the disk was full; room is left for the model and the log",
    )
