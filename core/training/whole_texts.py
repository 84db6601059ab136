"""Texts for tasks that say one thing of a whole text, or of a pair: long ones as the options say, changed in training
as the options say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.models import long_texts
from core.training import augmentation

if TYPE_CHECKING:
    from core.tasks.base import Context, Purpose

MODEL_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "labels", *augmentation.INPUTS)
"""For ``Task.model_inputs``."""


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """``text``, and ``text_pair`` where it is there, as model inputs without labels, with ``row`` of each piece.

    The context's options are ``LongTexts``. Where texts are to be changed in training, a piece has what ``Noisy`` asks
    for.
    """
    changing = purpose == "train" and augmentation.is_noisy(context.options)
    way = context.options.long_texts
    inputs = long_texts.encode(columns, context.tokenizer, context.max_length, way, purpose, with_words=changing)
    if changing:
        inputs["copy"] = long_texts.of_rows(columns.get("copy") or [0] * len(columns["text"]), inputs["row"])
    return inputs


def augmented(train: Any, repeated: Any, context: Context) -> dict[str, Any]:
    """For ``Task.augmented``: see ``augmentation.measured``. Empty where the options ask for nothing.

    ``train`` are the training examples as ``pyarrow.Table``, ``repeated`` the same with those of rare classes repeated.
    """
    if not augmentation.is_used(context.options):
        return {}
    some = repeated.slice(0, augmentation.MEASURED).to_pydict()
    rows = (train.num_rows, repeated.num_rows)
    return augmentation.measured(rows, encode(some, context, "train"), context.tokenizer, context.options, context.seed)
