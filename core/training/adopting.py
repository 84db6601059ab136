"""Going on from the checkpoint of another run: whether that is right, and how it becomes this run's own.

What a checkpoint is of stands in its seal. With other rows, or rows shared out otherwise, what was learned from may
stand in the test part; with other classes a number means another one; with another model the weights do not fit.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from core import home
from core.config import RunConfig
from core.data.parts import DataParts
from core.errors import ConfigError
from core.runs import Run
from core.said import Figures, said, together
from core.training import checkpoints
from core.training.batching.layout import as_set
from core.training.batching.order import size_of
from core.training.shop import Workshop
from core.training.steps import steps_of

FIELD = "training.resume_from_checkpoint"
_ADVICE = said("Leave this empty to begin anew, or start from that run's model instead.")


def source_of(shop: Workshop, data: str) -> Path | None:
    """The checkpoint of another run that was named. Raises ``ConfigError`` where it is not whole, or of other rows."""
    named = shop.config.training.resume_from_checkpoint
    if not named:
        return None
    source = home.found(Path(named).expanduser())
    if not source.is_dir():
        raise ConfigError(
            said("There is no checkpoint {named}.", named=named),
            together(said("It may have been deleted."), _ADVICE),
            field=FIELD,
        )
    if fault := checkpoints.fault(source):
        raise ConfigError(
            said("The checkpoint {named} is not whole: {fault}.", named=named, fault=fault), _ADVICE, field=FIELD
        )
    known = checkpoints.about(source)
    if not known:
        raise _unfit(said("it does not say what it was learned from, for an earlier version of Tunesmith wrote it"))
    if known["task"] != shop.task.id:
        raise _unfit(said("it is of another task"))
    if not (source / checkpoints.SCHEDULE).is_file():
        raise _unfit(said("it holds the model alone, without what the optimizer and the schedule remember"))
    if known["rows"] != rows_of(shop.config, data):
        raise _unfit(
            said(
                "it learned from other rows, or they were shared out otherwise, so it may know the examples kept aside"
            )
        )
    return source


def rows_of(config: RunConfig, data: str) -> str:
    """A hash of what is learned from and of how it is shared out; where the files lie does not count."""
    rest = config.data.model_dump(mode="json", exclude={"source"})
    return _digest([data, rest])


def facts_of(shop: Workshop, data: str, parts: DataParts, trainer: Any) -> dict[str, Any]:
    """What checkpoints of a run are of, for their seals."""
    arguments = trainer.args
    pieces, tokens = (0, 0) if shop.config.data.streaming else size_of(trainer.train_dataset)
    weights = [(name, list(one.shape), one.requires_grad) for name, one in trainer.model.named_parameters()]
    return {
        "task": shop.task.id,
        "rows": rows_of(shop.config, data),
        "labels": _digest(list(parts.target.labels)),
        "weights": _digest(weights),
        "pieces": pieces,
        "rows_a_step": None if trainer.tokens_a_step else math.prod(as_set(trainer)),
        "tokens_a_step": trainer.tokens_a_step,
        "optimizer": str(arguments.optim),
        "schedule": str(arguments.lr_scheduler_type),
        "learning_rate": arguments.learning_rate,
        "total_steps": steps_of(shop.config, pieces, tokens),
    }


_REASONS = {
    "labels": "it knows other classes",
    "weights": "it is of another model, or other parts of it are learned",
    "pieces": "its texts were cut otherwise",
    "tokens_a_step": "its corrections were filled by other numbers of tokens",
    "rows_a_step": "it took {before} examples a step, and this run takes {now}",
    "optimizer": "it has another optimizer ({before}, here {now})",
    "schedule": "its learning rate follows another schedule ({before}, here {now})",
}


def adopt(shop: Workshop, source: Path, facts: dict[str, Any], arguments: Any) -> Path:
    """Make the checkpoint ``source`` this run's own, with the best one of its run; takes no room where both are on one
    disk. Raises ``ConfigError`` where it does not fit.
    """
    known = checkpoints.about(source)
    for name in _REASONS:
        # What an earlier version did not know was not done.
        if known.get(name) != facts[name]:
            raise _unfit(said(_REASONS[name], before=str(known.get(name)), now=str(facts[name])))
    step, total = checkpoints.step_of(source), facts["total_steps"]
    if step >= total:
        raise _unfit(
            said(
                "it is of step {step}, and this run ends after {total}. Raise the number of epochs",
                step=step,
                total=total,
            )
        )
    state = checkpoints.state_of(source)
    best = source.with_name(f"checkpoint-{state.get('best_global_step')}")
    if best != source and best.is_dir() and not checkpoints.fault(best):
        _take_over(shop, best, {**checkpoints.about(best), **facts}, checkpoints.state_of(best))
    _say(shop, source, known, facts)
    return _take_over(shop, source, {**known, **facts}, _continued(state, total, arguments))


def _take_over(shop: Workshop, source: Path, facts: dict[str, Any], state: dict[str, Any]) -> Path:
    folder = shop.run.checkpoints_path
    checkpoints.clear_drafts(folder)
    (folder / checkpoints.DRAFT).mkdir()
    draft = checkpoints.hold(source, folder / checkpoints.DRAFT / source.name)
    # Taken away first: they may be one with the files of the other run.
    for name in (checkpoints.STATE, checkpoints.SEAL):
        (draft / name).unlink()
    (draft / checkpoints.STATE).write_text(json.dumps(state, indent=2), encoding="utf-8")
    checkpoints.seal(draft, facts)
    checkpoints.commit(draft, folder / source.name)
    return folder / source.name


def _continued(state: dict[str, Any], total: int, arguments: Any) -> dict[str, Any]:
    """The state of a training that is to go on to step ``total``, with this run's own rhythm and all its patience."""
    rhythm = {}
    for name in ("logging_steps", "eval_steps", "save_steps"):
        if (every := getattr(arguments, name)) is not None:
            rhythm[name] = math.ceil(total * every) if every < 1 else every
    patience = state.get("stateful_callbacks", {}).get("EarlyStoppingCallback", {}).get("attributes", {})
    if patience:
        patience["early_stopping_patience_counter"] = 0
    return {**state, **rhythm, "max_steps": total}


def _say(shop: Workshop, source: Path, known: dict[str, Any], facts: dict[str, Any]) -> None:
    run = Run(source.parent.parent)
    step = checkpoints.step_of(source)
    title = said("Training goes on from step {step} of another run.", step=step)
    if (run.path / "config.yaml").is_file():
        title = said("Training goes on from step {step} of {whose}.", step=step, whose=run.name)
    changes = []
    if known["learning_rate"] != facts["learning_rate"]:
        now, before = (Figures(f"{one['learning_rate']:g}") for one in (facts, known))
        changes.append(said("The learning rate is {now} from here on, not {before}.", now=now, before=before))
    if known["total_steps"] != facts["total_steps"]:
        changes.append(
            said(
                "Its schedule stretches over {now} steps instead of {before}, so the learning rate is another from "
                "here on.",
                now=facts["total_steps"],
                before=known["total_steps"],
            )
        )
    shop.notice(title, together(said("Weights, optimizer and place in the examples are those of then."), *changes))


def _unfit(reason: str) -> ConfigError:
    return ConfigError(said("That checkpoint cannot be gone on from: {reason}.", reason=reason), _ADVICE, field=FIELD)


def _digest(value: Any) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=12).hexdigest()
