"""The values of a setting in words: what may stand there, and what does."""

from __future__ import annotations

from typing import Any, get_origin

from core.schema import Row


def limits(row: Row) -> str:
    """What may stand in this field, in words: ``a whole number from 8 to 1,000``."""
    if row.choices:
        return "one of: " + ", ".join(words for words, _ in row.choices)
    kind = {int: "a whole number", float: "a number", bool: "yes or no"}.get(row.type, "some words")
    if get_origin(row.type) is tuple:
        return "a list of texts"
    low, high = row.minimum, row.maximum
    if low is not None and high is not None and not row.exclusive_minimum and not row.exclusive_maximum:
        return f"{kind} from {in_words(low)} to {in_words(high)}"
    bounds = [
        "" if low is None else f"{'above' if row.exclusive_minimum else 'at least'} {in_words(low)}",
        "" if high is None else f"{'below' if row.exclusive_maximum else 'at most'} {in_words(high)}",
    ]
    return " ".join([kind, " and ".join(bound for bound in bounds if bound)]).strip()


def in_words(value: Any) -> str:
    """A value as people write it: ``10,000``, ``0.00005``, ``after each epoch``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return "" if value is None else str(value)
    if float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) < 1e-6:
        return f"{value:g}".replace("e-0", "e-")
    return f"{value:,.10f}".rstrip("0")


def shown(row: Row, value: Any) -> str:
    """A setting's value as the form words it."""
    return next((words for words, choice in row.choices if choice == value), in_words(value))
