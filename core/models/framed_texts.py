"""Texts of any length as pieces with a tokenizer's special tokens around them, for models that read a text whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.errors import CheckpointError
from core.models.blocks import PIECES_JUDGED
from core.said import said


@dataclass(frozen=True)
class Frame:
    """The special tokens that stand before and after a text. ``between`` parts two texts in one piece."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    has_types: bool

    @property
    def size(self) -> int:
        return len(self.before) + len(self.after)

    @property
    def between(self) -> tuple[int, ...]:
        return self.after[-1:]

    def around(self, ids: Sequence[int]) -> dict[str, list[int]]:
        """Model inputs of one piece."""
        whole = [*self.before, *ids, *self.after]
        types = {"token_type_ids": [0] * len(whole)} if self.has_types else {}
        return {"input_ids": whole, "attention_mask": [1] * len(whole), **types}


def frame_of(tokenizer: Any) -> Frame:
    """The frame that a tokenizer puts around one text."""
    found = tokenizer("a", return_special_tokens_mask=True)
    ids, special = found["input_ids"], found["special_tokens_mask"]
    inner = [place for place, is_special in enumerate(special) if not is_special]
    first, last = (inner[0], inner[-1] + 1) if inner else (len(ids), len(ids))
    return Frame(tuple(ids[:first]), tuple(ids[last:]), "token_type_ids" in found)


def encode(
    texts: Sequence[str | None],
    tokenizer: Any,
    max_length: int,
    *,
    judged: bool,
    group: bool = False,
    with_words: bool = False,
) -> dict[str, list[Any]]:
    """Texts as pieces of at most ``max_length`` tokens, with ``row`` (from 0); long ones as several of like length.

    ``group`` fills pieces with several texts. ``with_words`` adds ``words``, the number of each token's word, -1 for
    special tokens. Of a text that is ``judged``, only the first ``PIECES_JUDGED`` pieces are read.
    """
    frame = frame_of(tokenizer)
    room = max(1, max_length - frame.size)
    rows = _tokens(tokenizer, texts, with_words)
    spans = _grouped(rows, room, frame.between) if group else _spans(rows, room, PIECES_JUDGED if judged else None)
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if frame.has_types else [])]
    found: dict[str, list[Any]] = {name: [] for name in [*names, *(["words"] if with_words else []), "row"]}
    for row, ids, words in spans:
        for name, values in frame.around(ids).items():
            found[name].append(values)
        if with_words:
            found["words"].append([*([-1] * len(frame.before)), *words, *([-1] * len(frame.after))])
        found["row"].append(row)
    return found


Span = tuple[int, list[int], list[int]]
"""The row, the tokens, and the numbers of their words (empty where nobody asks)."""


def _tokens(tokenizer: Any, texts: Sequence[str | None], with_words: bool) -> list[tuple[list[int], list[int]]]:
    if with_words and not tokenizer.is_fast:
        raise CheckpointError(
            said("This model's tokenizer does not say which tokens make a word."),
            said("Switch off “Hide whole words”, or choose a checkpoint that holds tokenizer.json."),
        )
    plain = [text or "" for text in texts]
    if not plain:
        return []
    found = tokenizer(plain, add_special_tokens=False, truncation=False, verbose=False)
    words = ([-1 if word is None else word for word in found.word_ids(row)] for row in range(len(plain)))
    return list(zip(found["input_ids"], words if with_words else ([] for _ in plain), strict=True))


def _spans(rows: list[tuple[list[int], list[int]]], room: int, most: int | None) -> list[Span]:
    found = []
    for row, (ids, words) in enumerate(rows):
        count = -(-len(ids) // room)
        ends = [round(number * len(ids) / max(1, count)) for number in range(count + 1)]
        pairs = list(pairwise(ends))[:most]
        found += [(row, ids[start:end], words[start:end]) for start, end in pairs]
    return found


def _grouped(rows: list[tuple[list[int], list[int]]], room: int, between: tuple[int, ...]) -> list[Span]:
    """All texts one after the other, in pieces that are full, but for the last."""
    ids: list[int] = []
    words: list[int] = []
    owners: list[int] = []
    first = 0
    for row, (tokens, numbers) in enumerate(rows):
        mark = between if ids else ()
        ids += [*mark, *tokens]
        words += [*([-1] * len(mark)), *(number if number < 0 else number + first for number in numbers)]
        owners += [row] * (len(mark) + len(tokens))
        first += max(numbers, default=0) + 1
    return [
        (owners[start], ids[start : start + room], words[start : start + room]) for start in range(0, len(ids), room)
    ]


def lengths_of_pieces(lengths: Sequence[int], max_length: int, group: bool, frame: int = 2) -> list[int]:
    """Token counts of the pieces that texts with these ``lengths``, their frames included, are learned from as."""
    room = max_length - frame
    if group:
        whole, rest = divmod(sum(length - frame + 1 for length in lengths), room)
        return [max_length] * whole + ([rest + frame] if rest else [])
    found = []
    for length in lengths:
        count = max(1, -(-(length - frame) // room))
        found += [-(-(length - frame) // count) + frame] * count
    return found
