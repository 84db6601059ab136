"""Which columns of a table play which roles: one each, or several where a role allows it."""

from __future__ import annotations

from collections.abc import Mapping

Columns = Mapping[str, "str | tuple[str, ...]"]
"""Role to column, or to several columns."""


def names(columns: Columns) -> tuple[str, ...]:
    """All columns that play a role, in order."""
    return tuple(name for column in columns.values() for name in several(column))


def several(column: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """One or more columns as several; none as an empty tuple."""
    return (column,) if isinstance(column, str) else tuple(column or ())


def in_words(column: str | tuple[str, ...]) -> str:
    """``review``, or ``sport, politics, weather`` (of many, the first)."""
    found = several(column)
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return ", ".join(found[:5]) + more
