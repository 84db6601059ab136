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
    included, ``pair`` for each pair of tokens of one text, which look at each other. Of a model that reads one text and
    writes another, ``written`` is that of each token of the other, which look at all of both.
    """

    call: float
    token: float
    pair: float
    written: float = 0.0

    def of(self, rows: int, width: int, written: int = 0) -> float:
        return self.call + rows * self.of_row(width, written)

    def of_row(self, width: int, written: int = 0) -> float:
        return width * (self.token + width * self.pair) + written * (self.written + (width + written) * self.pair)


def by_size(hidden_size: int) -> Cost:
    """Costs in floating-point operations a layer, of a transformer with layers of this size: 24 h² a token and 4 h a
    pair (Kaplan et al. 2020, arXiv:2001.08361, table 1); a call takes about as long as a few dozen tokens. A layer that
    writes has a second attention, over what was read: 4 h² more for the token itself and 4 h² for one that it reads.
    """
    token = 24.0 * hidden_size * hidden_size
    return Cost(call=64 * token, token=token, pair=4.0 * hidden_size, written=token * 4 / 3)


def parts_of(
    lengths: Sequence[int], cost: Cost, most_tokens: int | None = None, written: Sequence[int] = ()
) -> list[list[int]]:
    """The places of the examples in each part, the longest examples first. No part is more than ``most_tokens``, its
    padding included, unless a single example is. ``written`` are the lengths of what is written from each, if anything.
    """
    if not lengths:
        return []
    also = written or [0] * len(lengths)
    order = sorted(range(len(lengths)), key=lambda place: (lengths[place], also[place]), reverse=True)
    sizes = [(lengths[place], also[place]) for place in order]
    parts: list[list[int]] = []
    for start, end in _cheapest(sizes, cost):
        tokens = max(1, sizes[start][0] + max(more for _, more in sizes[start:end]))
        rows = end - start
        pieces = 1 if most_tokens is None else ceil(rows / max(1, most_tokens // tokens))
        edges = [start + rows * piece // pieces for piece in range(pieces + 1)]
        parts.extend(order[one:other] for one, other in pairwise(edges))
    return parts


def _candidates(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """Places, from 0 to the end, before which a part may begin: where the size changes, at most ``MOST_WIDTHS``."""
    changes = [place for place in range(1, len(sizes)) if sizes[place] != sizes[place - 1]]
    step = max(1, ceil(len(changes) / MOST_WIDTHS))
    return [0, *changes[::step], len(sizes)]


def _cheapest(sizes: Sequence[tuple[int, int]], cost: Cost) -> list[tuple[int, int]]:
    """(start, end) of each part of examples of these sizes, the longest first: what begins at ``start`` is as wide as
    the first of it, and writes as much as the one that writes most.
    """
    cuts = _candidates(sizes)
    longest = [max(more for _, more in sizes[one:other]) for one, other in pairwise(cuts)]
    best, origin = [0.0] + [inf] * (len(cuts) - 1), [0] * len(cuts)
    for start in range(len(cuts) - 1):
        before, first, width = best[start] + cost.call, cuts[start], sizes[cuts[start]][0]
        written, row = 0, cost.of_row(width)
        for end in range(start + 1, len(cuts)):
            if longest[end - 1] > written:
                written = longest[end - 1]
                row = cost.of_row(width, written)
            price = before + (cuts[end] - first) * row
            if price < best[end]:
                best[end], origin[end] = price, start
    parts, end = [], len(cuts) - 1
    while end:
        parts.append((cuts[origin[end]], cuts[end]))
        end = origin[end]
    return parts[::-1]
