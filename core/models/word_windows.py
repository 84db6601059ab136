"""Texts as inputs of a model that gives each word a tag: long ones in windows, each word asked for once.

A model reads a text as it stands, and a word's tag is what it says of the word's first token. So a trained model gives
the same answers in any program that feeds it plain texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.marking import Bounds, bounds_of_words, placed
from core.data.types import Target
from core.errors import DataError
from core.evaluation.entities import OUTSIDE, is_plain
from core.said import enumerated, said
from core.training.losses import IGNORED

if TYPE_CHECKING:
    from core.tasks.base import Context, Purpose

MODEL_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "labels", "asked")
"""``asked`` marks the tokens whose answer is a word's tag."""
_SPECIAL = 2
"""Tokens that frame a text, for an estimate."""


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """Rows as model inputs, long ones in several windows; each word is asked for where most around it is seen.

    ``columns`` has ``text``, or ``tokens``, or both, and to learn from ``tags``. Beside model inputs and ``row``: which
    ``words`` are asked for, how many the row has (``length``), and for answers ``sentence``, in a row's first window.
    Raises ``DataError`` for a tag that is not among the target's.
    """
    texts, tokens, bounds = _sentences(columns)
    encoded = _windows(texts, context)
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in encoded]
    kept = {"train": ["labels"], "evaluate": ["labels", "asked", "words", "length"]}.get(purpose, [])
    kept = kept or ["asked", "words", "length", "sentence"]
    found: dict[str, list[Any]] = {name: [] for name in (*names, *kept, "row")}
    tags = _numbered(columns["tags"], context.target) if "labels" in kept else [[] for _ in texts]
    goes_on = _going_on(context.target) if context.options.label_all_tokens else None
    for row, places in _by_row(encoded["overflow_to_sample_mapping"]).items():
        windows = [_Window.of(encoded, place, last=place == places[-1]) for place in places]
        for number, (place, window, words) in enumerate(
            zip(places, windows, _shared(windows, bounds[row]), strict=True)
        ):
            if len(words) == 0 and number:
                continue
            asked = window.tokens[[token for _, token in words]] if len(words) else []
            piece: dict[str, Any] = {name: encoded[name][place] for name in names}
            piece["words"] = [word for word, _ in words]
            piece["asked"] = _marked(asked, [1] * len(words), window.size, 0)
            if "labels" in kept:
                labels = [tags[row][word] for word, _ in words]
                piece["labels"] = _marked(asked, labels, window.size, IGNORED)
                if goes_on is not None:
                    window.label_parts(piece["labels"], words, bounds[row], tags[row], goes_on)
            piece["length"] = len(bounds[row])
            piece["sentence"] = None if number else (texts[row], tokens[row], bounds[row])
            for name in (*names, *kept):
                found[name].append(piece[name])
            found["row"].append(row)
    return found


def _sentences(columns: Mapping[str, Sequence[Any]]) -> tuple[list[str], list[list[str]], list[Bounds]]:
    """Texts, their words, and where these stand."""
    if "tokens" not in columns:
        texts = [str(text or "") for text in columns["text"]]
        bounds = [bounds_of_words(text) for text in texts]
        return texts, [[t[a:b] for a, b in one] for t, one in zip(texts, bounds, strict=True)], bounds
    tokens = [list(words or ()) for words in columns["tokens"]]
    texts = list(columns["text"]) if "text" in columns else [" ".join(words) for words in tokens]
    return texts, tokens, [placed(words, text) for words, text in zip(tokens, texts, strict=True)]


def _windows(texts: list[str], context: Context) -> Any:
    tokenizer = context.tokenizer
    room = context.max_length - tokenizer.num_special_tokens_to_add(pair=False)
    return tokenizer(
        texts,
        truncation=True,
        max_length=context.max_length,
        stride=_overlap(context.options.stride, room),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        padding=False,
    )


def _overlap(stride: int, room: int) -> int:
    return max(0, min(stride, room // 2))


def _numbered(tags: Sequence[Sequence[str]], target: Target) -> list[list[int]]:
    number = {label: place for place, label in enumerate(target.labels)}
    try:
        return [[number[tag] for tag in row] for row in tags]
    except KeyError as exc:
        raise DataError(
            said("The tag {tag} is not among those that are learned.", tag=repr(exc.args[0])),
            said(
                "They are: {names}. Correct the tag, or train on a table that has it.",
                names=enumerated(*target.labels[:20]),
            ),
        ) from exc


def _going_on(target: Target) -> list[int]:
    """Tag number -> the number of the tag that goes on with it; ``IGNORED`` where there is none."""
    number = {label: place for place, label in enumerate(target.labels)}
    if is_plain(target.labels):
        return list(range(len(target.labels)))
    return [number.get("I-" + tag[2:], IGNORED) if tag != OUTSIDE else place for place, tag in enumerate(target.labels)]


def _by_row(rows: Sequence[int]) -> dict[int, list[int]]:
    """Row -> the places of its windows."""
    found: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row, []).append(place)
    return found


def _marked(places: Any, values: Sequence[int], size: int, otherwise: int) -> list[int]:
    marked = [otherwise] * size
    for place, value in zip(places, values, strict=True):
        marked[place] = value
    return marked


@dataclass(frozen=True)
class _Window:
    """One piece of a row. ``tokens``: the places of its tokens without special ones; ``starts``, ``ends``: of these in
    the text.
    """

    size: int
    tokens: Any
    starts: Any
    ends: Any
    is_first: bool
    is_last: bool

    @classmethod
    def of(cls, encoded: Any, place: int, last: bool) -> _Window:
        import numpy as np

        special = np.asarray(encoded["special_tokens_mask"][place], dtype=bool)
        offsets = np.asarray(encoded["offset_mapping"][place]).reshape(-1, 2)[~special]
        rows = encoded["overflow_to_sample_mapping"]
        first = place == 0 or rows[place - 1] != rows[place]
        return cls(len(special), np.flatnonzero(~special), offsets[:, 0], offsets[:, 1], first, last)

    def first_tokens(self, begins: Any, stops: Any) -> tuple[Any, Any]:
        """Of each word, the number of its first token here, and how much stands around it; -1 where it is not here."""
        import numpy as np

        count = len(self.tokens)
        if not count or not len(begins):
            nothing = np.full(len(begins), -1)
            return nothing, nothing
        token = np.minimum(np.searchsorted(self.ends, begins, side="right"), count - 1)
        here = (self.starts[token] < stops) & (self.ends[token] > begins)
        # A later window may begin in the middle of a word.
        here &= self.is_first | (self.starts[token] <= begins)
        # Two words in one token: it speaks of the first.
        here[1:] &= ~((token[1:] == token[:-1]) & here[:-1])
        before = np.where(self.is_first, count, token)
        after = np.where(self.is_last, count, count - 1 - token)
        return np.where(here, token, -1), np.where(here, np.minimum(before, after), -1)

    def label_parts(
        self, labels: list[int], words: Sequence[tuple[int, int]], bounds: Bounds, tags: list[int], goes_on: list[int]
    ) -> None:
        """Label the further tokens of each word as going on with it."""
        for word, token in words:
            part = token + 1
            while part < len(self.tokens) and self.starts[part] < bounds[word][1]:
                labels[self.tokens[part]] = goes_on[tags[word]]
                part += 1


def _shared(windows: Sequence[_Window], bounds: Bounds) -> list[list[tuple[int, int]]]:
    """For each window, the words that are asked for there, each with the number of its first token."""
    import numpy as np

    places = np.asarray(bounds, dtype=int).reshape(-1, 2)
    found = [window.first_tokens(places[:, 0], places[:, 1]) for window in windows]
    around = np.stack([amount for _, amount in found])
    best = around.argmax(0)
    return [
        [(int(word), int(tokens[word])) for word in np.flatnonzero((best == number) & (tokens >= 0))]
        for number, (tokens, _) in enumerate(found)
    ]


def features(lengths: Sequence[int], max_length: int, options: Any) -> list[int]:
    """Token counts of the windows that rows of these lengths are learned from: a ``Task.features``."""
    room = max_length - _SPECIAL
    step = room - _overlap(options.stride, room)
    found: list[int] = []
    for length in lengths:
        further = max(0, -(-(length - max_length) // step))
        found += [max_length] * further + [length - further * step]
    return found
