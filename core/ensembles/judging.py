"""An ensemble is judged as a model is: on the same rows, by the same report. For workers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import events
from core.config import validate
from core.data.joined import data_hash
from core.data.parts import DataParts
from core.ensembles.making import members_of
from core.ensembles.weights import averaged
from core.errors import DataError, RunError
from core.evaluation.extra import load_all
from core.models import manual
from core.runs import Run
from core.said import said
from core.tasks.base import Context
from core.training import asking, calibrating
from core.training.beginning import judged_parts, prepare, started
from core.training.keeping import manual_of, save_model
from core.training.preparing import Larder
from core.training.report import Judge, write_report
from core.training.shop import Workshop
from core.training.token_cache import TokenCache


@dataclass(frozen=True)
class State:
    """What a report asks of a training: here nothing was trained."""

    total_flos: float = 0.0
    global_step: int = 0
    best_global_step: int | None = None
    best_model_checkpoint: str = "those of the members"
    epoch: float = 0.0


@dataclass(frozen=True)
class Arguments:
    """Each member is the best of its own run."""

    load_best_model_at_end: bool = True


@dataclass(frozen=True)
class NoTraining:
    """Stands where a report asks for the Trainer."""

    model: Any
    state: State = field(default_factory=State)
    args: Arguments = field(default_factory=Arguments)


@dataclass(frozen=True)
class Listening:
    """What a run may be asked while it judges; see ``core.training.asking``."""

    leave_requested: bool = False
    stop_requested: bool = False


@dataclass(frozen=True)
class JointJudge(Judge):
    """Judges several models by their answers put together. ``model`` is the first of them."""

    members: Sequence[Judge] = ()
    method: str = "probabilities"

    def _run(self, split: Any, table: Any) -> Any:
        combine = self.task.combine
        assert combine is not None, "asked before the run was made"
        return combine([member._run(split, table) for member in self.members], self.method)


def judge_together(shop: Workshop) -> None:
    """Do the whole run of an ensemble: put its members together and judge them. The last event is ``Finished``.

    Raises ``RunError`` where a member is gone, and ``DataError`` where the rows have changed since it learned.
    """
    data = data_hash(shop.config.data)
    shop.log.append(started(None, data))
    shop.phase("preparing", "Reading the table")
    members = [_fit(member, data) for member in members_of(shop.run)]
    parts = prepare(shop)
    shop.phase("loading", "Loading the models")
    listen = asking.listener(shop.run, Listening())
    try:
        judge = _weights(shop, members, parts, listen) if _is_one(shop) else _answers(shop, members, parts, listen)
        shop.phase("judging", "Judging the models together on examples they have never seen")
        tuned = calibrating.tuned(shop, judge, NoTraining(judge.model)) if _is_one(shop) else judge.tuned()
        if not _is_one(shop):
            shop.run.together_path.mkdir(exist_ok=True)
            manual.write(shop.run.together_path, manual_of(shop, tuned.context))
        write_report(shop.run, tuned, NoTraining(judge.model), 0.0)
    except asking.StopAsked:
        shop.log.append(events.Stopped(step=0, has_model=shop.run.has_model))
        return
    shop.log.append(events.Finished(train_runtime_s=0.0))


def _is_one(shop: Workshop) -> bool:
    return shop.config.ensemble.method == "weights"


def _fit(run: Run, data: str) -> Run:
    if not run.has_model:
        raise RunError(
            said("“{name}” has no model any more.", name=run.name), said("Make the ensemble again from other runs.")
        )
    happened, _ = events.read(run.events_path)
    learned = [event.data for event in happened if isinstance(event, events.Started) and event.data]
    if learned and learned[-1] != data:
        raise DataError(
            said("The table has changed since “{name}” learned from it.", name=run.name),
            said(
                "Rows kept aside now may have been learned from then, so its mark would be too good. Train it again "
                "first."
            ),
        )
    return run


def _weights(shop: Workshop, members: Sequence[Run], parts: DataParts, listen: Any) -> Judge:
    """The judge of the one model that has the mean of the members' weights, which is kept as any other."""
    first = members[0]
    context = _context(shop, first)
    model = averaged([member.model_path for member in members], shop.task.load_model)
    parts = judged_parts(shop, parts, context)
    save_model(shop, NoTraining(model), context)
    return _judge(shop, model, context, parts, first.model_path, listen)


def _answers(shop: Workshop, members: Sequence[Run], parts: DataParts, listen: Any) -> Judge:
    """The judge of all members, each with its own model and its own reading."""
    contexts = [_context(shop, member) for member in members]
    parts = judged_parts(shop, parts, contexts[0])
    judges = [
        _judge(shop, shop.task.load_model(str(member.model_path)), context, parts, member.model_path, listen)
        for member, context in zip(members, contexts, strict=True)
    ]
    first = judges[0]
    own = {name: value for name, value in vars(first).items() if name != "extra"}
    extra = load_all(shop.config.evaluation.metrics, shop.config.custom.metrics)
    return JointJudge(**own, extra=extra, members=judges, method=shop.config.ensemble.method)


def _context(shop: Workshop, member: Run) -> Context:
    found = manual.read(member.model_path)
    if found is None:
        raise RunError(
            said("“{name}” is too old to be put together with others.", name=member.name), said("Train it again first.")
        )
    options = validate({**shop.config.model_dump(mode="json"), "options": dict(found.options)}).options
    tokenizer, _ = shop.task.load_tokenizer(str(member.model_path), options)
    return Context(tokenizer, found.target, found.max_length, options, found.seed)


def _judge(shop: Workshop, model: Any, context: Context, parts: DataParts, folder: Path, listen: Any) -> Judge:
    import torch

    model.to("cuda" if torch.cuda.is_available() else "cpu")
    larder = Larder(shop, context, TokenCache(folder))
    extra = load_all(shop.config.evaluation.metrics, shop.config.custom.metrics)
    return Judge(shop.task, parts, model, context, larder.pieces, extra, shop.log, listen)
