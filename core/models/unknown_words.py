"""How many of a user's words a model's tokenizer has no token for, measured on their own texts.

Such words all become the same sign: the model cannot tell them apart, however long it learns. Tokenizers that fall
back on bytes know every word, if only piece by piece.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROWS = 500
_READ = 2_000
"""Characters of a text."""
_WORD = re.compile(r"[\u2e80-\ua4cf\uf900-\ufaff]|[^\W_\u2e80-\ua4cf\uf900-\ufaff]+")
"""A run of letters and digits; of Chinese and Japanese, each sign."""


def unknown_share(file: Path, texts: Sequence[str]) -> float | None:
    """The share of words, from 0 to 1, over which the tokenizer of a ``tokenizer.json`` puts its sign for "unknown".

    None without a word, and where the file is none that the library ``tokenizers`` reads.
    """
    read = [text[:_READ] for text in texts[:ROWS]]
    words = [[found.span() for found in _WORD.finditer(text)] for text in read]
    total = sum(map(len, words))
    if not total:
        return None
    try:
        sign = _unknown_sign(file)
        if sign is None:
            return 0.0
        unknown, encodings = _encoded(file, sign, read)
    except Exception:  # tokenizers raises Exception itself; a model with a strange tokenizer still has its other facts
        return None
    lost = sum(
        _hit(spans, [place for place, token in zip(one.offsets, one.ids, strict=True) if token == unknown])
        for spans, one in zip(words, encodings, strict=True)
    )
    return lost / total


def _unknown_sign(file: Path) -> str | None:
    """The sign for unknown words; None for a tokenizer that has none, or never needs it."""
    model = json.loads(file.read_text(encoding="utf-8"))["model"]
    if model.get("byte_fallback"):
        return None
    if model.get("unk_id") is not None:  # Unigram keeps its vocabulary as pairs of token and score
        return str(model["vocab"][model["unk_id"]][0])
    return model.get("unk_token")


def _encoded(file: Path, sign: str, texts: list[str]) -> tuple[int | None, list[Any]]:
    """(the number of the sign, an encoding of each text)."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer.token_to_id(sign), tokenizer.encode_batch(texts, add_special_tokens=False)


def _hit(words: Sequence[tuple[int, int]], unknown: Sequence[tuple[int, int]]) -> int:
    """How many of these spans, both in their order, meet one of the unknown ones."""
    found, at = 0, 0
    for start, end in words:
        while at < len(unknown) and unknown[at][1] <= start:
            at += 1
        found += at < len(unknown) and unknown[at][0] < end
    return found
