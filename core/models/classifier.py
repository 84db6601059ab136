"""Text models that sort into classes: built from a checkpoint, loaded again, and what they are fed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.data.types import Target
from core.errors import DataError
from core.models import heads
from core.models.types import Built

AUTO = "AutoModelForSequenceClassification"


def build(folder: str, target: Target) -> Built:
    """The checkpoint's body with an answer layer of one output a label. Raises ``CheckpointError``."""
    labels = dict(enumerate(target.labels))
    return heads.build(
        AUTO,
        folder,
        what="sort texts into classes",
        num_labels=len(labels),
        id2label=labels,
        label2id={label: number for number, label in labels.items()},
        problem_type="single_label_classification",
    )


def load(folder: str) -> Any:
    """A trained model as it was kept. Raises ``CheckpointError``."""
    return heads.load(AUTO, folder)


def encode(
    columns: Mapping[str, Sequence[Any]], tokenizer: Any, target: Target, max_length: int
) -> dict[str, list[Any]]:
    """A batch of examples as model inputs, in one call of the tokenizer: cut at ``max_length`` tokens, not padded.

    ``columns`` has ``text``, and may have ``text_pair`` and ``label``; labels become class numbers in ``labels``.
    Raises ``DataError`` for a label that is not among the target's.
    """
    texts = _strings(columns["text"])
    pairs = _strings(columns["text_pair"]) if "text_pair" in columns else None
    inputs = dict(tokenizer(texts, pairs, truncation=True, max_length=max_length, padding=False))
    if "label" in columns:
        inputs["labels"] = _numbers(columns["label"], target)
    return inputs


def _strings(values: Sequence[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in values]


def _numbers(labels: Sequence[Any], target: Target) -> list[int]:
    number = {label: place for place, label in enumerate(target.labels)}
    try:
        return [number[label] for label in labels]
    except KeyError as exc:
        raise DataError(
            f"The label {exc.args[0]!r} is not among the classes that are learned.",
            f"The classes are: {', '.join(target.labels[:20])}. Correct the label, or train on a table that has it.",
        ) from exc


def collator(tokenizer: Any) -> Any:
    """A ``DataCollatorWithPadding``: each batch as wide as its longest text."""
    from transformers import DataCollatorWithPadding

    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return DataCollatorWithPadding(tokenizer)
