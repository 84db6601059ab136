"""How fast training goes, and so how long it will still take."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Interval:
    """What is learned between two checks: the seconds that it takes, and how many rows."""

    seconds: float
    rows: float


class Pace:
    """How fast training goes, with evaluation, saving and pauses kept apart, and so how long it will still take."""

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
        self._evaluated_at = -1

    def begin(self, step: int) -> None:
        self._began = self._mark = time.monotonic()
        self._step = self._step_at_log = self._first_step = step

    def skip(self) -> None:
        """What passed since the last mark was not training."""
        self._mark = time.monotonic()

    def rested(self, seconds: float) -> None:
        """A pause of ``seconds`` is over: it counts nowhere."""
        self._began += seconds
        self.skip()

    def stepped(self, step: int) -> None:
        now = time.monotonic()
        self._busy += now - self._mark
        self._mark = now
        self._step = step

    def evaluation_began(self) -> None:
        self._evaluation_began = self._mark

    def evaluation_ended(self) -> None:
        self._interruptions.append(time.monotonic() - (self._evaluation_began or self._mark))
        self._evaluated_at = self._step
        self.skip()

    def saved(self) -> None:
        if self._evaluated_at == self._step:
            self._interruptions[-1] += time.monotonic() - self._mark
        self.skip()

    def elapsed(self) -> float:
        """Seconds of training, evaluation and saving included, earlier times too."""
        return self.before + time.monotonic() - self._began

    def since_last_log(self, rows_a_step: float) -> float | None:
        """Training rows a second since this was last asked, or None when nothing was trained."""
        seconds = self._busy - self._busy_at_log
        steps = self._step - self._step_at_log
        self._busy_at_log, self._step_at_log = self._busy, self._step
        return round(steps * rows_a_step / seconds, 2) if seconds > 0 and steps else None

    def a_step(self) -> float | None:
        """Seconds that a step takes, by the mean so far; None before the first."""
        done = self._step - self._first_step
        return self._busy / done if done else None

    def remaining(self, step: int, max_steps: int, evaluations_left: int) -> float | None:
        """Seconds left, from the mean step so far and the mean evaluation so far."""
        done = self._step - self._first_step
        if not done:
            return None
        mean = sum(self._interruptions) / len(self._interruptions) if self._interruptions else 0.0
        return round((max_steps - step) * self._busy / done + evaluations_left * mean, 1)


def evaluations_left(args: Any, state: Any) -> int:
    """How many checks are still to come, by the Trainer's arguments and state."""
    if args.eval_strategy == "no":
        return 0
    steps_left = state.max_steps - state.global_step
    if args.eval_strategy == "epoch":
        return math.ceil(state.num_train_epochs * steps_left / state.max_steps) if state.max_steps else 0
    return int(steps_left // max(1, int(state.eval_steps)))


def between_checks(pace: Pace, args: Any, state: Any) -> Interval | None:
    """What is learned between two checks that are in turn; None before the first step. A check that somebody asks for
    out of turn changes nothing of that.
    """
    seconds = pace.a_step()
    if seconds is None:
        return None
    steps = state.eval_steps if args.eval_strategy == "steps" else state.max_steps / max(1e-9, state.num_train_epochs)
    steps = min(steps, state.max_steps)
    rows = args.train_batch_size * args.gradient_accumulation_steps * args.world_size
    return Interval(seconds * steps, rows * steps)
