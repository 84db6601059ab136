"""Tells the early signs of a run in words, as events.

Imported in workers only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from transformers import TrainerCallback  # noqa: TID253  (imported in workers only)

from core import events, machine
from core.config import RunConfig
from core.runs import Run
from core.training.early_stopping import is_in_turn
from core.training.signs.signs import Signs
from core.training.signs.types import Plan, Sign

LOOK_EVERY_S = 2.0
"""Seconds between two looks at the times and at the GPU."""
FIRST_STEPS = 3
"""They hold what is made once: kernels, caches, other processes."""
USUAL = {"whole": (1e-5, 1e-4), "adapter": (1e-4, 1e-3), "head": (1e-4, 1e-2)}
"""What is trained -> between which learning rates that mostly goes well with AdamW."""


class SignTeller(TrainerCallback):
    """Writes ``Noticed`` with a code and a remedy for each sign. ``waited`` gives the seconds waited for batches."""

    def __init__(self, run: Run, log: events.EventLog, waited: Callable[[], float], usual: tuple[float, float]) -> None:
        self._run, self._log, self._waited, self._usual = run, log, waited, usual
        self._signs: Signs | None = None
        self._seen_steps = 0
        self._began = self._computed = self._looked = 0.0
        self._computed_s = self._waited_before_s = 0.0
        self._uses, self._use_looks = 0, 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        told = [event.code for event in events.read(self._run.events_path)[0] if isinstance(event, events.Noticed)]
        self._signs = Signs(_plan(self._run.config, args, state, self._usual), tuple(filter(None, told)))

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._began = time.monotonic()

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._computed = time.monotonic() - self._began  # a pause begins as the step ends

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._seen_steps += 1
        if self._seen_steps <= FIRST_STEPS:
            self._waited_before_s = self._waited()
            return
        self._computed_s += self._computed
        if (now := time.monotonic()) - self._looked > LOOK_EVERY_S:
            self._looked = now
            self._look()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        if self._signs and logs and "loss" in logs:
            self._tell(self._signs.stepped(state.global_step, logs["loss"], logs.get("grad_norm")))

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, float], **kwargs: Any) -> None:
        if self._signs is None or not is_in_turn(args, state):
            return
        main = metrics[f"eval_{args.metric_for_best_model.removeprefix('eval_')}"]
        scores = {name: value for name, value in metrics.items() if not name.endswith(_NO_SCORE)}
        self._tell(self._signs.checked(state.global_step, state.epoch or 0.0, metrics.get("eval_loss"), main, scores))

    def _look(self) -> None:
        """At the times, and at how much the GPU is used. Where its driver is mute only the times are known."""
        if self._signs is None:
            return
        has_gpu = machine.has_gpu()
        if (use := machine.gpu_use()) is not None:
            self._uses, self._use_looks = self._uses + use, self._use_looks + 1
        waited = self._waited() - self._waited_before_s
        used = self._uses / self._use_looks if self._use_looks else None
        self._tell(self._signs.timed(waited, waited + self._computed_s, used, has_gpu))

    def _tell(self, signs: Iterable[Sign]) -> None:
        for sign in signs:
            self._log.append(
                events.Noticed(
                    level="warning", title=sign.title, detail=sign.advice, code=sign.code, remedy=dict(sign.remedy)
                )
            )


_NO_SCORE = ("loss", "runtime", "per_second", "epoch")
"""What a check gives beside scores: how its names end."""


def usual_rates(config: RunConfig) -> tuple[float, float]:
    """Between which learning rates the training of a config mostly goes well. Other optimizers have other rates."""
    if not config.training.optim.startswith("adamw"):
        return 0.0, float("inf")
    return USUAL["adapter" if config.adapter.is_used else "head" if config.training.freeze == "base" else "whole"]


def _plan(config: RunConfig, args: Any, state: Any, usual: tuple[float, float]) -> Plan:
    workers = None if config.data.streaming else args.dataloader_num_workers
    return Plan(
        total_steps=state.max_steps,
        learning_rate=args.learning_rate,
        num_train_epochs=0 if config.data.streaming or args.max_steps > 0 else args.num_train_epochs,
        usual_rates=usual,
        warmup_steps=args.get_warmup_steps(state.max_steps),
        greater_is_better=bool(args.greater_is_better),
        keeps_best=bool(args.load_best_model_at_end),
        max_grad_norm=args.max_grad_norm or 0.0,
        batch_size=args.train_batch_size,
        num_workers=workers,
    )
