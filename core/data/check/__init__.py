"""The data check beyond what stands in the way of training. A check is a file in this folder and one entry here.

What a task itself must know to use a table (empty texts, missing labels) is found by its ``examples`` at once; the
checks here may take longer, run in a process of their own, and tell what they found one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.data.check.subject import Subject as Subject
from core.data.types import Finding, News

VERSION = 1
"""Raised when a check changes, so that what an old one found is not taken for the present truth."""


@dataclass(frozen=True)
class Check:
    """One thing to look for. ``title`` says what, while it is looked for: ``Looking for near copies``."""

    title: str
    find: Callable[[Subject], Iterable[Finding]]


CHECKS: tuple[Check, ...] = ()


def run_checks(subject: Subject) -> Iterator[News]:
    """All checks, one after the other; the first word comes before the first check."""
    total = len(CHECKS)
    for done, check in enumerate(CHECKS):
        yield News(done, total, check.title)
        yield News(done + 1, total, check.title, tuple(check.find(subject)))
