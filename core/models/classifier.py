"""Text models that sort into classes: built from a checkpoint, loaded again, and what they are fed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.data.types import Target
from core.errors import DataError
from core.models import answer_layer, heads
from core.models.types import Built, Note
from core.said import enumerated, said

AUTO = "AutoModelForSequenceClassification"
HEAD = "ForSequenceClassification"
"""How the architectures with such an answer layer end."""

RAREST = 0.01
"""A label is taken for no rarer, and for no more common, when its answer layer begins."""


def build(folder: str, target: Target, problem: str = "single_label_classification") -> Built:
    """The checkpoint's body with an answer layer of one output a label, and what had to be done for it.

    ``problem`` is a ``problem_type`` of transformers, by which models choose their loss. Raises ``CheckpointError``.
    """
    labels = dict(enumerate(target.labels))
    return heads.build(
        AUTO,
        folder,
        what=said("sort texts into classes"),
        num_labels=len(labels),
        id2label=labels,
        label2id={label: number for number, label in labels.items()},
        problem_type=problem,
    )


def build_for_several(folder: str, target: Target, problem: str) -> Built:
    """The same for a ``problem`` with any number of labels a text. A new answer layer begins with how common each
    label is: it would otherwise spend its first hundreds of steps on learning that most labels are rare.

    Raises ``CheckpointError``.

    Source: Lin et al. (2017), "Focal Loss for Dense Object Detection", arXiv:1708.02002, section 4.1.
    """
    import torch

    built = build(folder, target, problem)
    layer = answer_layer.last_layer(built.model, len(target.labels))
    is_new = all(note.title != answer_layer.FITS for note in built.notes)
    if is_new and layer.bias is not None and target.rows:
        shares = (torch.tensor(target.counts) / target.rows).clamp(RAREST, 1 - RAREST)
        with torch.no_grad():
            layer.bias.copy_(torch.logit(shares))
    return built


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """What ``build`` will do to the answer layer, from the checkpoint's config alone: a ``Task.remarks``."""
    return () if folder is None else answer_layer.foretold(folder, HEAD, target.labels)


def load(folder: str) -> Any:
    """A trained model as it was kept. Raises ``CheckpointError``."""
    return heads.load(AUTO, folder)


def class_numbers(labels: Sequence[Any], target: Target) -> list[int]:
    """The number of each label among the target's. Raises ``DataError`` for one that is not there."""
    number = {label: place for place, label in enumerate(target.labels)}
    try:
        return [number[label] for label in labels]
    except KeyError as exc:
        raise DataError(
            said("The label {label} is not among the classes that are learned.", label=repr(exc.args[0])),
            said(
                "The classes are: {names}. Correct the label, or train on a table that has it.",
                names=enumerated(*target.labels[:20]),
            ),
        ) from exc


def collator(tokenizer: Any) -> Any:
    """A ``DataCollatorWithPadding``: each batch as wide as its longest text."""
    from transformers import DataCollatorWithPadding

    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return DataCollatorWithPadding(tokenizer)


NUMBERS = "label_numbers"
"""The numbers of all labels of a piece; -1 is none, for an empty list has no type to be stored by."""


class SeveralLabels:
    """The same for pieces with ``NUMBERS``: in the batch, ``labels`` are 0.0 or 1.0 for each label."""

    def __init__(self, tokenizer: Any, labels: int) -> None:
        self._pad, self._labels = collator(tokenizer), labels

    def __call__(self, pieces: list[dict[str, Any]]) -> Any:
        import torch

        batch = self._pad([{name: piece[name] for name in piece if name != NUMBERS} for piece in pieces])
        if NUMBERS in pieces[0]:
            batch["labels"] = torch.zeros(len(pieces), self._labels)
            for row, piece in enumerate(pieces):
                batch["labels"][row, [number for number in piece[NUMBERS] if number >= 0]] = 1.0
        return batch
