"""Keeping the curves of a run elsewhere too: TensorBoard in the run's folder, Trackio or Weights & Biases.

The callbacks are those of transformers; here they only learn the run's own name and place. What these services need to
know who somebody is (``WANDB_API_KEY`` and the like) is theirs to find: in the environment of whoever started the app,
never in a config.

Imported in workers only.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from transformers import TrainerCallback  # noqa: TID253  (imported in workers only)
from transformers.integrations import (  # noqa: TID253
    TensorBoardCallback,
    TrackioCallback,
    WandbCallback,
)

from core import capabilities
from core.config import TrainingConfig
from core.errors import ConfigError
from core.runs import Run
from core.said import said, together

FOLDER = "tensorboard"
"""In a run's folder."""


def tracker(run: Run, training: TrainingConfig, arguments: Any) -> list[TrainerCallback]:
    """The callback that ``training.report_to`` asks for, if any. Raises ``ConfigError`` where its package is missing.

    ``arguments`` learn the names; the Trainer is kept from adding callbacks of its own.
    """
    require(training.report_to)
    arguments.report_to = []
    arguments.run_name = training.run_name or run.config.name or run.id
    arguments.project = training.project
    if training.report_to == "tensorboard":
        return [InFolder(run.path / FOLDER)]
    if training.report_to == "trackio":
        return [TrackioCallback()]
    if training.report_to == "wandb":
        return [InProject(run.path)]
    return []


def require(report_to: str) -> None:
    """Raises ``ConfigError`` where the package that a tracker needs is missing, or it cannot know who sends."""
    if report_to in capabilities.CAPABILITIES and (why := capabilities.missing(report_to)):
        raise ConfigError(
            said("The curves cannot be kept in {place}.", place=report_to),
            together(why, said("Or choose another place for the curves.")),
            field="training.report_to",
            remedy={"training.report_to": "none"},
        )


class InFolder(TensorBoardCallback):
    """TensorBoard's files in the folder of the run. One that goes on takes back what came after its checkpoint."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.logging_dir = str(folder)

    tb_writer: Any

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.tb_writer is None and state.is_world_process_zero:
            again = state.global_step + 1 if state.global_step else None
            self.tb_writer = self._SummaryWriter(log_dir=self.logging_dir, purge_step=again)
        super().on_train_begin(args, state, control, **kwargs)


class InProject(WandbCallback):
    """Weights & Biases, in the project that the config names. It writes its own files into the folder of the run."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def setup(self, args: Any, state: Any, model: Any, **kwargs: Any) -> None:
        """As the stock one, under the run's name. Raises ``ConfigError`` where it is not known who sends."""
        if self._wandb.run is None and state.is_world_process_zero:
            project = args.project or os.environ.get("WANDB_PROJECT")
            try:
                self._wandb.init(project=project, name=args.run_name, dir=str(self._folder))
            except self._wandb.Error as exc:
                raise ConfigError(
                    said("Weights & Biases did not take the run."),
                    said(
                        "It has to know who you are: set WANDB_API_KEY where the app is started, or run `wandb login` "
                        "there. With WANDB_MODE=offline the curves stay on this machine."
                    ),
                    field="training.report_to",
                    cause=f"{type(exc).__name__}: {exc}",
                    remedy={"training.report_to": "none"},
                ) from exc
        super().setup(args, state, model, **kwargs)
