"""Scripts of tasks that say one thing of a whole text, or of a pair: a class, several labels, a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.script.types import ScriptFacts, ScriptParts
from core.usage.code import Source, filled, parts

_TEXTS = ("text", "text_pair")
_PADS = "DataCollatorWithPadding"
LEFT = ("long_texts", "word_dropout", "word_swap", "token_masking")
"""Options that the script has no words for: read in pieces, changed anew in each epoch."""

ENCODE = '''
def encode(rows):
    """Texts as tokens, cut at MAX_LENGTH, each with its label."""
    pieces = tokenizer($texts, truncation=True, max_length=MAX_LENGTH)
    pieces["labels"] = $labels
    return pieces
'''
BY_ROWS = '''
def count_items(batch):
    """What the loss is a mean over: rows."""
    return len(batch["labels"])


def total_loss(model, batch):
    """The sum of the losses of a batch, and the model's outputs."""
    outputs = model(**batch)
    return outputs.loss * count_items(batch), outputs
'''
PADDED = "if tokenizer.pad_token is None:\n    tokenizer.pad_token = tokenizer.eos_token"
_PAD_ID = "model.config.pad_token_id = tokenizer.pad_token_id"


def whole_texts(
    facts: ScriptFacts,
    *,
    column: str,
    labels: str,
    functions: str,
    constants: Mapping[str, tuple[Any, str]],
    **more: Any,
) -> ScriptParts:
    """The parts with what such tasks have in common. ``labels`` is an expression of ``rows``."""
    texts = [name for name in _TEXTS if name in facts.columns]
    read = Source(", ".join(f'rows["{name}"]' for name in texts))
    expressed = more.pop("expressed", ())
    return ScriptParts(
        columns=(*texts, column),
        functions=parts(filled(ENCODE, texts=read, labels=Source(labels)), functions),
        constants=constants,
        tokenizer=PADDED,
        collator=f"{_PADS}(tokenizer)",
        transformers=(facts.auto_class, _PADS, *more.pop("transformers", ())),
        expressed=("oversampling", *expressed),
        **more,
    )
