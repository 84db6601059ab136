"""Long-tailed texts: real sentences of one class joined until they have a length drawn from a given distribution.

The lengths are log-normal with the quartiles 58, 104 and 185 tokens, which is how passages of manuals are spread.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from math import log
from statistics import NormalDist

from tests.bench.texts import Texts

QUARTILES = (58, 104, 185)
"""Tokens."""
SPREAD = log(QUARTILES[2] / QUARTILES[0]) / (2 * NormalDist().inv_cdf(0.75))
"""Of the logarithm of the lengths."""

Count = Callable[[list[str]], Sequence[int]]
"""The tokens of each of some sentences."""


def joined(source: Texts, rows: int, count: Count, seed: int = 0) -> Texts:
    """``rows`` texts of the sentences of ``source``, each with its sentences' class; the same for a seed."""
    chance = random.Random(seed)
    sentences = _by_class(source, count)
    weights = [len(found) for found in sentences.values()]
    texts, labels = [], []
    for label in chance.choices(list(sentences), weights, k=rows):
        texts.append(_text(sentences[label], drawn_length(chance), chance))
        labels.append(label)
    return Texts(f"sentences of {source.name}", tuple(texts), tuple(labels))


def drawn_length(chance: random.Random) -> float:
    """Tokens of one text."""
    return chance.lognormvariate(log(QUARTILES[1]), SPREAD)


def _text(sentences: Sequence[tuple[str, int]], wanted: float, chance: random.Random) -> str:
    """Sentences until one more would lead further away from the length than it leads near."""
    found: list[str] = []
    tokens = 0
    while True:
        sentence, length = chance.choice(sentences)
        if found and tokens + length / 2 > wanted:
            return " ".join(found)
        found.append(sentence)
        tokens += length
        if tokens >= wanted:
            return " ".join(found)


def _by_class(source: Texts, count: Count) -> dict[str, list[tuple[str, int]]]:
    of = defaultdict(list)
    for text, label in zip(source.texts, source.labels, strict=True):
        for sentence in re.split(r"(?<=[.!?;])\s+", text):
            if sentence.strip():
                of[label].append(sentence.strip())
    every = [sentence for found in of.values() for sentence in found]
    lengths = iter(count(every))
    return {label: [(sentence, max(1, next(lengths))) for sentence in found] for label, found in of.items()}
