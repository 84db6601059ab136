"""What is done with texts that are longer than a model reads at once: cut, kept at both ends, or read in pieces.

A row of texts becomes one piece of model inputs or several; ``row`` says whose. What a model says of several pieces is
averaged. Keeping both ends: Sun et al. (2019), "How to Fine-Tune BERT for Text Classification?", arXiv:1905.05583.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from core.errors import CheckpointError
from core.said import said
from core.schema import Setting, Settings

if TYPE_CHECKING:
    from core.tasks.base import Context, Piece, Purpose

Way = Literal["cut", "head_tail", "windows"]

LABEL = "Long texts"
WORDS: dict[Way, str] = {
    "cut": "cut at the end",
    "head_tail": "keep beginning and end",
    "windows": "read in pieces and average",
}
PIECES_LEARNED = 8
"""Of one row: a few very long texts must not outweigh all others."""
PIECES_READ = 64
"""Of one row, when it is judged or answered."""
_SPECIAL = 2
"""Tokens that frame a text, for an estimate."""
_HEAD = 4
"""The beginning gets one part in so many, the end the others."""
_LONG_WORD = 12
"""Tokens that a single word may have."""
_OVERLAP = 4
"""Neighbouring pieces share at least one part in so many, so that no sentence is torn in both."""


class LongTexts(Settings):
    """The choice for tasks that say one thing of a whole text."""

    long_texts: Annotated[
        Way,
        Setting(
            LABEL,
            "What is done with texts longer than the maximum length. Keeping beginning and end helps where the point "
            "comes last; reading in pieces loses nothing and takes longer.",
            level="advanced",
            choices=tuple((words, way) for way, words in WORDS.items()),
        ),
    ] = "cut"


# --- Encoding --------------------------------------------------------------------------------------------------------


def encode(
    columns: Mapping[str, Sequence[Any]],
    tokenizer: Any,
    max_length: int,
    way: Way,
    purpose: Purpose,
    with_words: bool = False,
) -> dict[str, list[Any]]:
    """``text``, and ``text_pair`` where it is there, as model inputs, not padded, with ``row`` (from 0) of each piece.

    Of a pair the longer text is cut, or read in pieces beside the whole of the shorter. ``with_words`` adds ``words``:
    the number of the word that each token is of, -1 for special tokens; words are neighbours where numbers are.
    Raises ``CheckpointError`` where the tokenizer does not know its words but would have to.
    """
    texts = [_strings(columns[name]) for name in ("text", "text_pair") if name in columns]
    if way == "cut" and not with_words:
        inputs = dict(tokenizer(*texts, truncation=True, max_length=max_length, padding=False))
        return {**inputs, "row": list(range(len(texts[0])))}
    frame = _frame(tokenizer, len(texts))
    most = PIECES_LEARNED if purpose == "train" else PIECES_READ
    rows = list(zip(*(_tokens(tokenizer, one) for one in texts), strict=True))
    found: dict[str, list[Any]] = {name: [] for name in ("input_ids", "attention_mask", *frame.types, "words", "row")}
    for row, parts in enumerate(rows):
        for chosen in _pieces([len(part.ids) for part in parts], max_length - frame.size, way, most):
            for name, values in frame.filled(parts, chosen).items():
                found[name].append(values)
            found["row"].append(row)
    if not with_words:
        del found["words"]
    return found


def of_rows(values: Sequence[Any], rows: Sequence[int]) -> list[Any]:
    """The value of its row for each piece."""
    return [values[row] for row in rows]


def averaged(pieces: list[list[Piece]], context: Context) -> Any:
    """The mean of what was said of the pieces of each row, as an array of shape (rows, ...): a ``Task.finish``."""
    import numpy as np

    return np.stack([np.mean([piece.output for piece in row], axis=0) for row in pieces])


def _strings(values: Sequence[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in values]


@dataclass(frozen=True)
class _Tokens:
    ids: list[int]
    words: list[int]


def _tokens(tokenizer: Any, texts: list[str]) -> list[_Tokens]:
    """Each text whole, without special tokens. Where a tokenizer parts no words, each token counts as one."""
    encoded = tokenizer(texts, add_special_tokens=False, truncation=False, padding=False, verbose=False)
    found = []
    for one in encoded.encodings:
        words = [-1 if word is None else word for word in one.word_ids]
        torn = len(set(words)) > 1 or len(words) <= _LONG_WORD
        found.append(_Tokens(one.ids, words if torn else list(range(len(words)))))
    return found


@dataclass(frozen=True)
class _Frame:
    """How a tokenizer puts special tokens around one text or two. ``slots``: (special id or None for a text, number of
    the text, token type).
    """

    slots: tuple[tuple[int | None, int, int], ...]
    types: tuple[str, ...]

    @property
    def size(self) -> int:
        return sum(special is not None for special, _, _ in self.slots)

    def filled(self, parts: Sequence[_Tokens], chosen: Sequence[Sequence[int]]) -> dict[str, list[int]]:
        ids: list[int] = []
        words: list[int] = []
        types: list[int] = []
        for special, text, kind in self.slots:
            before = len(ids)
            if special is None:
                # Numbers of the second text leave a gap: its first word is no neighbour of the last of the first text.
                first = 0 if text == 0 else max(parts[0].words, default=-1) + 2
                ids += [parts[text].ids[place] for place in chosen[text]]
                words += [word if (word := parts[text].words[place]) < 0 else word + first for place in chosen[text]]
            else:
                ids.append(special)
                words.append(-1)
            types += [kind] * (len(ids) - before)
        return {
            "input_ids": ids,
            "attention_mask": [1] * len(ids),
            **dict.fromkeys(self.types, types),
            "words": words,
        }


def _frame(tokenizer: Any, texts: int) -> _Frame:
    if not tokenizer.is_fast:
        raise CheckpointError(
            said("This model's tokenizer does not say which tokens make a word."),
            said(
                "Choose a checkpoint that holds tokenizer.json, or leave “{setting}” at “{choice}” and change no words "
                "of the training examples.",
                setting=said(LABEL),
                choice=said(WORDS["cut"]),
            ),
        )
    probe = tokenizer(*(["a"] * texts))
    types = probe["token_type_ids"] if "token_type_ids" in probe else [0] * len(probe["input_ids"])
    slots: list[tuple[int | None, int, int]] = []
    for special, text, kind in zip(probe["input_ids"], probe.sequence_ids(0), types, strict=True):
        slot = (special, 0, kind) if text is None else (None, text, kind)
        if text is None or slot not in slots:
            slots.append(slot)
    return _Frame(tuple(slots), ("token_type_ids",) if "token_type_ids" in probe else ())


# --- Which tokens ----------------------------------------------------------------------------------------------------


def _pieces(lengths: Sequence[int], room: int, way: Way, most: int) -> list[list[Sequence[int]]]:
    """The places of the tokens of each text, piece by piece, so that each piece has at most ``room`` of them."""
    shares = _shares(lengths, room)
    if way != "windows" or sum(lengths) <= room:
        return [[_kept(length, share, way) for length, share in zip(lengths, shares, strict=True)]]
    longest = lengths.index(max(lengths))
    others = sum(share for text, share in enumerate(shares) if text != longest)
    return [
        [window if text == longest else range(share) for text, share in enumerate(shares)]
        for window in _windows(lengths[longest], room - others, most)
    ]


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """How many tokens of each text are read: the longer one is cut, and both alike where both are long."""
    if sum(lengths) <= room:
        return list(lengths)
    if len(lengths) == 1:
        return [room]
    short = min(*lengths, room // 2)
    return [short, room - short] if lengths[0] <= lengths[1] else [room - short, short]


def _kept(length: int, share: int, way: Way) -> Sequence[int]:
    if way != "head_tail" or share >= length:
        return range(min(share, length))
    head = share // _HEAD
    return [*range(head), *range(length - (share - head), length)]


def _windows(length: int, room: int, most: int) -> list[range]:
    """Pieces of ``room`` tokens, spread evenly over the text; where ``most`` are too few, with gaps between them."""
    count = min(most, _windows_needed(length, room))
    starts = [round(number * (length - room) / (count - 1)) for number in range(count)] if count > 1 else [0]
    return [range(start, min(length, start + room)) for start in starts]


def _windows_needed(length: int, room: int) -> int:
    overlap = room // _OVERLAP
    return 1 if length <= room else -(-(length - overlap) // (room - overlap))


# --- Before the start ------------------------------------------------------------------------------------------------


def features(lengths: Sequence[int], max_length: int, options: Any) -> list[int]:
    """Token counts of the pieces that rows of these lengths are learned from: a ``Task.features``."""
    if options.long_texts != "windows":
        return [min(length, max_length) for length in lengths]
    found: list[int] = []
    for length in lengths:
        needed = _windows_needed(length - _SPECIAL, max_length - _SPECIAL)
        found += [min(length, max_length)] * min(PIECES_LEARNED, needed)
    return found


def beyond_pieces(lengths: Sequence[int], max_length: int) -> int:
    """How many texts have more pieces than are learned from."""
    return sum(_windows_needed(length - _SPECIAL, max_length - _SPECIAL) > PIECES_LEARNED for length in lengths)
