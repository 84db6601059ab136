"""``train.py`` of a run, written in its worker once the Trainer is built: there everything is known that it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.data.parts import DataParts
from core.errors import explain
from core.models.checkpoints import describe
from core.runs import write_atomically
from core.said import said
from core.script import frame, left_out, shaping
from core.script.arguments import differing
from core.script.frame import Framed
from core.script.types import ScriptFacts, ScriptParts
from core.tasks.base import Context
from core.training.shop import Workshop
from core.usage.code import Source, literal

NAME = "train.py"
_RUN = "    pip install -r requirements.txt\n    python train.py [MODEL TO START FROM]"


def write(shop: Workshop, folder: Path, trainer: Any, parts: DataParts, context: Context) -> None:
    """Put ``train.py`` into the run's folder. A task that says nothing of itself in Python has none,
    nor has a run whose corrections go by tokens: the stock Trainer knows those of a fixed number of examples only.

    A model of a kind that nobody thought of must not end its run here: that is said, and the run goes on.
    """
    if shop.task.script is None or shop.config.training.tokens_per_step:
        return
    try:
        text = _text(shop, shop.task.script, folder, trainer, parts, context)
    except Exception as exc:
        known = explain(exc)
        shop.notice(
            said("This run cannot be taken away as a program of its own."),
            said("{title} {cause}", title=known.title, cause=known.cause),
            "warning",
        )
        return
    write_atomically(shop.run.path / NAME, text)


def _text(
    shop: Workshop,
    script: Callable[[ScriptFacts], ScriptParts],
    folder: Path,
    trainer: Any,
    parts: DataParts,
    context: Context,
) -> str:
    columns = tuple(parts.train.column_names)
    auto_class = shop.task.auto_class
    model = trainer.model
    facts = ScriptFacts(
        target=context.target,
        max_length=context.max_length,
        options=context.options,
        columns=columns,
        folder=folder,
        auto_class=auto_class,
        tokenizer=context.tokenizer,
        model=model,
        label_smoothing=trainer.args.label_smoothing_factor,
        dropouts=shaping.dropouts(shop.config.model, model),
    )
    return _framed(shop, trainer, script(facts), parts, context.max_length)


def _framed(shop: Workshop, trainer: Any, task: ScriptParts, parts: DataParts, max_length: int) -> str:
    config = shop.config
    arguments = differing(trainer.args, shop.config.training)
    if trainer.args.metric_for_best_model not in (*task.metrics, "loss"):
        arguments |= {"metric_for_best_model": "loss", "greater_is_better": False}
    checkpoint = describe(config.model.checkpoint)
    place = checkpoint.hub_id or config.model.checkpoint
    frozen = () if config.adapter.is_used else shaping.frozen(trainer.model)
    missing = left_out.phrases(shop, task, trainer, parts)
    return frame.script(
        Framed(
            head=_head(shop, missing),
            checkpoint=place,
            about_checkpoint=_about(place),
            seed=config.training.seed,
            max_length=max_length,
            arguments=arguments,
            callbacks=_callbacks(trainer),
            constants={"FROZEN": (Source(_tuple(frozen)), shaping.WHY_FROZEN)} if frozen else {},
            shape=shaping.FROZEN if frozen else "",
        ),
        task,
    )


def portable(text: str, checkpoint: str) -> str:
    """A script for everybody: without the place of a model's folder on this machine."""
    return text.replace(literal(checkpoint), literal(Path(checkpoint).name)) if Path(checkpoint).is_absolute() else text


def _tuple(values: Sequence[str]) -> str:
    """As Python writes one, also of a single value."""
    inner = literal(list(values))[1:-1]
    return f"({inner})" if len(values) > 1 or "\n" in inner else f"({inner},)"


def _head(shop: Workshop, missing: list[str]) -> list[str]:
    same = (
        "With the same versions on the same machine, its losses are those of the run."
        if not missing
        else "This script leaves out: " + "; ".join(missing) + "."
    )
    return [
        f"{shop.task.title}: the training of “{shop.run.name}” as a program of its own.",
        "It learns from train.jsonl and chooses the best model by validation.jsonl; test.jsonl is for the last "
        f"judgement. {same}",
        _RUN,
    ]


def _about(place: str) -> str:
    if Path(place).is_absolute():
        return "The folder of the model to start from on the machine of the run; name yours on the command line."
    return "The model to start from, on the Hugging Face Hub; a folder may be named on the command line instead."


def _callbacks(trainer: Any) -> list[tuple[str, dict[str, Any]]]:
    """Those of transformers that a script has too."""
    from transformers import EarlyStoppingCallback

    return [
        (
            "EarlyStoppingCallback",
            {
                "early_stopping_patience": one.early_stopping_patience,
                **({"early_stopping_threshold": one.early_stopping_threshold} if one.early_stopping_threshold else {}),
            },
        )
        for one in trainer.callback_handler.callbacks
        if isinstance(one, EarlyStoppingCallback)
    ]
