"""Numbers as people say them, for pages: those of the core, in the visitor's language. ``words.js`` says the same in
the browser.
"""

from __future__ import annotations

from core import figures, said_times
from ui.languages import told, tr, tr_many, written


def duration(seconds: float | None) -> str:
    """``4 min 50 s``; a dash when it is not known."""
    return told(said_times.duration(seconds))


def about(seconds: float | None) -> str:
    """A rough time for an estimate."""
    return told(said_times.about(seconds))


def dollars(sum_: float) -> str:
    """Money as ``0.40 $``."""
    if 0 < sum_ < 0.01:
        return tr("less than 0.01 $")
    return written(figures.dollars(sum_))


def size(count: float | None) -> str:
    """Bytes as ``1.1 GB``; a dash when not known."""
    return written(figures.size(count))


def count(number: float | None) -> str:
    """``12,752``; a dash when it is not known."""
    return written(figures.count(number))


def plural(number: int, one: str, many: str = "") -> str:
    """``1 row``, ``12,752 rows``; ``many`` where an s is not enough."""
    return tr_many(number, f"{{count}} {one}", f"{{count}} {many or one + 's'}")


def short(number: float | None) -> str:
    """Large counts at a glance: ``22.7 million``."""
    value, _, scale = figures.short(number).partition(" ")
    if scale == "million":
        return tr("{number} million", number=written(value))
    return tr("{number} billion", number=written(value)) if scale else written(value)


def percent(share: float) -> str:
    """A share from 0 to 1 in words."""
    return tr("under 1 %") if 0 < share < 0.01 else tr("{number} %", number=f"{share * 100:.0f}")


def mark(value: float | None, style: str = "percent") -> str:
    """A metric's value in its style; a dash when it is not known."""
    said = written(figures.mark(value, style))
    return tr("{number} %", number=said.removesuffix(" %")) if said.endswith(" %") else said
