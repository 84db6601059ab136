"""Numbers as people say them: times, sizes, counts and marks."""

from __future__ import annotations

import math

MINUTE, HOUR, DAY = 60, 3600, 86400


def duration(seconds: float | None) -> str:
    """``4 min 50 s``, ``2 h 5 min``, ``3 d 4 h``; a dash when it is not known. Below ten seconds a tenth is kept."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if 0 < seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return _pair(whole, MINUTE, "min", 1, "s")
    whole = round(whole / MINUTE) * MINUTE
    if whole < DAY:
        return _pair(whole, HOUR, "h", MINUTE, "min")
    return _pair(round(whole / HOUR) * HOUR, DAY, "d", HOUR, "h")


def hours(count: float) -> str:
    """Hours, never counted in days: ``40 h``, ``3 h 20 min``, ``12 min``."""
    whole, minutes = divmod(round(count * 60), 60)
    return f"{minutes} min" if not whole and minutes else f"{whole:,} h {minutes} min" if minutes else f"{whole:,} h"


def about(seconds: float | None) -> str:
    """A rough time for an estimate: ``less than a minute``, ``about 4 minutes``, ``about 2 h 30 min``."""
    if seconds is None or not math.isfinite(seconds):
        return "an unknown time"
    if seconds < 50:
        return "less than a minute"
    minutes = round(seconds / MINUTE)
    if minutes == 1:
        return "about a minute"
    if minutes < 60:
        return f"about {minutes} minutes"
    return f"about {duration(round(minutes / 5) * 5 * MINUTE)}"


def size(count: float | None) -> str:
    """Bytes as ``812 B``, ``34 kB``, ``1.1 GB`` (powers of 1,000); a dash when not known."""
    if count is None or not math.isfinite(count):
        return "–"
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 999.5:
            return f"{_short(count)} {unit}"
    return f"{_short(count / 1000)} TB"


def count(number: float | None) -> str:
    """``12,752``; a dash when it is not known."""
    return "–" if number is None or not math.isfinite(number) else f"{round(number):,}"


def plural(number: int, one: str, many: str = "") -> str:
    """``1 row``, ``12,752 rows``; ``many`` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short(number: float | None) -> str:
    """Large counts at a glance: ``22.7 million``, ``135 million``, ``1.2 billion``."""
    if number is None or not math.isfinite(number):
        return "–"
    for scale, word in ((1e9, "billion"), (1e6, "million")):
        if number >= 0.9995 * scale:
            return f"{_short(number / scale)} {word}"
    return count(number)


def percent(share: float) -> str:
    """A share from 0 to 1 in words: ``62 %``, ``under 1 %``."""
    return "under 1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")


def mark(value: float | None, style: str = "percent") -> str:
    """A metric's value: ``91.2 %`` for ``percent``, a count for ``count``, else up to four meaningful digits."""
    if value is None or not math.isfinite(value):
        return "–"
    if style == "percent":
        return f"{value * 100:.1f} %"
    if style == "count":
        return count(value)
    if abs(value) >= 1000:
        return count(value)
    if value and abs(value) < 0.001:
        return f"{value:.3g}".replace("e-0", "e-")
    return f"{value:.{3 if abs(value) < 10 else 2 if abs(value) < 100 else 1}f}"


def dollars(sum_: float) -> str:
    """Money in words: to the cent, and a sum that is less is no nothing."""
    if 0 < sum_ < 0.01:
        return "less than 0.01 $"
    return f"{sum_:,.2f} $"


def _pair(whole: int, big: int, big_word: str, small: int, small_word: str) -> str:
    first, rest = divmod(whole, big)
    second = rest // small
    return f"{first} {big_word} {second} {small_word}" if second else f"{first} {big_word}"


def _short(number: float) -> str:
    """At most three digits, without a useless ``.0``."""
    text = f"{number:.1f}" if number < 99.95 else f"{number:.0f}"
    return text.removesuffix(".0")
