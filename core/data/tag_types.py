"""The types that sentences mark: what there is to learn, who has it, and what a person should know of it before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from core.data.classes import FEW_EXAMPLES, MOST_CLASSES, listed, repetition_findings
from core.data.cleaning import natural_order
from core.data.tagging import Sentences
from core.data.types import Examples, Finding, Target
from core.evaluation.entities import OUTSIDE, is_plain
from core.said import said, said_many

if TYPE_CHECKING:
    import numpy as np


def examples(sentences: Sentences, role: str) -> Examples:
    """Sentences as examples: columns ``tokens``, ``tags`` (lists), ``text`` and ``row``; ``members`` by tag.

    A row is shared out by the rarest type in it, so that rare types come into all parts. ``role`` is the one that
    findings are about.
    """
    import pyarrow as pa

    target = _target(sentences)
    words = pa.list_(pa.string())
    table = pa.table(
        {
            "tokens": pa.array(sentences.tokens, words),
            "tags": pa.array(sentences.tags, words),
            "text": pa.array(sentences.texts, pa.large_string()),
            "row": pa.array(sentences.rows, pa.int64()),
        }
    )
    blocking = _blocking(target, role)
    if blocking:
        return Examples(table, target, None, (*blocking, *sentences.findings))
    members = _members(sentences, target)
    retarget = partial(_recounted, sentences.tags, target)
    findings = (*sentences.findings, *_about_types(target, role), *_about_repetitions(table, sentences))
    return Examples(table, target, _rarest(members, target), findings, members, retarget)


def type_of(tag: str) -> str:
    """``B-CITY`` and ``I-CITY`` are of the type CITY."""
    return tag[2:] if tag[1:2] == "-" else tag


def _target(sentences: Sentences) -> Target:
    """Tags with how many words have each. For people: how many there are of each type, where tags are IOB2."""
    counts = _counted(sentences.tags)
    labels = [OUTSIDE] if OUTSIDE in counts else []
    key = natural_order([type_of(tag) for tag in counts if tag != OUTSIDE])
    if is_plain(counts):
        labels += sorted(set(counts) - {OUTSIDE}, key=key)
        return Target(tuple(labels), tuple(counts[tag] for tag in labels))
    labels += sorted(set(counts) - {OUTSIDE}, key=lambda tag: (key(type_of(tag)), tag))
    return Target(tuple(labels), tuple(counts[tag] for tag in labels), ranges=_types(labels, counts))


def _recounted(tags: Sequence[Sequence[str]], target: Target, chosen: np.ndarray) -> Target:
    """The same tags, counted in the chosen rows alone."""
    counts = _counted(tags[row] for row in chosen.nonzero()[0].tolist())
    ranges = _types(target.labels, counts) if target.ranges else ()
    return replace(target, counts=tuple(counts[tag] for tag in target.labels), ranges=ranges)


def _counted(tags: Iterable[Sequence[str]]) -> Counter[str]:
    return Counter(tag for one in tags for tag in one)


def _types(labels: Sequence[str], counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((type_of(label), counts[label]) for label in labels if label.startswith("B-"))


def _members(sentences: Sentences, target: Target) -> Any:
    import numpy as np

    number = {tag: place for place, tag in enumerate(target.labels)}
    members = np.zeros((len(sentences.tags), len(target.labels)), dtype=bool)
    for row, tags in enumerate(sentences.tags):
        members[row, [number[tag] for tag in set(tags)]] = True
    return members


def _rarest(members: Any, target: Target) -> Any:
    """The number of the tag that fewest rows have, of those that each row has; outside only where there is no other."""
    import numpy as np

    rows = np.where([label == OUTSIDE for label in target.labels], len(members) + 1, members.sum(0))
    order = np.argsort(rows, kind="stable")
    return order[members[:, order].argmax(1)]


def _blocking(target: Target, role: str) -> list[Finding]:
    """What makes it impossible to learn: no usable rows, nothing marked, or values that are no tags."""
    words, tags = sum(target.counts), len(target.labels)
    if not words:
        title, meaning = said("No row can be used."), said("Each needs words and their tags.")
        return [Finding("no-rows", "error", title, meaning, said("Choose other columns."), role=role)]
    if tags == 1:
        title = said("Every word has the same tag: `{tag}`.", tag=target.labels[0])
        fix = said("Mark what should be found in at least some of the rows, or choose other columns.")
        return [Finding("one-tag", "error", title, said("So there is nothing to tell apart."), fix, role=role)]
    if tags > MOST_CLASSES:
        title = said("There are {tags} different tags for {words} words.", tags=tags, words=words)
        meaning = said("That looks like words or numbers, not like tags: each needs several examples.")
        fix = said("Choose a column with a handful of tags that repeat.")
        return [Finding("too-many-tags", "error", title, meaning, fix, role=role)]
    return []


def _about_types(target: Target, role: str) -> list[Finding]:
    counted = [(name, count) for name, count in target.shown if name != OUTSIDE]
    once = [name for name, count in counted if count == 1]
    few = [name for name, count in counted if 1 < count < FEW_EXAMPLES]
    fix = said("Mark more of them, merge such a type with a similar one, or take it out.")
    findings = []
    if once:
        title = said_many(
            len(once),
            "{count} type is marked only once: {names}.",
            "{count} types are marked only once: {names}.",
            names=listed(once),
        )
        meaning = said("One can be learned from, but then none is left to judge the type by.")
        findings.append(Finding("single-type", "warning", title, meaning, fix, len(once), role=role))
    if few:
        title = said_many(
            len(few),
            "{count} type is marked fewer than {least} times: {names}.",
            "{count} types are marked fewer than {least} times: {names}.",
            least=FEW_EXAMPLES,
            names=listed(few),
        )
        meaning = said("So few are hard to learn from, and the score of such a type is mostly chance.")
        findings.append(Finding("few-of-type", "warning", title, meaning, fix, len(few), role=role))
    return findings


def _about_repetitions(table: Any, sentences: Sentences) -> list[Finding]:
    """Sentences that stand there twice, with the same tags or with others."""
    import pandas as pd

    codes = pd.factorize(pd.Series([" ".join(tags) for tags in sentences.tags], dtype=object))[0]
    return repetition_findings(table, ["text"], codes)
