"""What a way to mend texts is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mend:
    """Where to look, and what to make of a text.

    ``suspicious`` is a regular expression as Arrow has them (RE2): it picks quickly, on whole columns, the texts that
    may need mending. ``mended`` gives a text as it should be; one that is right already comes back as it is. With
    ``sure``, each suspicious text needs mending.
    """

    suspicious: Callable[[], str]
    mended: Callable[[str], str]
    sure: bool = False
