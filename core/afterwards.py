"""New runs made from runs that are over: with the change that mends a failure, or for more epochs.

Where they can, they go on from a checkpoint of that run; what is said at their start tells which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import events, runs
from core.config import EnsembleConfig, OriginConfig, RunConfig, put, validate
from core.errors import ConfigError, RunError
from core.models.types import Note
from core.runs import Run, State
from core.said import said
from core.training import checkpoints
from core.training.resuming import SMALLER

_BATCH = ("training.per_device_train_batch_size", "training.gradient_accumulation_steps")
_RATES = ("training.learning_rate",)
_LONGER = ("training.num_train_epochs", "training.max_steps")
_ELSEWHERE = ("hub.", "notify.")
"""What has nothing to do with what is learned."""


@dataclass(frozen=True)
class Follower:
    """A run that would follow another one, and in words where it begins."""

    config: RunConfig
    words: str
    step: int = 0
    """Of the checkpoint that it goes on from; 0 is the beginning."""


def retried(run: Run) -> RunConfig:
    """The config of a run that failed, with the change that its failure names as its remedy."""
    return retrying(run).config


def retrying(run: Run) -> Follower:
    """The same, with words on where it begins: at the last good checkpoint, if the change allows that."""
    end = events.last(run.events_path, events.Failed)
    remedy = end.remedy if isinstance(end, events.Failed) else {}
    if not remedy:
        title = said("No change is known that would help this run.")
        raise RunError(title, said("Use it again and change its settings by hand."))
    draft = _draft(run, "retry")
    before = validate(draft)
    for path, value in remedy.items():
        put(draft, path, value)
    reason = _why_from_the_start(before, validate(draft), remedy)
    checkpoint = None if reason else _good(run, remedy)
    put(draft, "training.resume_from_checkpoint", str(checkpoint) if checkpoint else None)
    if checkpoint:
        step = checkpoints.step_of(checkpoint)
        return Follower(validate(draft), said("It goes on from the checkpoint of step {step}.", step=step), step)
    reason = reason or said("there is no checkpoint to go on from")
    return Follower(validate(draft), said("It begins anew: {reason}.", reason=reason))


def prolonged(run: Run, epochs: float) -> RunConfig:
    """The config of a run that learns ``epochs`` more than one that has finished or was stopped."""
    return prolonging(run, epochs).config


def prolonging(run: Run, epochs: float) -> Follower:
    """The same, with words on where it begins: at the newest checkpoint, if those were kept, else with the model."""
    if run.state not in (State.FINISHED, State.STOPPED) or not run.has_model:
        title = said("This run has no model to go on from.")
        raise RunError(title, said("Wait until it has finished, or start it again."))
    if not epochs > 0:
        title = said("It cannot learn for less than it has.")
        raise ConfigError(title, said("Give a number of epochs above 0."), field=_LONGER[0])
    draft = _draft(run, "longer")
    put(draft, "training.max_steps", -1)
    # The mean of several models' weights is a model like any other, which one run can train further.
    put(draft, "ensemble", EnsembleConfig().model_dump(mode="json"))
    checkpoint = None if run.config.data.streaming else _whole(run)
    if checkpoint:
        step, done = checkpoints.step_of(checkpoint), checkpoints.state_of(checkpoint)["epoch"]
        put(draft, "training.num_train_epochs", round(done + epochs, 4))
        put(draft, "training.resume_from_checkpoint", str(checkpoint))
        words = said(
            "It goes on from the checkpoint of step {step}; the learning rate's schedule stretches to the new end.",
            step=step,
        )
        return Follower(validate(draft), words, step)
    put(draft, "training.num_train_epochs", epochs)
    put(draft, "training.resume_from_checkpoint", None)
    put(draft, "model.checkpoint", str(run.model_path))
    put(draft, "model.revision", None)
    return Follower(validate(draft), said("It begins with the model of that run; its checkpoints were not kept."))


def note_of(config: RunConfig) -> Note | None:
    """What a run that follows another one says at its start, where no checkpoint of that one says it."""
    origin = config.origin
    if config.training.resume_from_checkpoint or origin.kind not in ("retry", "longer"):
        return None
    whose = _name(origin.run)
    if origin.kind == "longer":
        return Note(
            said("It learns on from the model of {run}.", run=whose),
            said(
                "Checkpoints of that run were not kept, so the optimizer and the learning rate's schedule begin anew."
            ),
        )
    return Note(said("It does {run} again with a change, from the beginning.", run=whose))


def _draft(run: Run, kind: str) -> dict[str, Any]:
    """The settings of a run as plain data, with the batch that fitted into memory where another one did not."""
    draft = run.config.model_dump(mode="json")
    happened, _ = events.read(run.events_path)
    fitted = [event.remedy for event in happened if isinstance(event, events.Noticed) and event.code == SMALLER]
    for path, value in (fitted[-1] if fitted else {}).items():
        put(draft, path, value)
    draft["origin"] = OriginConfig.model_validate({"kind": kind, "run": run.id}).model_dump()
    return draft


def _why_from_the_start(before: RunConfig, after: RunConfig, remedy: Mapping[str, Any]) -> str:
    """Why a changed run cannot go on from a checkpoint; empty where it can."""
    is_the_same_step = _rows_a_step(before) == _rows_a_step(after) and not after.training.dataloader_drop_last
    if set(remedy) & set(_BATCH) and not is_the_same_step:
        return said("with another number of examples a step, a checkpoint stands at another place")
    allowed = (*_BATCH, *_RATES, *_LONGER)
    other = [path for path in remedy if path not in allowed and not path.startswith(_ELSEWHERE)]
    return said("{setting} changes what its steps are", setting=other[0]) if other else ""


def _rows_a_step(config: RunConfig) -> int:
    return config.training.per_device_train_batch_size * config.training.gradient_accumulation_steps


def _good(run: Run, remedy: Mapping[str, Any]) -> Path | None:
    """The checkpoint to go on from. Where the rate was too high, it is that of the best check: the newest one may
    stand where it had begun to go wrong.
    """
    newest = _whole(run)
    if newest is None or not set(remedy) & set(_RATES):
        return newest
    best = newest.with_name(f"checkpoint-{checkpoints.state_of(newest).get('best_global_step')}")
    return best if best.is_dir() and not checkpoints.fault(best) else newest


def _whole(run: Run) -> Path | None:
    """The newest checkpoint, if it can be gone on from: it says what it is of, which one of an earlier version does
    not, and holds more than the model alone.
    """
    checkpoint = checkpoints.newest(run.checkpoints_path)
    if checkpoint is None or run.config.training.save_only_model or not checkpoints.about(checkpoint):
        return None
    return checkpoint


def _name(run_id: str) -> str:
    try:
        return runs.find(run_id).name
    except RunError:
        return said("another run")
