"""New runs made from runs that are over: with the change that mends a failure, or for more epochs."""

from __future__ import annotations

from core import events
from core.config import OriginConfig, RunConfig, put, validate
from core.errors import RunError
from core.runs import Run, State


def retried(run: Run) -> RunConfig:
    """The config of a run that failed, with the change that its failure names as its remedy."""
    end = events.last(run.events_path, events.Failed)
    remedy = end.remedy if isinstance(end, events.Failed) else {}
    if not remedy:
        raise RunError("No change is known that would help this run.", "Use it again and change its settings by hand.")
    draft = run.config.model_dump(mode="json")
    for path, value in remedy.items():
        put(draft, path, value)
    draft["origin"] = OriginConfig(kind="retry", run=run.id).model_dump()
    return validate(draft)


def prolonged(run: Run, epochs: float) -> RunConfig:
    """The config of a run that learns ``epochs`` more, from the model of one that has finished or was stopped."""
    if run.state not in (State.FINISHED, State.STOPPED) or not run.has_model:
        raise RunError("This run has no model to go on from.", "Wait until it has finished, or start it again.")
    draft = run.config.model_dump(mode="json")
    put(draft, "training.num_train_epochs", epochs)
    put(draft, "model.checkpoint", str(run.model_path))
    draft["origin"] = OriginConfig(kind="longer", run=run.id).model_dump()
    return validate(draft)
