"""Words that stand in the texts of one class and hardly anywhere else, as a mark that somebody put there would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.data.check.subject import Subject
from core.data.check.written import SEED, looked_at, named
from core.data.classes import apart
from core.data.types import Finding
from core.said import said, together

if TYPE_CHECKING:
    import numpy as np

_SAMPLE = 10_000
_READ = 2000
"""Characters of each text that are looked at, and as many at its end."""
_LEAST = 20
"""Rows of a class from which a habit can be told."""
_NOWHERE_ELSE = 0.995
"""Of the rows with the word, so many must be of the one class."""
_OF_CLASS, _ALL_OF_CLASS = 0.8, 0.97
"""A mark stands in so many rows of its class: at one place in the text, or as the class's own name; or anywhere."""
_SAME_PLACE = 0.95
_MARKS = "\u0300-\u036f\u0610-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u1000-\u109f\u1780-\u17dd"
_TOKEN = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
"""Letters and digits, with the signs over and under them that make up a syllable in some scripts."""


def word_findings(subject: Subject) -> Iterator[Finding]:
    """One finding that names the words by which classes can be told, for tasks with classes."""
    members = _members(subject)
    if members is None:
        return
    places = _sample(len(members))
    members = members[places]
    for name in subject.texts:
        texts = _read(subject.examples.column(name), places)
        found = list(marks(texts, members, subject.shared.target.labels))
        if found:
            yield _finding(subject, name, found, texts, places)


def _members(subject: Subject) -> np.ndarray | None:
    """Which labels (columns) each example has; None where there are none, or one alone."""
    import numpy as np

    examples, labels = subject.shared.examples, subject.shared.target.labels
    if len(labels) < 2 or not subject.examples.num_rows:
        return None
    if examples.members is not None:
        found = np.asarray(examples.members, dtype=bool)
    elif examples.strata is not None:
        found = np.asarray(examples.strata)[:, None] == np.arange(len(labels))
    else:
        return None
    return found if found.shape == (subject.examples.num_rows, len(labels)) else None


def _sample(rows: int) -> np.ndarray:
    import numpy as np

    if rows <= _SAMPLE:
        return np.arange(rows)
    return np.sort(np.random.RandomState(SEED).choice(rows, _SAMPLE, replace=False))


def _read(column: Any, places: np.ndarray) -> list[str]:
    import pyarrow as pa

    texts = column.take(pa.array(places)).to_pylist()
    return [text if len(text) <= 2 * _READ else f"{text[:_READ]}\n{text[-_READ:]}" for text in texts]


def marks(texts: list[str], members: np.ndarray, labels: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """(word, number of its class) for the clearest word of each class that has one.

    ``members`` of shape (texts, labels) says which labels each text has.
    """
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    sizes = members.sum(0)
    reader = CountVectorizer(binary=True, token_pattern=_TOKEN.pattern, min_df=_LEAST, dtype=np.int32)
    try:
        stands = reader.fit_transform(texts)
    except ValueError:  # no word stands in so many texts
        return
    words = reader.get_feature_names_out()
    together = np.asarray(stands.T @ members.astype(np.int32))
    times = np.asarray(stands.sum(0)).ravel()
    for number, size in enumerate(sizes):
        # A class that is nearly the whole table has every common word to itself.
        if size < _LEAST or size > 0.9 * len(texts):
            continue
        share, alone = together[:, number] / size, together[:, number] / times
        candidates = np.flatnonzero((share >= _OF_CLASS) & (alone >= _NOWHERE_ELSE))
        own = {word.lower() for word in _TOKEN.findall(labels[number])}
        for place in candidates[np.argsort(-share[candidates])][:5]:
            word = str(words[place])
            with_word = stands[:, place].nonzero()[0]
            if word in own or share[place] >= _ALL_OF_CLASS or _at_one_place(word, texts, with_word):
                yield word, number
                break


def _at_one_place(word: str, texts: list[str], rows: np.ndarray) -> bool:
    """Whether a word is always the first of its text, or always the last."""
    first = last = 0
    for row in rows:
        found = _TOKEN.findall(texts[row].lower())
        first += found[0] == word
        last += found[-1] == word
    return max(first, last) >= _SAME_PLACE * len(rows)


def _finding(
    subject: Subject, name: str, found: list[tuple[str, int]], texts: list[str], places: np.ndarray
) -> Finding:
    import numpy as np

    labels = subject.shared.target.labels
    shown: list[str] = [
        said("“{word}” in nearly every text of “{label}”", word=word, label=labels[number])
        for word, number in found[:3]
    ]
    if len(found) > 3:
        shown.append(said("and {count} more", count=len(found) - 3))
    words = {word for word, _ in found}
    mask = np.zeros(subject.examples.num_rows, dtype=bool)
    mask[places[[not words.isdisjoint(_TOKEN.findall(text.lower())) for text in texts]]] = True
    of = looked_at(len(places), len(mask)) if len(places) < len(mask) else ""
    column = named(subject.columns_of(name)) if subject.columns_of(name) else f"`{name}`"
    return Finding(
        "word-tells-answer",
        "warning",
        said(
            "Single words in {column} give the answer away: {words}, and in hardly any other.",
            column=column,
            words=apart(*shown),
        ),
        together(
            said(
                "If somebody put them there, such as a mark by a filter, the model learns the mark and not the text, "
                "and fails where it is missing. If people write so, as “the” in English texts, all is well."
            ),
            of,
        ),
        said("Look at these rows; where the words are marks, take them out of the texts."),
        **subject.at(mask),
    )
