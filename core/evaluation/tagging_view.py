"""Texts with what was to be marked in them and what was: the worst of a judgement, and a few that are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.entities import OUTSIDE, Entity, Tags, entities
from core.evaluation.tagging import outcomes

WORST, RIGHT = 30, 5
_LONGEST, _BEFORE = 1000, 300
"""Characters of a text that are shown, and of these so many before the first mistake."""

Marks = list[list[Any]]
"""``[start, end, label]``, in characters of the text."""


def view(
    said: Tags, chances: Sequence[Any], examples: Mapping[str, Sequence[Any]], plain: bool
) -> list[dict[str, Any]]:
    """The rows of a ``tagged`` section: the texts with the most and surest mistakes, then some that are wholly right.

    ``examples`` has ``text``, ``tokens``, ``tags`` and ``row``, ``chances`` the probability of each answered tag. Of
    plain tags, only words with a wrong one are marked.
    """
    worst, right = [], []
    for place, (given, true) in enumerate(zip(said, examples["tags"], strict=True)):
        wrong = sum(one.kind != "right" for one in outcomes(given, true, plain))
        if wrong:
            surest = max(float(chances[place][word]) for word in _differing(given, true))
            worst.append((-wrong, -surest, place))
        elif not plain and any(tag != OUTSIDE for tag in true):
            right.append(place)
    chosen = [place for *_, place in sorted(worst)[:WORST]] + right[:RIGHT]
    return [_shown(said[place], {name: examples[name][place] for name in examples}, plain) for place in chosen]


def _differing(given: Sequence[str], true: Sequence[str]) -> list[int]:
    return [place for place, (one, other) in enumerate(zip(given, true, strict=True)) if one != other]


def _shown(given: Sequence[str], example: Mapping[str, Any], plain: bool) -> dict[str, Any]:
    from core.data.marking import placed

    text, true = str(example["text"]), example["tags"]
    bounds, differing = placed(example["tokens"], text), _differing(given, true)
    begin = max(0, bounds[differing[0]][0] - _BEFORE) if differing and len(text) > _LONGEST else 0
    # Not in the middle of a word.
    begin = max((start for start, _ in bounds if start <= begin), default=0) if begin else 0
    end = begin + _LONGEST
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    shift = len(before) - begin

    def marks(tags: Sequence[str]) -> Marks:
        found: Sequence[Entity] = [(tags[p], p, p + 1) for p in differing] if plain else entities(tags)
        places = [(bounds[first][0], bounds[stop - 1][1], kind) for kind, first, stop in found]
        return [[start + shift, stop + shift, kind] for start, stop, kind in places if begin <= start < stop <= end]

    return {
        "text": f"{before}{text[begin:end]}{after}",
        "row": example["row"],
        "truth": marks(true),
        "answer": marks(given),
    }
