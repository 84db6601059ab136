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

from core import events
from core.errors import TrainingError
from core.runs import Run
from core.tasks.base import Task
from core.training.early_stopping import is_whole_epoch
from core.training.trainer import point_to_best

_WORDS = {"loss": "loss", "grad_norm": "gradient"}

EVALUATION_NOTE_EVERY = 1.0
"""Seconds between two notes on how far an evaluation is."""


class Reporter(TrainerCallback):
    """Writes ``Stepped``, ``Evaluating``, ``Evaluated`` and ``Saved``; stops when asked, and when numbers break."""

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
        self.main_metric = task.main_metric
        self._noted = {"loss", *(metric.name for metric in task.metrics), *own_metrics}
        self.learning_rate = learning_rate
        self.stop_requested = False
        self.leave_requested = False
        """Set by a termination signal: save, and leave without an end, so that the run can be taken up again."""
        self.pace = Pace(trained_before)
        self._evaluating = False
        self._evaluation_noted = 0.0
        self._best: float | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        point_to_best(state, Path(args.output_dir))
        self._best = state.best_metric
        self.pace.begin(state.global_step)

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pace.skip()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pace.stepped(state.global_step)
        if self.leave_requested:
            control.should_save = True
            control.should_training_stop = True
        elif self.run.stop_path.exists():
            self.stop_requested = True
            control.should_evaluate = True
            control.should_save = True
            control.should_training_stop = True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        # The stock flow sees a whole epoch in one that was cut short, and would check and save a second time.
        if self.stop_requested or (self.leave_requested and not is_whole_epoch(state)):
            control.should_evaluate = False
            control.should_save = False

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        if not logs or "loss" not in logs:
            return
        self._check_numbers(state.global_step, logs)
        rows_a_step = args.train_batch_size * args.gradient_accumulation_steps * args.world_size
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
                eta_s=self.pace.remaining(state.global_step, state.max_steps, _evaluations_left(args, state)),
            )
        )

    def evaluated(self, done: int, total: int) -> None:
        """An evaluation goes on: ``done`` of ``total`` rows."""
        if not self._evaluating:
            self._evaluating = True
            self.pace.evaluation_began()
        now = time.monotonic()
        if now - self._evaluation_noted >= EVALUATION_NOTE_EVERY:
            self._evaluation_noted = now
            self.log.append(events.Evaluating(split="validation", done=done, total=total, unit="rows"))

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, float], **kwargs: Any) -> None:
        self._evaluating = False
        self.pace.evaluation_ended()
        plain = {name.removeprefix("eval_"): value for name, value in metrics.items()}
        value = plain[self.main_metric]
        is_best = self._best is None or ((value > self._best) == args.greater_is_better and value != self._best)
        if is_best:
            self._best = value
        self.log.append(
            events.Evaluated(
                step=state.global_step,
                epoch=round(plain.get("epoch", 0.0), 4),
                metrics={name: number for name, number in plain.items() if name in self._noted},
                runtime_s=plain["runtime"],
                is_best=is_best,
            )
        )

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pace.saved()
        self.log.append(events.Saved(step=state.global_step))

    def _check_numbers(self, step: int, logs: dict[str, float]) -> None:
        broken = [name for name in ("loss", "grad_norm") if not math.isfinite(logs.get(name, 0.0))]
        if broken:
            raise TrainingError(
                f"The numbers broke at step {step}: the {_WORDS[broken[0]]} is no longer a number.",
                "The learning rate is most likely too high. Start again with a smaller one.",
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


class Pace:
    """How fast training goes, with evaluation and saving kept apart, and so how long it will still take."""

    def __init__(self, before: float = 0.0) -> None:
        self.before = before
        """Seconds trained before it was taken up again."""
        self._began = self._mark = time.monotonic()
        self._busy = 0.0
        self._busy_at_log = 0.0
        self._step = self._step_at_log = self._first_step = 0
        self._evaluation_began = 0.0
        self._interruptions: list[float] = []
        """Seconds of each evaluation, with the saving after it."""

    def begin(self, step: int) -> None:
        self._began = self._mark = time.monotonic()
        self._step = self._step_at_log = self._first_step = step

    def skip(self) -> None:
        """What passed since the last mark was not training."""
        self._mark = time.monotonic()

    def stepped(self, step: int) -> None:
        now = time.monotonic()
        self._busy += now - self._mark
        self._mark = now
        self._step = step

    def evaluation_began(self) -> None:
        self._evaluation_began = self._mark

    def evaluation_ended(self) -> None:
        self._interruptions.append(time.monotonic() - (self._evaluation_began or self._mark))
        self.skip()

    def saved(self) -> None:
        if self._interruptions:
            self._interruptions[-1] += time.monotonic() - self._mark
        self.skip()

    def elapsed(self) -> float:
        """Seconds of training, evaluation and saving included, earlier times too."""
        return self.before + time.monotonic() - self._began

    def since_last_log(self, rows_a_step: int) -> float | None:
        """Training rows a second since this was last asked, or None when nothing was trained."""
        seconds = self._busy - self._busy_at_log
        steps = self._step - self._step_at_log
        self._busy_at_log, self._step_at_log = self._busy, self._step
        return round(steps * rows_a_step / seconds, 2) if seconds > 0 and steps else None

    def remaining(self, step: int, max_steps: int, evaluations_left: int) -> float | None:
        """Seconds left, from the mean step so far and the mean evaluation so far."""
        done = self._step - self._first_step
        if not done:
            return None
        mean = sum(self._interruptions) / len(self._interruptions) if self._interruptions else 0.0
        return round((max_steps - step) * self._busy / done + evaluations_left * mean, 1)


def _evaluations_left(args: Any, state: Any) -> int:
    steps_left = state.max_steps - state.global_step
    if args.eval_strategy == "epoch":
        return math.ceil(state.num_train_epochs * steps_left / state.max_steps) if state.max_steps else 0
    return int(steps_left // max(1, int(state.eval_steps)))


def memory_used() -> int:
    """Bytes: allocated on the GPU at the most where there is one, else resident memory of this process."""
    import psutil
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return int(psutil.Process().memory_info().rss)
