"""The values of a setting in words: what may stand there, and what does. Each can be told in any language."""

from __future__ import annotations

from typing import Any, get_origin

from core.said import Figures, Said, enumerated, said
from core.schema import Row


def limits(row: Row) -> Said:
    """What may stand in this field, in words: ``a whole number from 8 to 1,000``."""
    if row.choices:
        return said("one of: {choices}", choices=enumerated(*(said(words) for words, _ in row.choices)))
    kind = _kind(row.type)
    if get_origin(row.type) is tuple:
        return said("a list of texts")
    low, high = (None if bound is None else in_words(bound) for bound in (row.minimum, row.maximum))
    if low is None and high is None:
        return kind
    if high is None:
        return said("{kind} above {low}" if row.exclusive_minimum else "{kind} at least {low}", kind=kind, low=low)
    if low is None:
        return said("{kind} below {high}" if row.exclusive_maximum else "{kind} at most {high}", kind=kind, high=high)
    return said(_BETWEEN[row.exclusive_minimum, row.exclusive_maximum], kind=kind, low=low, high=high)


_BETWEEN = {
    (False, False): "{kind} from {low} to {high}",
    (True, True): "{kind} above {low} and below {high}",
    (True, False): "{kind} above {low} and at most {high}",
    (False, True): "{kind} at least {low} and below {high}",
}
"""By whether each end is left out itself."""


def _kind(kind: type) -> Said:
    if kind is bool:
        return said("yes or no")
    if kind in (int, float):
        return said("a whole number" if kind is int else "a number")
    return said("some words")


def in_words(value: Any) -> str:
    """A value as people write it: ``10,000``, ``0.00005``, ``after each epoch``."""
    if isinstance(value, bool):
        return said("yes" if value else "no")
    if not isinstance(value, int | float):
        return "" if value is None else str(value)
    if float(value).is_integer():
        return Figures(f"{int(value):,}")
    if abs(value) < 1e-6:
        return Figures(f"{value:g}".replace("e-0", "e-"))
    return Figures(f"{value:,.10f}".rstrip("0"))


def shown(row: Row, value: Any) -> str:
    """A setting's value as the form words it."""
    return next((said(words) for words, choice in row.choices if choice == value), in_words(value))
