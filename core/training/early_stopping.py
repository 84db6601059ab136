"""Ending a run whose checks no longer get better, alike whether or not it was interrupted on the way.

Imported in workers only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import transformers  # noqa: TID253  (imported in workers only)
from transformers.trainer import TRAINER_STATE_NAME  # noqa: TID253


class EarlyStoppingCallback(transformers.EarlyStoppingCallback):
    """The stock one, which begins to count anew when a run is taken up again.

    Checkpoints hold the count, but transformers restores it only together with the order to stop, after which no run
    that was stopped would go on. Checks out of turn, made because a person asks or stops, do not count. It has the
    stock one's name because checkpoints keep the count under the name of the class.
    """

    _counted_at = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        super().on_train_begin(args, state, control, **kwargs)
        self.early_stopping_patience_counter = _count(state.stateful_callbacks)

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any, **kwargs: Any) -> None:
        if state.global_step == self._counted_at or not is_in_turn(args, state):
            return
        self._counted_at = state.global_step
        super().on_evaluate(args, state, control, metrics, **kwargs)


def is_in_turn(args: Any, state: Any) -> bool:
    """Whether a check at this step is one of those that were planned."""
    if args.eval_strategy == "no":
        return False
    if args.eval_strategy == "epoch":
        return is_whole_epoch(state)
    return bool(state.global_step % int(state.eval_steps) == 0)


def is_whole_epoch(state: Any) -> bool:
    """Whether all batches of an epoch have been learned from: its number is a fraction up to then."""
    return abs(state.epoch - round(state.epoch)) < 1e-6


def is_over(checkpoint: Path, patience: int) -> bool:
    """Whether the training that wrote a checkpoint was at its end: all steps were done, or patience was."""
    state = json.loads((checkpoint / TRAINER_STATE_NAME).read_text(encoding="utf-8"))
    ran_out = patience > 0 and _count(state["stateful_callbacks"]) >= patience
    return bool(state["global_step"] >= state["max_steps"] or ran_out)


def _count(kept: dict[str, Any]) -> int:
    """The checks in a row that were no better, from what a state keeps of the callbacks."""
    attributes = kept.get(transformers.EarlyStoppingCallback.__name__, {}).get("attributes", {})
    return int(attributes.get("early_stopping_patience_counter", 0))
