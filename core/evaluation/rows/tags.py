"""The judged rows of a model that marks words: what was to be marked in each text, what was, and what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from core.evaluation import tagging
from core.evaluation.entities import OUTSIDE, Entity, Tags, entities

NOTHING = "(nothing)"


def kept(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """A ``Task.kept``; see ``columns``."""
    from core.evaluation.entities import is_plain
    from core.models import tagger

    said = tagger.tags_of(outputs, context.target)
    tokens, tags = examples["tokens"].to_pylist(), examples["tags"].to_pylist()
    return columns(said, [one.chances for one in outputs], tokens, tags, is_plain(context.target.labels))


def columns(said: Tags, chances: Sequence[Any], tokens: Tags, tags: Tags, plain: bool) -> dict[str, Any]:
    """Beside ``truth`` and ``answer`` (``Berlin (CITY), next Monday (DATE)``):

    ``error``: how many true entities were not found whole, and how many were invented; of plain tags the share of
    words with a wrong one. ``probability``: of the answered tags, the mean over the words. ``answer_tags``: one a word.
    ``mix_ups``: which type was taken for which, ``(CITY → DATE)``. Unless the tags are plain, how many entities were of
    each of ``tagging.KINDS``, as ``entities_right``, ``entities_ends`` ...
    """
    import numpy as np
    import pyarrow as pa

    counted = [compared(given, true, plain) for given, true in zip(said, tags, strict=True)]
    text, number = pa.large_string(), pa.float64()
    found = {
        "truth": pa.array([in_words(*row, plain) for row in zip(tokens, tags, strict=True)], text),
        "answer": pa.array([in_words(*row, plain) for row in zip(tokens, said, strict=True)], text),
        "error": pa.array([_error(kinds, true, plain) for (kinds, _), true in zip(counted, tags, strict=True)], number),
        "probability": pa.array([float(np.mean(row)) if len(row) else None for row in chances], number),
        "answer_tags": pa.array([list(row) for row in said], pa.list_(pa.string())),
        "mix_ups": pa.array([", ".join(sorted(mix_up(*pair) for pair in pairs)) for _, pairs in counted], text),
    }
    if plain:
        return found
    return found | {
        f"entities_{kind}": pa.array([kinds[kind] for kinds, _ in counted], pa.int64()) for kind in tagging.KINDS
    }


def compared(given: Sequence[str], true: Sequence[str], plain: bool) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """(how many were of each of ``tagging.KINDS``, which type was taken for which) in one row; of plain tags, words."""
    kinds: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    if not plain:
        tagging.compare(entities(given), entities(true), kinds, pairs)
        return kinds, pairs
    for one, other in zip(true, given, strict=True):
        kinds["right" if one == other else "type"] += 1
        if one != other:
            pairs[one, other] += 1
    return kinds, pairs


def _error(kinds: Counter[str], true: Sequence[str], plain: bool) -> float:
    wrong = float(sum(count for kind, count in kinds.items() if kind != "right"))
    return wrong / max(1, len(true)) if plain else wrong


def mix_up(truth: str, answer: str) -> str:
    """A type that was taken for another, as it stands in ``mix_ups``."""
    return f"({truth} → {answer})"


def in_words(tokens: Sequence[str], tags: Sequence[str], plain: bool) -> str:
    """What is marked in a text, as people read it: ``Berlin (CITY), next Monday (DATE)``."""
    found: Iterable[Entity] = entities(tags)
    if plain:
        found = [(tag, place, place + 1) for place, tag in enumerate(tags) if tag != OUTSIDE]
    return ", ".join(f"{' '.join(tokens[begin:stop])} ({kind})" for kind, begin, stop in found) or NOTHING
