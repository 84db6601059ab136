"""The part of a config about training: all its groups in one flat section.

Names and meaning are those of ``transformers.TrainingArguments`` where it has them. What it has and is not set here
stands in ``core.training.owned``, each with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import model_validator

from core.said import Figures, said
from core.schema import refusal
from core.settings.basics import Basics
from core.settings.batches import Batches
from core.settings.checks import Checks, Saving
from core.settings.loading import Loading
from core.settings.notes import Notes
from core.settings.optimizer import OPTIM_ARGS, SWITCHES, Optimizer, Trained
from core.settings.precision import Chance, Precision
from core.settings.schedule import Schedule
from core.settings.several import SeveralGpus
from core.training.owned import instead


# Fields come in the order of the bases read backwards: those of the last one first.
class TrainingConfig(
    SeveralGpus,
    Chance,
    Loading,
    Notes,
    Saving,
    Checks,
    Precision,
    Trained,
    Optimizer,
    Schedule,
    Batches,
    Basics,
):
    """How to train."""

    @property
    def keeps_best(self) -> bool:
        """Whether the best model is the result, not the last: it takes checks, and that what they judged is saved."""
        return self.eval_strategy != "no" and self.save_strategy != "no"

    @property
    def patience(self) -> int:
        """Checks without anything better after which it stops; 0 where it never does."""
        return 0 if self.eval_strategy == "no" else self.early_stopping_patience

    @model_validator(mode="before")
    @classmethod
    def _names_are_those_of_now(cls, given: Any) -> Any:
        for name in given if isinstance(given, Mapping) else ():
            if isinstance(name, str) and (words := instead(name)):
                raise refusal(name, words)
        return given

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for name, words in (*self._saving(), *self._schedule(), *self._computing(), *self._filling()):
            raise refusal(name, words)
        return self

    def _saving(self) -> list[tuple[str, str]]:
        """(name, what is wrong): the best model must be among those that are saved."""
        checked, saved = self.eval_strategy, self.save_strategy
        if saved == "best" and checked == "no":
            return [("save_strategy", said("no check says which model is better: choose how progress is checked"))]
        if "no" in (checked, saved) or saved in ("checks", "best"):
            return []
        if saved != checked:
            why = said("the best model has to be among what is saved: choose it with each check")
            return [("save_strategy", why)]
        if saved == "steps" and self.save_steps % self.eval_steps:
            steps = Figures(self.eval_steps)
            return [("save_steps", said("give a multiple of {steps}, the steps between checks", steps=steps))]
        return []

    def _schedule(self) -> list[tuple[str, str]]:
        kind = self.lr_scheduler_type
        if kind in ("reduce_lr_on_plateau", "greedy") and self.eval_strategy == "no":
            return [("lr_scheduler_type", said("this schedule goes by checks: choose how progress is checked"))]
        if kind == "polynomial" and self.lr_end >= self.learning_rate:
            rate = Figures(f"{self.learning_rate:g}")
            return [("lr_end", said("give less than the learning rate, {rate}", rate=rate))]
        return []

    def _filling(self) -> list[tuple[str, str]]:
        """(name, what is wrong) with corrections that go by tokens."""
        tokens, order, name = self.tokens_per_step, self.train_sampling_strategy, "tokens_per_step"
        if tokens is None:
            return []
        if tokens < self.max_length:
            words = said(
                "give {length} or more: a single text may have as many tokens (maximum length)", length=self.max_length
            )
            return [(name, words)]
        if order not in ("random", "sequential"):
            words = said("the order of the examples goes by their number: choose by chance, or as in the table")
            return [(name, words)]
        if self.deepspeed or self.fsdp:
            words = said("with DeepSpeed and FSDP all devices compute batches of one size: leave this empty")
            return [(name, words)]
        return []

    def _computing(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = (
            [("fp16", said("choose one kind of 16 bits: bf16 or fp16"))] if self.bf16 and self.fp16 else []
        )
        for part in self.optim_args.split(",") if self.optim_args.strip() and self.optim in OPTIM_ARGS else ():
            known = OPTIM_ARGS[self.optim]
            if not _is_set(part, known):
                words = said(
                    "{part} is none of its numbers; write {first}=0.9, or one of {names}",
                    part=part.strip(),
                    first=known[0],
                    names=", ".join(known),
                )
                found.append(("optim_args", words))
        return found


def _is_set(part: str, known: tuple[str, ...]) -> bool:
    """Whether ``momentum=0.9`` sets one of the known numbers, or ``nesterov=true`` a switch."""
    name, _, value = (one.strip() for one in part.partition("="))
    if name in SWITCHES:
        return name in known and value.lower() in ("true", "false")
    try:
        float(value)
    except ValueError:
        return False
    return name in known
