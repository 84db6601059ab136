"""More from the same examples: words left out, swapped or hidden anew in each epoch, and rare classes repeated.

All of it is off by default, and for training alone: what is judged and answered is read as it is. Chance follows from
the seed, the epoch and the piece, so a run that is taken up again draws the same.

Sources: Wei & Zou (2019), "EDA", arXiv:1901.11196 (leaving out and swapping words); Gupta et al. (2019), "LVIS",
arXiv:1908.03195 (repeating by the rarest class of a row).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from core.errors import ConfigError
from core.said import said
from core.schema import Setting, Settings

if TYPE_CHECKING:
    from core.tasks.base import Purpose

MOST_COPIES = 20
"""Times that a row stands in the training examples at most: more would be learned by heart."""
MEASURED = 1000
"""Pieces that are changed once more to see how much is changed."""
INPUTS = ("words", "copy")
"""What ``Noisy`` takes of a piece beside the model's inputs; they belong into ``Task.model_inputs``."""

_BY_TOKEN = ("input_ids", "attention_mask", "token_type_ids")


class Noise(Settings):
    """Small changes of the training texts, by chance, anew in each epoch."""

    word_dropout: Annotated[
        float,
        Setting(
            "Leave out words",
            "The share of words that are left out of the training texts, others in each epoch. 0.1 is a usual start; "
            "helps small tables most.",
            level="expert",
        ),
    ] = Field(0.0, ge=0, le=0.5)
    word_swap: Annotated[
        float,
        Setting(
            "Swap words",
            "The share of words that change places with their neighbour in the training texts.",
            level="expert",
        ),
    ] = Field(0.0, ge=0, le=0.5)
    token_masking: Annotated[
        float,
        Setting(
            "Hide tokens",
            "The share of tokens of the training texts that are covered by a mask, so that the model cannot rest on "
            "single words.",
            level="expert",
        ),
    ] = Field(0.0, ge=0, le=0.5)


class Oversampling(Settings):
    """Rare classes, seen more often."""

    oversampling: Annotated[
        float,
        Setting(
            "Repeat rare classes",
            "Repeats examples of rare classes up to this share of the commonest class; 0 repeats nothing. Right when a "
            f"class has so few rows that most batches lack it. No example more than {MOST_COPIES} times.",
            level="expert",
        ),
    ] = Field(0.0, ge=0, le=1)


FIELDS = (*Noise.model_fields, *Oversampling.model_fields)


def is_noisy(options: Any) -> bool:
    """Whether training texts are changed."""
    return isinstance(options, Noise) and bool(options.word_dropout or options.word_swap or options.token_masking)


def is_used(options: Any) -> bool:
    """Whether anything is done to the training examples."""
    return is_noisy(options) or (isinstance(options, Oversampling) and options.oversampling > 0)


# --- Rare classes ----------------------------------------------------------------------------------------------------


def oversampled(train: Any, members: Any, options: Any, seed: int) -> Any:
    """The training examples (a ``pyarrow.Table``) with those of rare classes several times.

    ``members`` says which classes each row has, as booleans of shape (rows, classes); a row with several is repeated as
    its rarest. ``copy`` is 0 for the first of a row, then 1, 2, ...
    """
    import numpy as np
    import pyarrow as pa

    if not options.oversampling or not train.num_rows:
        return train
    times = _times(members, options.oversampling, seed)
    places = np.repeat(np.arange(train.num_rows), times)
    copies = np.arange(len(places)) - np.repeat(np.cumsum(times) - times, times)
    return train.take(places).append_column("copy", pa.array(copies))


def counts_after(counts: Any, options: Oversampling) -> Any:
    """How many examples each class has once rare ones are repeated, where an example has one class."""
    import numpy as np

    before = np.asarray(counts, dtype=np.float64)
    return before * _copies(before, options.oversampling) if options.oversampling else before


def _copies(counts: Any, share: float) -> Any:
    """How often the examples of each class are to stand there, at least once."""
    import numpy as np

    return np.clip(share * counts.max(initial=0) / np.maximum(counts, 1), 1, MOST_COPIES)


def _times(members: Any, share: float, seed: int) -> Any:
    """How often each row is to stand there, at least once."""
    import numpy as np

    by_class = _copies(members.sum(0), share)
    of_row = np.where(members, by_class, 1.0).max(1, initial=1.0)
    times = np.floor(of_row).astype(int)
    # What is left of a class after whole copies goes to as many of its rows, drawn by the seed.
    random = np.random.default_rng(seed)
    for factor in np.unique(of_row):
        rows = np.flatnonzero(of_row == factor)
        more = round((factor - int(factor)) * len(rows))
        times[random.permutation(rows)[:more]] += 1
    return times


# --- Changed texts ---------------------------------------------------------------------------------------------------


@dataclass
class Changes:
    """What was changed of how much."""

    tokens: int = 0
    masked: int = 0
    words: int = 0
    dropped: int = 0
    swapped: int = 0

    def add(self, other: Changes) -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


class Noisy:
    """A collator that changes training pieces before ``collate`` makes a batch of them.

    A piece has ``input_ids`` and perhaps the other inputs of that length, ``words`` (the number of each token's word,
    -1 for special tokens; words are neighbours where numbers are), and perhaps ``copy``, so that copies of one row are
    changed differently.
    Raises ``ConfigError`` where tokens are to be hidden and the tokenizer has nothing to cover them with.
    """

    def __init__(
        self, collate: Callable[[list[dict[str, Any]]], Any], tokenizer: Any, options: Noise, seed: int
    ) -> None:
        self._collate, self._options, self._seed, self._epoch = collate, options, seed, 0
        mask, unknown = tokenizer.mask_token_id, tokenizer.unk_token_id
        self._mask: int | None = unknown if mask is None else mask
        if options.token_masking and self._mask is None:
            raise ConfigError(
                said("This model has no token to hide others with."),
                said("Set “Hide tokens” to 0; leaving out words does much the same."),
                field="options.token_masking",
            )

    def set_epoch(self, epoch: int) -> None:
        self._epoch = epoch

    def __call__(self, pieces: list[dict[str, Any]]) -> Any:
        return self._collate([self.changed(piece)[0] for piece in pieces])

    def changed(self, piece: Mapping[str, Any]) -> tuple[dict[str, Any], Changes]:
        """The piece as it is learned from in this epoch, and what was changed of it."""
        import numpy as np

        ids, words = piece["input_ids"], piece["words"]
        mark = zlib.crc32(np.asarray(ids, dtype=np.int64).tobytes())
        random = np.random.default_rng([self._seed, self._epoch, piece.get("copy") or 0, mark])
        groups = _groups(words)
        changes = Changes(words=sum(_is_word(group, words) for group in groups))
        changes.swapped = _swap(groups, words, self._options.word_swap, random)
        groups, changes.dropped = _drop(groups, words, self._options.word_dropout, random)
        order = [place for group in groups for place in group]
        new = {
            name: [values[place] for place in order] if name in _BY_TOKEN else values
            for name, values in piece.items()
            if name not in INPUTS
        }
        free = [place for place, old in enumerate(order) if words[old] >= 0]
        changes.tokens, changes.masked = len(free), self._cover(new["input_ids"], free, random)
        return new, changes

    def _cover(self, ids: list[int], free: list[int], random: Any) -> int:
        """Hide tokens among the places ``free``; all of them never, for then nothing would be left to learn from."""
        if not self._options.token_masking:
            return 0
        hidden = [place for place in free if random.random() < self._options.token_masking]
        if len(hidden) == len(free):
            return 0
        for place in hidden:
            ids[place] = self._mask  # type: ignore[assignment]  # asked for at the start
        return len(hidden)


def _groups(words: Sequence[int]) -> list[list[int]]:
    """The places of the tokens, word by word; each special token stands alone."""
    groups: list[list[int]] = []
    for place, word in enumerate(words):
        if place and word >= 0 and words[place - 1] == word:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _is_word(group: list[int], words: Sequence[int]) -> bool:
    return words[group[0]] >= 0


def _swap(groups: list[list[int]], words: Sequence[int], share: float, random: Any) -> int:
    """Let about this share of the words change places with a neighbour, in place. Returns how many did."""
    if not share:
        return 0
    # A swap moves two words and steps over both: with this chance at each step, the share that moves is as asked.
    chance, place, moved = share / (2 - share), 0, 0
    while place < len(groups) - 1:
        first, second = words[groups[place][0]], words[groups[place + 1][0]]
        if first >= 0 and second == first + 1 and random.random() < chance:
            groups[place], groups[place + 1] = groups[place + 1], groups[place]
            place, moved = place + 1, moved + 2
        place += 1
    return moved


def _drop(groups: list[list[int]], words: Sequence[int], share: float, random: Any) -> tuple[list[list[int]], int]:
    """Without about this share of the words. Where none would be left, all stay."""
    if not share:
        return groups, 0
    kept = [group for group in groups if not _is_word(group, words) or random.random() >= share]
    if not any(_is_word(group, words) for group in kept):
        return groups, 0
    return kept, len(groups) - len(kept)


def collator(collate: Any, tokenizer: Any, options: Any, seed: int, purpose: Purpose) -> Any:
    """``collate``, and before it the changes of the options where it is for training."""
    return Noisy(collate, tokenizer, options, seed) if purpose == "train" and is_noisy(options) else collate


# --- For the report --------------------------------------------------------------------------------------------------


def measured(
    rows: tuple[int, int], pieces: Mapping[str, Sequence[Any]], tokenizer: Any, options: Any, seed: int
) -> dict[str, Any]:
    """What is done to the training examples: ``rows`` and ``repeated`` ones, and of the first ``pieces`` the shares
    that are changed in the first epoch.

    ``rows`` are the training rows before and after those of rare classes were repeated.
    """
    found: dict[str, Any] = {"rows": rows[0], "repeated": rows[1] - rows[0]}
    if not is_noisy(options):
        return found
    noisy, total = Noisy(lambda changed: changed, tokenizer, options, seed), Changes()
    for place in range(min(MEASURED, len(pieces["input_ids"]))):
        total.add(noisy.changed({name: values[place] for name, values in pieces.items()})[1])
    return found | {
        "word_dropout": total.dropped / max(1, total.words),
        "word_swap": total.swapped / max(1, total.words),
        "token_masking": total.masked / max(1, total.tokens),
    }
