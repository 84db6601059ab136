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

    became = [Counter(tagging.outcomes(*row, plain)) for row in zip(said, tags, strict=True)]
    kinds = [_kinds(found) for found in became]
    text, number = pa.large_string(), pa.float64()
    found = {
        "truth": pa.array([in_words(*row, plain) for row in zip(tokens, tags, strict=True)], text),
        "answer": pa.array([in_words(*row, plain) for row in zip(tokens, said, strict=True)], text),
        "error": pa.array([_error(*row, plain) for row in zip(kinds, tags, strict=True)], number),
        "probability": pa.array([float(np.mean(row)) if len(row) else None for row in chances], number),
        "answer_tags": pa.array([list(row) for row in said], pa.list_(pa.string())),
        "mix_ups": pa.array([_mix_ups(found) for found in became], text),
    }
    if plain:
        return found
    return found | {
        f"entities_{kind}": pa.array([counts[kind] for counts in kinds], pa.int64()) for kind in tagging.KINDS
    }


def _kinds(became: Counter[tagging.Outcome]) -> Counter[str]:
    found: Counter[str] = Counter()
    for outcome, count in became.items():
        found[outcome.kind] += count
    return found


def _mix_ups(became: Counter[tagging.Outcome]) -> str:
    return ", ".join(sorted({mix_up(one.truth, one.answer) for one in became if one.is_mix_up}))


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
