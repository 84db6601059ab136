"""The callback that turns what the Trainer does into events, and a person's wish to stop into a stop.

Imported in workers only.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback  # noqa: TID253  (imported in workers only)

from core import events, orders
from core.errors import TrainingError
from core.orders import Kept
from core.runs import Run
from core.said import said
from core.tasks.base import Task
from core.training import ranks
from core.training.asking import Cancelled, StopAsked, Wish, wish
from core.training.early_stopping import is_whole_epoch
from core.training.pace import Pace, evaluations_left
from core.training.trainer import point_to_best

_BROKEN = {
    "loss": "The numbers broke at step {step}: the loss is no longer a number.",
    "grad_norm": "The numbers broke at step {step}: the gradient is no longer a number.",
}

EVALUATION_NOTE_EVERY = 1.0
"""Seconds between two notes on how far an evaluation is."""
CLASSES_TOLD = 30
"""At a check."""


class Reporter(TrainerCallback):
    """Writes ``Stepped``, ``Evaluating``, ``Evaluated`` and ``Saved``; checks, saves and stops when asked, and stops
    when numbers break.
    """

    def __init__(
        self,
        run: Run,
        log: events.EventLog,
        task: Task,
        learning_rate: float,
        trained_before: float = 0.0,
        own_metrics: Iterable[str] = (),
    ) -> None:
        self.run = run
        self.log = log
        self._noted = {"loss", *(metric.name for metric in task.metrics), *own_metrics}
        self.learning_rate = learning_rate
        self.step = 0
        """Optimizer steps so far."""
        self.stop_requested = False
        self.kept: Kept = "best"
        """What is kept of a run that was asked to stop."""
        self.leave_requested = False
        """Set by a termination signal: save, and leave without an end, so that the run can be taken up again."""
        self.asked = Wish()
        """After the last step."""
        self.pace = Pace(trained_before)
        self.rows_a_step: float | None = None
        """Examples of a correction, the mean where their number varies; None for what the Trainer's arguments say."""
        self._evaluating = False
        self._evaluation_noted = 0.0
        self._best: float | None = None
        self._per_class: dict[str, float] = {}
        self._checked_at = -1
        """The step of the newest check, or of the last one that a stop has cut short."""
        self._arguments: Any = None

    def stop(self, args: Any, kept: Kept | None = None) -> None:
        """A stop was asked for, that keeps what the run's folder says or what all processes have agreed upon; that is
        settled now. Whoever calls this ends the training.

        Raises ``Cancelled`` when nothing is.
        """
        self.stop_requested = True
        self.kept = kept or orders.kept_of(self.run)
        if self.kept == "nothing":
            raise Cancelled
        if self.kept == "last":
            args.load_best_model_at_end = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._arguments = args
        self.step = state.global_step
        point_to_best(state, Path(args.output_dir))
        self._best = state.best_metric
        self.pace.begin(state.global_step)

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pace.skip()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.step = state.global_step
        self.pace.stepped(state.global_step)
        asked = self.asked = wish(self.run, self.leave_requested)
        self.leave_requested = asked.leave
        if asked.leave:
            control.should_save = True
            control.should_training_stop = True
        elif asked.kept:
            self.stop(args, asked.kept)
            control.should_evaluate = self.kept == "best"
            control.should_save = True
            control.should_training_stop = True
        else:
            self._do_what_is_asked(asked, args, state, control)

    def _do_what_is_asked(self, asked: Wish, args: Any, state: Any, control: Any) -> None:
        """Check or save out of turn, unless it is done at the end of this epoch anyway, which is now."""
        ends = is_whole_epoch(state)
        if asked.evaluate and not (ends and args.eval_strategy == "epoch"):
            control.should_evaluate = True
        if asked.save and not (ends and args.save_strategy == "epoch"):
            control.should_save = True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        # The stock flow sees a whole epoch in one that was cut short, and would check and save a second time.
        if self.stop_requested:
            control.should_evaluate = self.kept == "best" and self._checked_at != state.global_step
            control.should_save = control.should_evaluate
        elif self.leave_requested and not is_whole_epoch(state):
            control.should_evaluate = False
            control.should_save = False

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        if not logs or "loss" not in logs:
            return
        self._check_numbers(state.global_step, logs)
        rows_a_step = args.train_batch_size * args.gradient_accumulation_steps * args.world_size
        rows_a_step = self.rows_a_step or rows_a_step
        self.log.append(
            events.Stepped(
                step=state.global_step,
                epoch=round(logs.get("epoch", state.epoch or 0.0), 4),
                loss=logs["loss"],
                learning_rate=logs.get("learning_rate"),
                grad_norm=logs.get("grad_norm"),
                samples_per_second=self.pace.since_last_log(rows_a_step),
                memory_bytes=memory_used(),
                elapsed_s=round(self.pace.elapsed(), 2),
                eta_s=self.pace.remaining(state.global_step, state.max_steps, evaluations_left(args, state)),
            )
        )

    def evaluated(self, done: int, total: int) -> None:
        """An evaluation goes on: ``done`` of ``total`` rows. Raises ``StopAsked`` when a stop comes in its midst."""
        if not self._evaluating:
            self._evaluating = True
            self.pace.evaluation_began()
        now = time.monotonic()
        if now - self._evaluation_noted >= EVALUATION_NOTE_EVERY:
            self._evaluation_noted = now
            self.log.append(events.Evaluating(split="validation", done=done, total=total, unit="rows"))
        if ranks.count() == 1 and self.step and not self.stop_requested and self.run.stop_path.exists():
            self.cut_short()

    def cut_short(self, kept: Kept | None = None) -> None:
        """A stop came in the midst of a check. Raises ``StopAsked``, or ``Cancelled`` when nothing is kept."""
        self.stop(self._arguments, kept)
        self._checked_at = self.step
        self._evaluating = False
        raise StopAsked

    def detailed(self, scores: dict[str, float]) -> None:
        """The F1 of each class at the check that goes on; of many classes those with the lowest are told."""
        lowest = sorted(scores.items(), key=lambda pair: pair[1])[:CLASSES_TOLD]
        self._per_class = {name: round(score, 4) for name, score in lowest}

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, float], **kwargs: Any) -> None:
        self._evaluating = False
        self._checked_at = state.global_step
        self.pace.evaluation_ended()
        plain = {name.removeprefix("eval_"): value for name, value in metrics.items()}
        value = plain[args.metric_for_best_model]
        is_best = self._best is None or ((value > self._best) == args.greater_is_better and value != self._best)
        # A check before the first step is of the model as it came.
        is_best = is_best and state.global_step > 0
        if is_best:
            self._best = value
            # The best model has to be one that was saved, also when it is found out of turn.
            control.should_save = control.should_save or args.save_strategy != "no"
        self.log.append(
            events.Evaluated(
                step=state.global_step,
                epoch=round(plain.get("epoch", 0.0), 4),
                metrics={name: number for name, number in plain.items() if name in self._noted},
                runtime_s=max(0.0, plain["runtime"]),
                is_best=is_best,
                per_class=self._per_class,
            )
        )

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pace.saved()
        self.log.append(events.Saved(step=state.global_step))

    def _check_numbers(self, step: int, logs: dict[str, float]) -> None:
        broken = [name for name in ("loss", "grad_norm") if not math.isfinite(logs.get(name, 0.0))]
        if broken:
            raise TrainingError(
                said(_BROKEN[broken[0]], step=str(step)),
                said("The learning rate is most likely too high. Start again with a smaller one."),
                cause=f"{broken[0]} is {logs[broken[0]]}",
                remedy={"training.learning_rate": float(f"{self.learning_rate / 5:.2g}")},
            )


class EpochTeller(TrainerCallback):
    """Tells a collator that leaves something to chance which epoch it is, so that a resumed run draws the same."""

    def __init__(self, collate: Any) -> None:
        self._set_epoch = getattr(collate, "set_epoch", None)

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._set_epoch:
            self._set_epoch(int((state.epoch or 0.0) + 1e-6))  # 2.9999999 is the end of the third


def memory_used() -> int:
    """Bytes: allocated on the GPU at the most where there is one, else resident memory of this process."""
    import psutil
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return int(psutil.Process().memory_info().rss)
