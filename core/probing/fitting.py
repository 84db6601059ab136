"""What a call, a token and a pair of tokens take, from the times of a few shapes: least squares of relative errors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import log2

RATIOS = tuple(2.0**power for power in range(-4, 5))
"""How many times as dear as expected a pair may be beside a token."""
TRUST = 0.002
"""What it costs to be off what is expected by a factor of two, in squared relative error: where texts are short, pairs
hardly matter, and noise would be taken for them.
"""


def fitted(
    shapes: Sequence[tuple[float, float]], values: Sequence[float], expected: float
) -> tuple[float, float, float]:
    """(what is fixed, of a token, of a pair), all ≥ 0, nearest to the positive ``values`` of shapes with so many
    (tokens, pairs). A pair is ``expected`` tokens' worth, unless the values say otherwise.
    """
    best, least = (0.0, 0.0, 0.0), float("inf")
    for ratio in RATIOS:
        pair = expected * ratio
        (fixed, token), off = _solved([(1.0, tokens + pair * pairs) for tokens, pairs in shapes], values)
        off += TRUST * log2(ratio) ** 2
        if off < least:
            best, least = (fixed, token, token * pair), off
    return best


def _solved(features: Sequence[Sequence[float]], values: Sequence[float]) -> tuple[list[float], float]:
    """(numbers ≥ 0, one a feature, whose products come nearest to ``values``; the sum of their relative errors,
    squared). Of few unknowns every set of them that is not 0 is tried: the solution of non-negative least squares is
    the plain one of its own support (Lawson & Hanson 1974, chapter 23).
    """
    import numpy as np

    table = np.asarray(features, dtype=float) / np.asarray(values, dtype=float)[:, None]
    count = table.shape[1]
    best, least = [0.0] * count, float("inf")
    for support in (one for size in range(1, count + 1) for one in combinations(range(count), size)):
        found = np.linalg.lstsq(table[:, support], np.ones(len(values)), rcond=None)[0]
        off = float(((table[:, support] @ found - 1) ** 2).sum())
        if (found >= 0).all() and off < least - 1e-12:
            best, least = [0.0] * count, off
            for place, value in zip(support, found, strict=True):
                best[place] = float(value)
    return best, least
