"""Where the tokens of a piece stand in the texts that it was made from, and which words of those they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import PredictionError
from core.said import said

_LONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Letters of scripts that put no blanks between words: each counts as a word."""
WORDS = re.compile(rf"[{_LONE}]|[^\W{_LONE}]+(?:['’][^\W{_LONE}]+)*|[^\w\s]")


@dataclass(frozen=True)
class Token:
    """The ``text`` (from 0) that a token is of, and its first and last but one character there."""

    text: int
    start: int
    end: int


def tokens(tokenizer: Any, texts: Sequence[str], ids: Sequence[int]) -> list[Token | None]:
    """The place of each token of a piece; None for those that stand around texts.

    Raises ``PredictionError`` where that cannot be told.
    """
    if not tokenizer.is_fast:
        raise PredictionError(
            said("It cannot be told which words moved this answer."),
            said("The model's tokenizer does not say where its tokens stand in a text."),
        )
    found: list[Token | None] = [None] * len(ids)
    for number, (text, run) in enumerate(zip(texts, _runs(tokenizer, ids, len(texts)), strict=True)):
        whole = tokenizer(text, add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False)
        offsets = whole["offset_mapping"]
        for place, token in zip(run, _aligned([ids[place] for place in run], whole["input_ids"]), strict=True):
            found[place] = Token(number, *offsets[token])
    return found


def words(text: str) -> list[tuple[int, int]]:
    """First and last but one character of each word and each sign."""
    return [match.span() for match in WORDS.finditer(text)]


def word_of(spans: Sequence[tuple[int, int]], token: Token) -> int | None:
    """The place of the word that a token shares most characters with, or stands in; None for blanks."""
    shared = [min(end, token.end) - max(start, token.start) for start, end in spans]
    best = max(range(len(spans)), key=shared.__getitem__, default=None)
    return best if best is not None and (shared[best] > 0 or spans[best][0] <= token.start < spans[best][1]) else None


def _runs(tokenizer: Any, ids: Sequence[int], count: int) -> list[list[int]]:
    """The places of the tokens of each text, without the special tokens around them."""
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id, tokenizer.mask_token_id}
    own = [place for place, token in enumerate(ids) if token not in special]
    if count == 1:
        return [list(range(own[0], own[-1] + 1))] if own else [[]]
    runs: list[list[int]] = []
    for place in own:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    if len(runs) != count:
        raise PredictionError(
            said("It cannot be told which words moved this answer."),
            said("The texts hold signs that part texts for the model."),
        )
    return runs


def _aligned(part: Sequence[int], whole: Sequence[int]) -> list[int]:
    """The place in ``whole`` of each token of ``part``: a stretch of it, or its beginning and its end."""
    size = len(part)
    for start in range(len(whole) - size + 1):
        if list(whole[start : start + size]) == list(part):
            return list(range(start, start + size))
    head = next((place for place in range(size) if place >= len(whole) or part[place] != whole[place]), size)
    tail = size - head
    if list(part[head:]) == list(whole[len(whole) - tail :]):
        return [*range(head), *range(len(whole) - tail, len(whole))]
    raise PredictionError(
        said("It cannot be told which words moved this answer."),
        said("The model reads this text otherwise than it is written."),
    )
