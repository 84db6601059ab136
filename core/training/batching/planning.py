"""Which examples of a batch are computed together: parts of like length, so chosen that the whole takes least time.

A batch is as wide as its longest text, and what the others lack is padding, which costs as much as words. Gradients of
parts add up to the gradient of the whole, so a batch may be cut in any way: this is a cut into contiguous parts of the
examples in the order of their lengths, the cheapest there is by a model of what a part costs (dynamic programming).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf

MOST_WIDTHS = 64
"""Widths that are weighed in one batch; of more, some are taken together. The time to plan grows with their square."""


@dataclass(frozen=True)
class Cost:
    """What computing a part takes, in any unit of time: ``call`` for each part, ``token`` for each token of it, padding
    included, ``pair`` for each pair of tokens of one text, which look at each other.
    """

    call: float
    token: float
    pair: float

    def of(self, rows: int, width: int) -> float:
        return self.call + rows * width * (self.token + width * self.pair)


def by_size(hidden_size: int) -> Cost:
    """Costs in floating-point operations a layer, of a transformer with layers of this size: 24 h² a token and 4 h a
    pair (Kaplan et al. 2020, arXiv:2001.08361, table 1); a call takes about as long as a few dozen tokens.
    """
    token = 24.0 * hidden_size * hidden_size
    return Cost(call=64 * token, token=token, pair=4.0 * hidden_size)


def parts_of(lengths: Sequence[int], cost: Cost, most_tokens: int | None = None) -> list[list[int]]:
    """The places of the examples in each part, the longest examples first. No part is more than ``most_tokens``, its
    padding included, unless a single example is.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    cuts = _candidates([lengths[place] for place in order])
    parts: list[list[int]] = []
    for start, end in _cheapest(cuts, [lengths[order[cut]] for cut in cuts[:-1]], cost):
        width = max(1, lengths[order[start]])
        rows = end - start
        pieces = 1 if most_tokens is None else ceil(rows / max(1, most_tokens // width))
        edges = [start + rows * piece // pieces for piece in range(pieces + 1)]
        parts.extend(order[one:other] for one, other in pairwise(edges))
    return parts


def _candidates(lengths: Sequence[int]) -> list[int]:
    """Places, from 0 to the end, before which a part may begin: where the length changes, at most ``MOST_WIDTHS``."""
    changes = [place for place in range(1, len(lengths)) if lengths[place] != lengths[place - 1]]
    step = max(1, ceil(len(changes) / MOST_WIDTHS))
    return [0, *changes[::step], len(lengths)]


def _cheapest(cuts: Sequence[int], widths: Sequence[int], cost: Cost) -> list[tuple[int, int]]:
    """(start, end) of each part; what begins at ``cuts[i]`` is ``widths[i]`` wide."""
    best, origin = [0.0] + [inf] * (len(cuts) - 1), [0] * len(cuts)
    for end in range(1, len(cuts)):
        for start in range(end):
            price = best[start] + cost.of(cuts[end] - cuts[start], widths[start])
            if price < best[end]:
                best[end], origin[end] = price, start
    parts, end = [], len(cuts) - 1
    while end:
        parts.append((cuts[origin[end]], cuts[end]))
        end = origin[end]
    return parts[::-1]
