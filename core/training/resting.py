"""The callback that lets a run rest: after the present step, once its checkpoint is written and everybody knows of it.

Imported in workers only.
"""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback  # noqa: TID253  (imported in workers only)

from core.training.asking import rest, wish
from core.training.early_stopping import is_whole_epoch
from core.training.reporter import Reporter


class Resting(TrainerCallback):
    """The last of all callbacks: while it rests, nobody after it waits for the checkpoint."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        comes_anyway = args.save_strategy == "epoch" and is_whole_epoch(state)
        if self._reporter.asked.rest and not comes_anyway:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        one = self._reporter
        if control.should_training_stop or not wish(one.run, one.leave_requested, looks_for_more=False).rest:
            return
        one.pace.rested(rest(one.run, one.log, state.global_step, lambda: one.leave_requested))
        asked = wish(one.run, one.leave_requested, looks_for_more=False)
        one.leave_requested = asked.leave
        if asked.leave:
            control.should_training_stop = True  # what it would save is saved
        elif asked.kept:
            one.stop(args, asked.kept)
            control.should_training_stop = True
