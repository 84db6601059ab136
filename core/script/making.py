"""``train.py`` of a run, written in its worker once the Trainer is built: there everything is known that it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.data.parts import DataParts
from core.models.checkpoints import describe
from core.runs import write_atomically
from core.script import frame, left_out
from core.script.arguments import differing
from core.script.frame import Framed
from core.script.types import ScriptFacts, ScriptParts
from core.tasks.base import Context
from core.training.shop import Workshop

NAME = "train.py"
_RUN = "    pip install -r requirements.txt\n    python train.py [MODEL TO START FROM]"


def write(shop: Workshop, folder: Path, trainer: Any, parts: DataParts, context: Context) -> None:
    """Put ``train.py`` into the run's folder. A task that says nothing of itself in Python has none."""
    if shop.task.script is None:
        return
    columns = tuple(parts.train.column_names)
    auto_class = shop.task.auto_class
    facts = ScriptFacts(
        target=context.target,
        max_length=context.max_length,
        options=context.options,
        columns=columns,
        folder=folder,
        auto_class=auto_class,
        tokenizer=context.tokenizer,
        model=trainer.model,
        label_smoothing=trainer.args.label_smoothing_factor,
    )
    text = text_of(shop, trainer, shop.task.script(facts), parts, context.max_length)
    write_atomically(shop.run.path / NAME, text)


def text_of(shop: Workshop, trainer: Any, task: ScriptParts, parts: DataParts, max_length: int) -> str:
    """The script as text."""
    config = shop.config
    arguments = differing(trainer.args)
    if shop.task.main_metric not in task.metrics:
        arguments |= {"metric_for_best_model": "loss", "greater_is_better": False}
    checkpoint = describe(config.model.checkpoint)
    place = checkpoint.hub_id or config.model.checkpoint
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
        ),
        task,
    )


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
