"""Where answers in texts are right and where not: by what was asked, by length, and whether there is an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import groups, squad
from core.evaluation.groups import Group
from core.evaluation.rows import pointed
from core.evaluation.sections import Judgement, part_of
from core.evaluation.types import Section, Style
from core.said import said


def kinds(answers: Sequence[str], questions: Sequence[str], golds: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """The F1 by what the question asks with, the commonest first, as records of ``groups`` with ``exact_match``."""
    if not len(golds):
        return []
    scores = squad.row_scores(answers, golds)
    found = groups.by_value(pointed.kinds_of(questions), "asks")
    found.sort(key=lambda group: group.name == pointed.OTHER)
    return _with_exact(found, groups.means(found, scores["f1"], shares=True), scores)


def by_length(
    answers: Sequence[str], golds: Sequence[Sequence[str]], contexts: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """``by_answer`` and ``by_context``: the F1 by the words of the right answer, if there is one, and of the text."""
    import numpy as np

    if not len(golds):
        return {"by_answer": [], "by_context": []}
    scores = squad.row_scores(answers, golds)
    lengths, known = np.array(pointed.answer_words(golds)), np.array([bool(texts) for texts in golds])
    of_answers = [
        Group(group.name, _spread(group.chosen, known), [*(group.where or ()), ["answerable", "==", True]])
        for group in groups.by_size(lengths[known], "answer_words")
    ]
    of_contexts = groups.by_size([pointed.words_of(text) for text in contexts], "context_words")
    both = {"by_answer": of_answers, "by_context": of_contexts}
    return {
        name: _with_exact(found, groups.means(found, scores["f1"], shares=True), scores) for name, found in both.items()
    }


def silence(answers: Sequence[str], golds: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """How often it was right to answer, or to give none: records for texts with an answer and for those without;
    ``value`` is the share in which it did the right one of the two. Empty where every text holds an answer.
    """
    import numpy as np

    known, spoken = np.array([bool(texts) for texts in golds]), np.array([bool(answer) for answer in answers])
    if not len(golds) or known.all():
        return []
    both = [
        Group(said("The text holds the answer: it gave one"), known, [["answerable", "==", True]]),
        Group(said("The text holds none: it gave none"), ~known, [["answerable", "==", False]]),
    ]
    return groups.means([group for group in both if group.chosen.any()], known == spoken, shares=True)


def _spread(chosen: Any, known: Any) -> Any:
    """A mask of the ``known`` rows as one of all rows."""
    found = known.copy()
    found[known] = chosen
    return found


def _with_exact(
    found: Sequence[Group], records: Sequence[dict[str, Any]], scores: Mapping[str, Any]
) -> list[dict[str, Any]]:
    pairs = zip(found, records, strict=True)
    return [one | {"exact_match": float(scores["exact_match"][group.chosen].mean())} for group, one in pairs]


# --- Blocks ----------------------------------------------------------------------------------------------------------

_EXACT: tuple[tuple[str, Style, str], ...] = ((said("Exact match"), "percent", "exact_match"),)


def blocks(found: Judgement, part: str) -> list[Section | None]:
    """The groups of a judgement as blocks; those that tell nothing apart are None."""
    return [
        _by_kind(found, part),
        groups.section(
            said("By length of the answer"),
            said(
                "The questions of {part} whose text holds the answer, by the words of the shortest right "
                "one. Of long answers models often find a part, which F1 counts and exact match does not.",
                part=part_of(part),
            ),
            found.get("by_answer") or [],
            (said("Right answer"), said("Questions"), "F1"),
            "percent",
            _EXACT,
        ),
        groups.section(
            said("By length of the text"),
            said(
                "The questions of {part} by the words of their text. Long texts are read in pieces, and hold "
                "more that looks like an answer.",
                part=part_of(part),
            ),
            found.get("by_context") or [],
            (said("Text"), said("Questions"), "F1"),
            "percent",
            _EXACT,
        ),
        groups.section(
            said("Whether there is an answer"),
            said(
                "In which of the questions of {part} it rightly gave an answer, right or wrong, and in which "
                "it rightly gave none.",
                part=part_of(part),
            ),
            found.get("silence") or [],
            (said("Which questions"), said("Questions"), said("So it did")),
            "percent",
        ),
    ]


def _by_kind(found: Judgement, part: str) -> Section | None:
    # Reports of earlier versions have no ranges, and the first words of questions.
    known = [
        {"name": one.get("word") or pointed.OTHER, "value": one["f1"], "low": None, "high": None, "where": None, **one}
        if "word" in one
        else one
        for one in found["kinds"]
    ]
    return groups.section(
        said("By question word"),
        said(
            "The questions of {part} by what they ask with. Who, when and where ask for short answers "
            "that are easy to tell; why and how ask for longer ones.",
            part=part_of(part),
        ),
        known,
        (said("Asks with"), said("Questions"), "F1"),
        "percent",
        _EXACT,
    )
