"""Judging answers that are a tag for each token: entities found whole, token by token, and by type.

Tags are lists of strings, one list a sentence, references and predictions of equal lengths. In ``B-PER I-PER O`` the
prefix says where an entity begins and goes on, and the rest is its type; an entity counts as found when its type and
both its ends are right. Tags without prefixes, such as parts of speech, are judged token by token.

Source: seqeval 1.2.2 in its default mode, which follows the conlleval script of CoNLL-2000; the numbers are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation import intervals, resampling
from core.evaluation.types import Metrics, MetricWords

WORDS = (
    MetricWords(
        "f1_micro",
        "F1",
        "Precision and recall in one number, every entity counted once.",
    ),
    MetricWords("precision_micro", "Precision", "When it marks something, how often that is right, type and ends."),
    MetricWords("recall_micro", "Recall", "How many of the true entities it finds whole."),
    MetricWords(
        "f1_macro",
        "Macro F1",
        "Precision and recall in one number: the average over the types, so that a rare type counts as much as a "
        "common one.",
    ),
    MetricWords("token_accuracy", "Right tags", "The share of tokens with the right tag, those outside included."),
)

Entity = tuple[str, int, int]
"""Type, first token, and the token after the last."""
Tags = Sequence[Sequence[str]]

OUTSIDE = "O"
_PREFIXES = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S", "M": "I"}
"""Other schemes' last (L), unit (U) and middle (M) are what BIOES calls end, single and inside."""


@dataclass(frozen=True)
class TagProblem:
    """A tag that is not as it should be: its place in the sentence (from 0), the tag, and what is wrong in words."""

    place: int
    tag: str
    words: str


def is_plain(tags: Iterable[str]) -> bool:
    """Whether no tag of these has a prefix that marks entities.

    A letter alone marks some where all tags are such letters (``B``, ``I``, ``O``); else it is a name, as in some sets
    of parts of speech.
    """
    different = set(tags)
    if different <= set(_PREFIXES) | {OUTSIDE}:
        return "B" not in different and "I" not in different
    return not any(tag[1:2] == "-" and _has_prefix(tag) for tag in different)


def check_tags(tags: Sequence[str]) -> list[TagProblem]:
    """What in one sentence is not BIO (nor BIOES): a tag without a known prefix, or one that goes on with nothing.

    Not for plain tags (see ``is_plain``). The sentence can be used all the same: ``entities`` lets an entity begin
    where one should go on.
    """
    found, before = [], ("O", "")
    for place, tag in enumerate(tags):
        if tag != OUTSIDE and not _has_prefix(tag):
            found.append(TagProblem(place, tag, f"`{tag}` is neither O nor begins with B- or I-."))
            before = ("O", "")
            continue
        prefix, kind = _split(tag)
        if prefix in "IE" and (before[0] not in "BI" or before[1] != kind):
            words = f"`{tag}` goes on with an entity, but no `B-{kind}` stands before it."
            found.append(TagProblem(place, tag, words))
        before = (prefix, kind)
    return found


def entities(tags: Sequence[str]) -> list[Entity]:
    """The entities of one sentence in order: an ``I-`` after another type, or after nothing, begins one."""
    found: list[Entity] = []
    begun, before, kind_before = 0, OUTSIDE, ""
    for place, tag in enumerate([*tags, OUTSIDE]):
        prefix, kind = _split(tag)
        changed = kind != kind_before
        if before != OUTSIDE and (before in "ES" or prefix in "BSO" or changed):
            found.append((kind_before, begun, place))
        if prefix != OUTSIDE and (prefix in "BS" or before in "ESO" or changed):
            begun = place
        before, kind_before = prefix, kind
    return found


def _has_prefix(tag: str) -> bool:
    return tag[:1] in _PREFIXES and (tag[1:2] == "-" or len(tag) == 1)


def _split(tag: str) -> tuple[str, str]:
    """(prefix, type). A tag without a known prefix counts as inside an entity that is called like the tag."""
    if tag == OUTSIDE:
        return OUTSIDE, "_"
    if _has_prefix(tag):
        return _PREFIXES[tag[0]], tag[2:] or "_"
    return "I", tag


def live_metrics(predictions: Tags, references: Tags, plain: bool | None = None) -> Metrics:
    """The metrics of ``WORDS``, ``precision_macro`` and ``recall_macro`` for one evaluation.

    ``plain`` says whether the tags have no prefixes; None looks at the references.
    """
    return _metrics(_counts(predictions, references, _plain(plain, references)), predictions, references)


def judge(predictions: Tags, references: Tags, plain: bool | None = None) -> dict[str, Any]:
    """Everything a report holds on one split.

    ``rows`` (sentences), ``tokens``, the metrics of ``live_metrics``, ``per_class`` ({type: precision, recall, f1,
    support}), ``intervals`` (of f1_micro and token_accuracy, from drawing sentences: the tokens of a sentence hang
    together) and ``plain``. With plain tags a type is a tag, and O, where there is one, is not among them.
    """
    plain = _plain(plain, references)
    counts = _counts(predictions, references, plain)
    return {
        "rows": len(references),
        "tokens": sum(map(len, references)),
        "plain": plain,
        **_metrics(counts, predictions, references),
        "per_class": {
            kind: {
                "precision": float(resampling.ratio(right, given)),
                "recall": float(resampling.ratio(right, true)),
                "f1": float(resampling.ratio(2 * right, true + given)),
                "support": int(true),
            }
            for kind, (right, true, given) in zip(counts.kinds, counts.by_kind, strict=True)
        },
        "intervals": {
            "f1_micro": _interval(counts.by_row, _f1_micro),
            "token_accuracy": _interval(_right_tokens(predictions, references), _share),
        },
    }


def paired(predictions: Tags, other: Tags, references: Tags, plain: bool | None = None) -> dict[str, Any]:
    """Whether the model's micro F1 differs from another answerer's on the same sentences; see ``resampling.paired``."""
    plain = _plain(plain, references)
    mine, theirs = (_counts(given, references, plain).by_row for given in (predictions, other))
    return resampling.paired(mine, theirs, _f1_micro)


@dataclass(frozen=True)
class _Counts:
    """Of right, true and given entities: ``by_kind`` of shape (kinds, 3), ``by_row`` of shape (sentences, 3)."""

    kinds: list[str]
    by_kind: Any
    by_row: Any


def _counts(predictions: Tags, references: Tags, plain: bool) -> _Counts:
    import numpy as np

    read = _tokens if plain else entities
    by_kind: dict[str, list[int]] = {}
    by_row = np.zeros((len(references), 3))
    for row, (given, true) in enumerate(zip(predictions, references, strict=True)):
        found, asked = set(read(given)), set(read(true))
        for column, group in enumerate((found & asked, asked, found)):
            by_row[row, column] = len(group)
            for kind, *_ in group:
                by_kind.setdefault(kind, [0, 0, 0])[column] += 1
    kinds = sorted(by_kind)
    return _Counts(kinds, np.array([by_kind[kind] for kind in kinds]).reshape(-1, 3), by_row)


def _tokens(tags: Sequence[str]) -> list[Entity]:
    return [(tag, place, place + 1) for place, tag in enumerate(tags) if tag != OUTSIDE]


def _metrics(counts: _Counts, predictions: Tags, references: Tags) -> Metrics:
    right, true, given = counts.by_kind.T
    each = {
        "precision": resampling.ratio(right, given),
        "recall": resampling.ratio(right, true),
        "f1": resampling.ratio(2 * right, true + given),
    }
    return {
        "f1_micro": float(resampling.ratio(2 * right.sum(), true.sum() + given.sum())),
        "precision_micro": float(resampling.ratio(right.sum(), given.sum())),
        "recall_micro": float(resampling.ratio(right.sum(), true.sum())),
        **{f"{name}_macro": float(values.mean()) if len(values) else 0.0 for name, values in each.items()},
        "token_accuracy": float(_share(_right_tokens(predictions, references).sum(0))),
    }


def _plain(plain: bool | None, references: Tags) -> bool:
    return is_plain({tag for tags in references for tag in tags}) if plain is None else plain


def _right_tokens(predictions: Tags, references: Tags) -> Any:
    """(right tokens, tokens) of each sentence, of shape (sentences, 2)."""
    import numpy as np

    rows = [
        (sum(one == other for one, other in zip(given, true, strict=True)), len(true))
        for given, true in zip(predictions, references, strict=True)
    ]
    return np.array(rows, dtype=float).reshape(-1, 2)


def _share(sums: Any) -> Any:
    return resampling.ratio(sums[..., 0], sums[..., 1])


def _f1_micro(sums: Any) -> Any:
    return resampling.ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def _interval(parts: Any, score: Any) -> list[float] | None:
    """Where all sentences are wholly right, or wholly wrong, drawing them shows no spread: then Wilson's."""
    asked = parts[parts[:, 1:].any(1)]
    if not len(asked):
        return None
    whole = int((asked[:, :1] == asked[:, 1:]).all(1).sum())
    if whole == len(asked) or not asked[:, 0].any():
        return list(intervals.wilson(whole, len(asked)))
    found = resampling.interval(parts, score)
    return list(found) if found else None
