"""Classes whose names look alike: most often one class, written in two ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.data.check.subject import Subject
from core.data.classes import grouped
from core.data.fixes import Case, renaming
from core.data.types import Finding
from core.said import said

_OFTEN = 0.5
"""A slip of the pen is rarer than the right word: at most this many times as common."""
_SHORTEST = 5
"""Letters of a word in which one that is wrong is called a slip; shorter words are often one letter apart."""
_WORDS = re.compile(r"[^\W_]+")
_OUTER = " \t.,;:!?\"'()[]-_"


def alike_labels(subject: Subject) -> Iterator[Finding]:
    """Groups of classes that look alike. Those that differ in capital letters or spaces alone are told elsewhere."""
    target = subject.shared.examples.target
    role = next(
        (role.name for role in subject.task.roles if role.kind in ("label", "labels") and not role.is_input), ""
    )
    if subject.task.output not in ("label", "labels") or not target.labels:
        return
    counted = list(zip(target.labels, target.counts, strict=True))
    groups = [group for group in _grouped(counted) if len({_plain(label) for label, _ in group}) > 1]
    if not groups:
        return
    finding = Finding(
        "alike-labels",
        "warning",
        said("Some classes are spelled nearly alike: {classes}.", classes=grouped(groups)),
        said(
            "If they are one class, written in two ways, the model cannot tell them apart and is marked wrong for it."
        ),
        said("If they mean the same, write them the same way."),
        count=len(groups),
        role=role,
    )
    case = Case(finding, subject.config, subject.shared.rows, subject.shared.examples)
    yield Finding(**{**vars(finding), "fixes": tuple(renaming(case, groups))})


def _grouped(counted: Sequence[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Classes that are joined by a chain of names that look alike, two or more."""
    first = list(range(len(counted)))

    def root(place: int) -> int:
        while first[place] != place:
            place = first[place]
        return place

    for place, (label, count) in enumerate(counted):
        for before in range(place):
            if look_alike(label, count, *counted[before]):
                first[root(place)] = root(before)
    groups: dict[int, list[tuple[str, int]]] = {}
    for place, one in enumerate(counted):
        groups.setdefault(root(place), []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def look_alike(one: str, count: int, other: str, others: int) -> bool:
    """Whether two classes are probably one: equal but for capital letters, spaces and punctuation; or but for one
    letter of a longer word, where one is much rarer. Numbers, single letters and the first letter must be the same.
    """
    from rapidfuzz.distance import OSA

    if one == other or _bare(one) == _bare(other):
        return one != other
    first, second = _WORDS.findall(one.casefold()), _WORDS.findall(other.casefold())
    if len(first) != len(second) or not first or min(count, others) > _OFTEN * max(count, others):
        return False
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    if len(pairs) != 1:
        return False
    (a, b) = pairs[0]
    letters = a.isalpha() and b.isalpha()
    if not letters or min(len(a), len(b)) < _SHORTEST or a[0] != b[0] or OSA.distance(a, b, score_cutoff=1) > 1:
        return False
    # Words of different meaning differ most often in their last letter: employer, employee.
    return len(a) != len(b) or a[-1] == b[-1] or a[-2:] == b[:-3:-1]


def _plain(label: str) -> str:
    return " ".join(label.casefold().split())


def _bare(label: str) -> str:
    """A label without what is often written in two ways. A sign before or inside of a number says something."""
    plain = _plain(label)
    if any(letter.isdigit() for letter in plain) or not _WORDS.search(plain):
        return plain
    outer = plain.strip(_OUTER)
    return re.sub(r"[\s._'-]+", "", outer)
