"""The data check beyond what stands in the way of training. A check is a file in this folder and one entry here.

What a task itself must know to use a table (empty texts, missing labels) is found by its ``examples`` at once; the
checks here may take longer, run in a process of their own, and tell what they found one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.data.check.characters import unusual_characters
from core.data.check.dates import times
from core.data.check.giveaways import giveaways
from core.data.check.labels import alike_labels
from core.data.check.languages import language_mix
from core.data.check.leaks import near_leaks
from core.data.check.lengths import unusual_lengths
from core.data.check.markup import left_in_markup, needless_space
from core.data.check.near_copies import near_contradictions, near_copies
from core.data.check.personal import personal_data
from core.data.check.subject import Subject as Subject
from core.data.streamed import fitting
from core.data.types import Finding, News
from core.said import said

VERSION = 2
"""Raised when a check changes, so that what an old one found is not taken for the present truth."""


@dataclass(frozen=True)
class Check:
    """One thing to look for. ``title`` says what, while it is looked for: ``Looking for near copies``."""

    title: str
    find: Callable[[Subject], Iterable[Finding]]


CHECKS: tuple[Check, ...] = (
    Check(said("Comparing the names of the classes"), alike_labels),
    Check(said("Looking for near copies"), near_copies),
    Check(said("Looking for near copies with other answers"), near_contradictions),
    Check(said("Comparing the parts"), near_leaks),
    Check(said("Looking for unusual characters"), unusual_characters),
    Check(said("Looking for HTML"), left_in_markup),
    Check(said("Looking for needless white space"), needless_space),
    Check(said("Measuring the texts"), unusual_lengths),
    Check(said("Looking for dates"), times),
    Check(said("Looking for what gives the answer away"), giveaways),
    Check(said("Telling the languages"), language_mix),
    Check(said("Looking for personal data"), personal_data),
)


def run_checks(subject: Subject) -> Iterator[News]:
    """All checks, one after the other; the first word comes before the first check."""
    total = len(CHECKS)
    for done, check in enumerate(CHECKS):
        yield News(done, total, check.title)
        found = tuple(fitting(subject.config.data, finding) for finding in check.find(subject))
        yield News(done + 1, total, check.title, found)
