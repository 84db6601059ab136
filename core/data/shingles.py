"""Texts as sets of short pieces, called shingles, by which near copies are told.

Capital letters, spaces and punctuation count as nothing. A piece is five letters in a row; where a script sets no
spaces between words, as Chinese, a sign says more than a letter, and a piece is two.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

LETTERS, SIGNS = 5, 2
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF),
             (0xF900, 0xFAFF), (0x20000, 0x3FFFF))  # fmt: skip
"""Thai and Lao, Burmese, Khmer, Chinese and Japanese; and Korean, whose signs are syllables."""
_CODES = 0x110000
_NAMED = 0x20000
"""Beyond are rare Chinese signs, all of them letters."""


@dataclass(frozen=True)
class Shingled:
    """Some texts. ``keys`` are equal where the letters are; ``pieces`` are the shingles of all texts one after the
    other as 64-bit numbers, those of the k-th text from ``starts[k]`` to ``starts[k + 1]``.
    """

    keys: np.ndarray
    pieces: np.ndarray
    starts: np.ndarray


def shingled(texts: Any) -> Shingled:
    """The shingles of a ``pyarrow`` array of large strings without missing ones. It takes 60 bytes a character."""
    import numpy as np
    import pyarrow.compute as pc

    texts = pc.utf8_lower(texts)
    joined = "".join(texts.to_pylist())
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.cumsum(pc.utf8_length(texts).to_numpy(zero_copy_only=False), dtype=np.int64)
    kept = _is_letter()[codes]
    counts = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
    starts = counts[np.concatenate([[0], ends])]
    letters = codes[kept].astype(np.uint64)
    lengths = np.diff(starts)
    places = np.arange(len(letters)) - np.repeat(starts[:-1], lengths)
    keys = _sums(_mixed(letters | places.astype(np.uint64) << np.uint64(21)), starts) ^ _mixed(
        lengths.astype(np.uint64)
    )
    room = np.repeat(lengths, lengths) - places
    needed = np.where(_is_sign()[letters], SIGNS, LETTERS)
    whole = room >= needed
    pieces = _pieces(letters, needed)[whole]
    return Shingled(keys, pieces, np.concatenate([[0], np.cumsum(whole, dtype=np.int64)])[starts])


def _pieces(letters: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """The hash of as many letters from each place on as are needed there."""
    import numpy as np

    padded = np.concatenate([letters, np.zeros(LETTERS - 1, dtype=np.uint64)])
    found = np.zeros(len(letters), dtype=np.uint64)
    for step in range(LETTERS):
        here = padded[step : step + len(letters)]
        found = found * np.uint64(0x100000001B3) + (here if step < SIGNS else np.where(needed > step, here, 0))
    return _mixed(found)


def _mixed(values: np.ndarray) -> np.ndarray:
    """Numbers that look drawn by chance: the finish of SplitMix64 (Steele, Lea and Flood, 2014)."""
    import numpy as np

    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The sum of each stretch, beyond 64 bits from the beginning."""
    import numpy as np

    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values, dtype=np.uint64)])
    return sums[starts[1:]] - sums[starts[:-1]]


@lru_cache
def _is_letter() -> np.ndarray:
    """For each code point, whether it counts: letters, digits, marks and symbols such as emoji."""
    import numpy as np

    found = np.ones(_CODES, dtype=bool)
    found[:_NAMED] = [unicodedata.category(chr(code))[0] not in "ZPC" for code in range(_NAMED)]
    return found


@lru_cache
def _is_sign() -> np.ndarray:
    import numpy as np

    found = np.zeros(_CODES, dtype=bool)
    for first, last in _UNSPACED:
        found[first : last + 1] = True
    return found
