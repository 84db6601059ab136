"""Pieces of one's own: a task, a collator, a metric and a callback, each named by its import path in ``run.yaml``.

Run from the folder above, as: ``python -m core.cli train examples/run.yaml``
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.data.types import Guess, Preview
from core.tasks.base import Context, Purpose, Role
from core.tasks.text_classification import TASK as SORTING

HIDDEN = 0.1
"""The share of tokens that are hidden while the model learns."""

# --- A task: that of sorting texts, with its own words, roles and guess ----------------------------------------------

ROLES = (
    Role("text", "Message", "The column with the messages.", "text"),
    Role("label", "Urgency", "The column that says how urgent each message is.", "label", is_input=False),
)


def guess(preview: Preview) -> Guess | None:
    """A table fits that has a column called ``urgency`` and one called ``message``."""
    if preview.column("message") is None or preview.column("urgency") is None:
        return None
    reasons = {"text": "`message` is called so.", "label": "`urgency` is called so."}
    return Guess(TASK.id, {"text": "message", "label": "urgency"}, reasons, 0.95)


TASK = replace(
    SORTING,
    id="urgency",
    title="Urgency",
    summary="Learns how urgent a message is.",
    roles=ROLES,
    sample_rows=(
        {"message": "Water is coming through the ceiling right now.", "urgency": "now"},
        {"message": "Could you tell me your opening hours at Easter?", "urgency": "later"},
    ),
    suggested={"training.num_train_epochs": (8.0, "Messages are short and few, so they are read more often.")},
    guess=guess,
)

# --- A collator: (context, purpose) -> a function from encoded pieces to a batch -------------------------------------


class HidingCollator:
    """Pads a batch, and while the model learns hides a few tokens, so that it does not rest on single words.

    What is hidden follows from the seed, the epoch and the piece alone: so a run that was interrupted goes on as if it
    had not been.
    """

    def __init__(self, context: Context, purpose: Purpose) -> None:
        self.pad = SORTING.collator(context, purpose)
        self.mask = context.tokenizer.mask_token_id
        self.special = set(context.tokenizer.all_special_ids)
        self.seed, self.epoch = context.seed, 0
        self.hides = purpose == "train" and self.mask is not None

    def set_epoch(self, epoch: int) -> None:
        """Called at the beginning of each epoch."""
        self.epoch = epoch

    def __call__(self, pieces: list[dict[str, Any]]) -> Mapping[str, Any]:
        return self.pad([self._hidden(piece) for piece in pieces] if self.hides else pieces)

    def _hidden(self, piece: Mapping[str, Any]) -> dict[str, Any]:
        chance = random.Random(f"{self.seed} {self.epoch} {piece['input_ids']}")
        tokens = [
            self.mask if token not in self.special and chance.random() < HIDDEN else token
            for token in piece["input_ids"]
        ]
        return {**piece, "input_ids": tokens}


# --- A metric: (predictions, references) -> a number -----------------------------------------------------------------


def missed(predictions: Sequence[int], references: Sequence[int]) -> float:
    """The share of messages of the last class (``now`` comes after ``later``) that were taken for another one."""
    last = max(references)
    urgent = [answer for answer, truth in zip(predictions, references, strict=True) if truth == last]
    return sum(answer != last for answer in urgent) / len(urgent)


# --- A callback: gives a transformers.TrainerCallback when called ----------------------------------------------------


def diary() -> Any:
    """Writes a line into the run's log after each check.

    A function, so that transformers is imported in the worker alone: this module is read by the app too.
    """
    from transformers import TrainerCallback

    class Diary(TrainerCallback):
        def on_evaluate(self, args: Any, state: Any, control: Any, **found: Any) -> None:
            missed = found["metrics"]["eval_missed"]
            print(
                f"Dear diary, after {state.global_step} steps {missed:.0%} of the urgent ones are missed.", flush=True
            )

    return Diary()
