"""From the blocks of a race to what is claimed: the ratio of each pair, their median and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True)
class Block:
    """Some steps made in one turn: seconds that passed, and seconds that the process computed."""

    wall: float
    cpu: float


def ratio(base: Sequence[float], other: Sequence[float]) -> dict[str, Any]:
    """``base / other`` of each pair: how many times as fast the other is. Raises ``ValueError`` for unequal numbers."""
    pairs = [one / two for one, two in zip(base, other, strict=True)]
    return spread(pairs)


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median, the least and the most, and where there are at least four the quartiles, of some values."""
    found: dict[str, Any] = {
        "median": round(median(values), 4),
        "min": round(min(values), 4),
        "max": round(max(values), 4),
        "n": len(values),
    }
    if len(values) >= 4:
        first, _, third = quantiles(values, n=4, method="inclusive")
        found["quartiles"] = [round(first, 4), round(third, 4)]
    return found


def against(base: Sequence[Block], other: Sequence[Block]) -> dict[str, Any]:
    """How many times as fast as ``base`` the other was in the same blocks, by CPU time and by the clock."""
    return {
        "cpu": ratio([block.cpu for block in base], [block.cpu for block in other]),
        "wall": ratio([block.wall for block in base], [block.wall for block in other]),
    }


def orders(names: Sequence[str], rounds: int) -> list[list[str]]:
    """Who goes when: forward, backward, forward, … so that what drifts meanwhile falls on all alike (ABBA)."""
    return [list(names) if number % 2 == 0 else list(reversed(names)) for number in range(rounds)]


def in_words(found: dict[str, Any]) -> str:
    """``2.31 (2.20 to 2.40)``."""
    return f"{found['median']:.2f} ({found['min']:.2f} to {found['max']:.2f})"
