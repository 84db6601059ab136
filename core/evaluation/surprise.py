"""Where the tokens of texts surprise a model: by their place, and which of them most.

``scores`` are the token scores of each row's pieces, as ``core.models.causal`` has them. Perplexity is ``exp`` of the
mean loss of a token; its ranges come from drawing rows, as the tokens of a text hang together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import groups
from core.evaluation.groups import Group
from core.evaluation.language_model import perplexity_of
from core.evaluation.types import Section, Style
from core.said import said

_ENDS = (32, 64, 128, 256, 512, 1024, 2048)
FEWEST_TIMES = 5
"""A token that came up less often surprises by chance."""
HARDEST = 20

Scores = Sequence[Sequence[Any]]


def judge(scores: Scores, tokenizer: Any, in_answers: bool = False) -> dict[str, Any]:
    """``by_place`` (see there) and ``hardest``, whose ``samples`` are the tokens that surprise most."""
    return {"by_place": by_place(scores, in_answers), "hardest": {"samples": hardest(scores, tokenizer)}}


def by_place(scores: Scores, in_answers: bool = False) -> list[dict[str, Any]]:
    """The perplexity by where a token stands in the piece that is read at once, or with ``in_answers`` by how many
    tokens were guessed before it: records of ``groups`` with ``tokens``, how many there were.
    """
    import numpy as np

    pieces = [(row, piece) for row, found in enumerate(scores) for piece in found if len(piece.losses)]
    if not pieces:
        return []
    owners = np.concatenate([np.full(len(piece.losses), row) for row, piece in pieces])
    losses = np.concatenate([piece.losses for _, piece in pieces]).astype(float)
    if in_answers:
        places = np.concatenate([np.arange(sum(len(piece.losses) for piece in row)) for row in scores])
    else:
        places = np.concatenate([piece.places for _, piece in pieces])
    bins = np.searchsorted(_ENDS, places, side="right")
    found = []
    for number in np.unique(bins).tolist():
        here = bins == number
        tokens = np.bincount(owners[here], minlength=len(scores))
        nll = np.bincount(owners[here], losses[here], minlength=len(scores))
        (one,) = groups.ratios([Group(_called(number), tokens > 0)], nll, tokens)
        found.append(as_perplexity(one) | {"tokens": int(tokens.sum())})
    return found


def _called(number: int) -> str:
    if number == 0:
        return f"the first {_ENDS[0]}"
    if number == len(_ENDS):
        return f"after {_ENDS[-1]:,}"
    return f"{_ENDS[number - 1] + 1:,} to {_ENDS[number]:,}"


def as_perplexity(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of ``groups`` whose value is a loss, with perplexities; None where one is too large for a number."""
    ends = {name: record[name] for name in ("value", "low", "high")}
    return {**record, **{name: None if loss is None else perplexity_of(loss) for name, loss in ends.items()}}


def hardest(scores: Scores, tokenizer: Any) -> list[dict[str, Any]]:
    """The tokens with the largest loss on average, of those that came up at least ``FEWEST_TIMES`` times.

    A record has ``token`` and ``instead`` (the commonest wrong guess) as people read them, ``times``, ``loss`` and
    ``right``, the share that was guessed right.
    """
    import numpy as np

    from core.evaluation.rows.guessed import in_words

    pieces = [piece for row in scores for piece in row if len(piece.losses)]
    if not pieces:
        return []
    wanted, guessed, losses = (
        np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("wanted", "guessed", "losses")
    )
    ids, codes, times = np.unique(wanted, return_inverse=True, return_counts=True)
    mean = np.bincount(codes, losses.astype(float)) / times
    right = np.bincount(codes, wanted == guessed) / times
    often = np.flatnonzero(times >= FEWEST_TIMES)
    worst = often[np.argsort(-mean[often], kind="stable")][:HARDEST].tolist()
    said = {place: Counter(guessed[(codes == place) & (guessed != wanted)].tolist()) for place in worst}
    instead = {place: counts.most_common(1)[0][0] for place, counts in said.items() if counts}
    words = in_words({*ids[worst].tolist(), *instead.values()}, tokenizer)
    return [
        {
            "token": words[int(ids[place])],
            "times": int(times[place]),
            "loss": float(mean[place]),
            "right": float(right[place]),
            "instead": words[instead[place]] if place in instead else None,
        }
        for place in worst
    ]


# --- Blocks ----------------------------------------------------------------------------------------------------------


def blocks(
    found: Mapping[str, Any], before: Mapping[str, Any] | None, of_answers: bool = False
) -> list[Section | None]:
    """Perplexity by place, beside that before training where it is known, and the tokens that surprise most."""
    return [_by_place(found, before, of_answers), _hardest(found)]


def _by_place(found: Mapping[str, Any], before: Mapping[str, Any] | None, of_answers: bool) -> Section | None:
    former = {one["name"]: one["value"] for one in (before or {}).get("by_place") or []}
    if of_answers:
        title, first = said("Along the answer"), said("Tokens of the answer")
        help = said(
            "How surprised it is by the tokens of an answer in their order: the first ones decide what is said."
        )
    else:
        title, first = said("By place in the text"), said("Tokens of a piece")
        help = said(
            "How surprised it is by where a token stands in the piece of text that is read at once. A model that "
            "writes has read little at the beginning of a piece; where later tokens surprise it as much, it makes "
            "nothing of what it has read."
        )
    known = [{**one, "before": former.get(one["name"])} for one in found.get("by_place") or []]
    columns: list[tuple[str, Style, str]] = [(said("Tokens"), "count", "tokens")]
    if former:
        columns.append((said("Perplexity before training"), "number", "before"))
    return groups.section(title, help, known, (first, said("Texts"), said("Perplexity")), "number", columns)


def _hardest(found: Mapping[str, Any]) -> Section | None:
    records = (found.get("hardest") or {}).get("samples")
    if not records:
        return None
    columns = [
        {"label": said("Word or part of one"), "style": "text"},
        {"label": said("Times"), "style": "count"},
        {"label": said("Named right"), "style": "percent"},
        {"label": said("Loss"), "style": "number"},
        {"label": said("Mostly guessed instead"), "style": "text"},
    ]
    return Section(
        "examples",
        said("Tokens that surprise it most"),
        said(
            "Words, or parts of words, that it expects least, of those that came up at least {times} "
            "times. Words that stand for your subject are learned from more texts with them; names and "
            "numbers often cannot be known.",
            times=FEWEST_TIMES,
        ),
        {
            "columns": columns,
            "rows": [[one[key] for key in ("token", "times", "right", "loss", "instead")] for one in records],
        },
    )
