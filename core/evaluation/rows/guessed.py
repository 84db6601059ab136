"""The judged rows of a model that guesses tokens: how much each text surprised it, and where most.

``scores`` below are the token scores of each row's pieces, as ``core.models.causal`` has them. A loss is in nats: 0
where the model was sure of the right token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_HARDEST = 5
_SHOWN = 40
"""Hidden words that are told of one row."""


def next_words(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """A ``Task.kept`` for texts that go on: ``truth`` has the tokens of the row that surprised most, ``answer`` what
    was expected in their places. See ``_sums`` for the other columns.
    """
    pairs = [_hardest(row) for row in outputs]
    return _told(pairs, context.tokenizer) | _sums(outputs)


def hidden_words(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """A ``Task.kept`` for hidden words: ``truth`` has those of the row in their order, ``answer`` what was said of
    each. See ``_sums`` for the other columns. ``outputs`` are the ``Piece``s of each row.
    """
    scores = [[piece.output for piece in row] for row in outputs]
    pairs = [
        [(int(a), int(b)) for one in row for a, b in zip(one.wanted, one.guessed, strict=True)][:_SHOWN]
        for row in scores
    ]
    return _told(pairs, context.tokenizer) | _sums(scores)


def replies(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """A ``Task.kept`` for conversations: ``truth`` is the answer of the table, which was scored and not written, so
    that there is no ``answer``. ``hardest`` are the tokens of it that surprised most, ``expected`` what was likelier
    there, ``question_words`` how long the question is, with all that was said before. See ``_sums``
    for the other columns.
    """
    import pyarrow as pa

    told = _told([_hardest(row) for row in outputs], context.tokenizer)
    return {
        "truth": examples["answer"],
        "answer": pa.nulls(len(outputs), pa.large_string()),
        "hardest": told["truth"],
        "expected": told["answer"],
        "question_words": pa.array(question_words(examples), pa.int64()),
        **_sums(outputs),
    }


def question_words(examples: Any) -> list[int]:
    """The words of all that was said before each answer."""
    import json

    said = [json.loads(messages) for messages in examples["messages"].to_pylist()]
    return [sum(len(turn["content"].split()) for turn in turns) for turns in said]


def _sums(scores: Any) -> dict[str, Any]:
    """``error`` (the loss of a token, the mean over the row's; missing where there was none to guess), ``nll`` (their
    sum), ``tokens`` (how many), and ``right`` (how many were guessed right).
    """
    import numpy as np
    import pyarrow as pa

    from core.models import causal

    sums = causal.row_sums(scores)
    tokens = sums["tokens"]
    loss = np.divide(sums["nll"], tokens, out=np.full(len(tokens), np.nan), where=tokens > 0)
    return {
        "error": pa.array(loss, pa.float64(), mask=np.isnan(loss)),
        "nll": pa.array(sums["nll"], pa.float64()),
        "tokens": pa.array(tokens.astype(int), pa.int64()),
        "right": pa.array(sums["top1"].astype(int), pa.int64()),
    }


def _hardest(row: Sequence[Any]) -> list[tuple[int, int]]:
    """(right token, the likeliest one) of those that surprised most in one row, most surprising first."""
    import numpy as np

    if not row:
        return []
    losses, wanted, guessed = (
        np.concatenate([getattr(piece, name) for piece in row]) for name in ("losses", "wanted", "guessed")
    )
    missed = np.flatnonzero(wanted != guessed)
    worst = missed[np.argsort(-losses[missed], kind="stable")][:_HARDEST]
    return [(int(wanted[place]), int(guessed[place])) for place in worst]


def _told(pairs: Sequence[Sequence[tuple[int, int]]], tokenizer: Any) -> dict[str, Any]:
    """Right tokens as ``truth`` and guessed ones as ``answer``, a row: ``“lamp”, “oil”``."""
    import pyarrow as pa

    words = in_words({token for row in pairs for pair in row for token in pair}, tokenizer)
    sides = {"truth": 0, "answer": 1}
    return {
        name: pa.array([", ".join(words[pair[side]] for pair in row) for row in pairs], pa.large_string())
        for name, side in sides.items()
    }


def in_words(tokens: Any, tokenizer: Any) -> dict[int, str]:
    """Token ids as people read them, in quotes; a part of a word stands as the tokenizer writes it."""
    ids = sorted(tokens)
    texts = [tokenizer.decode([token], clean_up_tokenization_spaces=False) for token in ids]
    return {token: f"“{_visible(text)}”" for token, text in zip(ids, texts, strict=True)}


def _visible(text: str) -> str:
    return text.strip() or {"\n": "↵", "\n\n": "↵↵", "\t": "⇥"}.get(text, "␣" if text else "")
