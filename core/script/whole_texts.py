"""Scripts of tasks that say one thing of a whole text, or of a pair: a class, several labels, a number."""

from __future__ import annotations

from typing import Any

from core.script.models import PADDED
from core.script.types import ScriptFacts, ScriptParts
from core.usage.code import Source, filled, parts

_TEXTS = ("text", "text_pair")
_PADS = "DataCollatorWithPadding"
_ENCODE = '''
def encode(rows):
    """Texts as tokens, cut at MAX_LENGTH, each with what is right for it."""
    pieces = tokenizer($texts, truncation=True, max_length=MAX_LENGTH)
    pieces["labels"] = $labels
    return pieces
'''


def whole_texts(facts: ScriptFacts, *, labels: str, functions: str, **more: Any) -> ScriptParts:
    """The parts with what such tasks have in common. ``labels`` is an expression of ``rows``; ``more`` are others of
    ``ScriptParts``. Rows of rare classes are repeated in ``train.jsonl`` already.
    """
    read = Source(", ".join(f'rows["{name}"]' for name in _TEXTS if name in facts.columns))
    return ScriptParts(
        functions=parts(filled(_ENCODE, texts=read, labels=Source(labels)), functions),
        tokenizer=PADDED,
        collator=f"{_PADS}(tokenizer)",
        transformers=(facts.auto_class, _PADS),
        expressed=("oversampling", *more.pop("expressed", ())),
        **more,
    )
