"""What a person should know of questions and answers before a model learns from them."""

from __future__ import annotations

from typing import Any, Literal

from core.data.answers import Asked
from core.data.cleaning import SHOWN_ROWS, of_one
from core.data.types import Finding, Target
from core.said import Figures, Said, said, said_many

ANSWERED, UNANSWERED = "with an answer", "without an answer"
"""The labels of a target: which kinds of questions a table has."""
TOKENS_A_WORD = 1.4

Words = tuple[Literal["warning", "info"], Said, Said, str]
"""Severity, what it means, what to do, the role it is about."""

_TITLES = {
    "empty-question": "{count} rows have no question.",
    "empty-context": "{count} rows have no text to find the answer in.",
    "no-answer-told": "{count} rows have no answer.",
    "unreadable-answer": "{count} rows have an answer in a form that cannot be read.",
    "not-found": "{count} rows have an answer that does not stand in the text.",
    "elsewhere": "{count} rows have an answer that does not begin where the table says, and stands in the text several "
    "times.",
    "moved": "{count} rows have an answer that does not begin where the table says.",
    "first-of-several": "{count} rows have an answer that stands in the text several times.",
}
_LEFT_OUT = said("They are left out.")
_PROBLEMS: dict[str, Words] = {
    "empty-question": ("warning", _LEFT_OUT, said("Fill in the question, or leave it so."), "question"),
    "empty-context": ("warning", _LEFT_OUT, said("Fill in the text, or leave it so."), "context"),
    "no-answer-told": (
        "warning",
        said("It is not clear whether their text holds none, or whether nobody looked. They are left out."),
        said("Where the text holds no answer, say so with an empty list, or with a yes in a column of its own."),
        "answers",
    ),
    "unreadable-answer": (
        "warning",
        _LEFT_OUT,
        said(
            "Write the answer as it stands in the text, or as {example}.",
            example='{"text": [...], "answer_start": [...]}',
        ),
        "answers",
    ),
    "not-found": (
        "warning",
        said("The model learns to point at a piece of the text, to the letter. They are left out."),
        said("Copy the answer from the text, with its capital letters and signs."),
        "answers",
    ),
    "elsewhere": (
        "warning",
        said("It is not clear which place is meant, so they are left out."),
        said("Correct the start: characters before the answer, counted from 0. Some programs count bytes."),
        "answers",
    ),
    "moved": (
        "info",
        said("It stands in the text only once, so that place is used."),
        said("Correct the start: characters before the answer, counted from 0."),
        "answers",
    ),
    "first-of-several": (
        "info",
        said("The table does not say which place is meant, so the first one is learned from."),
        said("A column with the start of each answer would settle it."),
        "answers",
    ),
}


def findings(asked: Asked, longest: int) -> list[Finding]:
    """All that is to be said of the rows. ``longest``: tokens that an answer of the model may have."""
    found = [
        Finding(
            code,
            severity,
            said_many(len(rows), of_one(_TITLES[code]), _TITLES[code]),
            meaning,
            fix,
            **_at(rows),
            role=role,
        )
        for code, (severity, meaning, fix, role) in _PROBLEMS.items()
        if (rows := asked.problems.get(code))
    ]
    return [*found, *_long(asked, longest), *_repeated(asked)]


def blocking(asked: Asked) -> list[Finding]:
    """What makes it impossible to learn: no usable row, or no answer to be found anywhere."""
    if not asked.row:
        meaning = said("Each row needs a question, a text, and the answer in it.")
        title, fix = said("No row can be used."), said("Choose other columns.")
        return [Finding("no-rows", "error", title, meaning, fix, role="answers")]
    if not any(asked.answers):
        return [
            Finding(
                "no-answers",
                "error",
                said("No question has an answer."),
                said("A model that never sees an answer cannot learn to find one."),
                said("Add questions with their answers, or choose another column."),
                role="answers",
            )
        ]
    return []


def target_of(asked: Asked) -> Target:
    """How many questions have an answer in their text, and how many have none."""
    answered = sum(bool(texts) for texts in asked.answers)
    counts = {ANSWERED: answered, UNANSWERED: len(asked.answers) - answered}
    kinds = [kind for kind, count in counts.items() if count]
    return Target(tuple(kinds), tuple(counts[kind] for kind in kinds))


def _at(rows: list[int]) -> dict[str, Any]:
    return {"count": len(rows), "rows": tuple(rows[:SHOWN_ROWS])}


def _long(asked: Asked, longest: int) -> list[Finding]:
    words = longest / TOKENS_A_WORD
    rows = [
        row
        for row, texts in zip(asked.row, asked.answers, strict=True)
        if texts and min(len(text.split()) for text in texts) > words
    ]
    if not rows:
        return []
    return [
        Finding(
            "long-answers",
            "info",
            said_many(
                len(rows),
                "{count} row has an answer of more than about {words} words.",
                "{count} rows have an answer of more than about {words} words.",
                words=Figures(f"{words:.0f}"),
            ),
            said(
                "The model gives answers of at most {tokens} tokens, so it cannot give these whole.",
                tokens=str(longest),
            ),
            said("Raise the longest answer in the settings, if long answers matter."),
            role="answers",
            **_at(rows),
        )
    ]


def _repeated(asked: Asked) -> list[Finding]:
    first: dict[tuple[str, str], int] = {}
    copies: list[int] = []
    torn: list[int] = []
    for place, key in enumerate(zip(asked.question, asked.context, strict=True)):
        other = first.setdefault(key, place)
        if other == place:
            continue
        same = set(asked.answers[place]) & set(asked.answers[other]) or asked.answers[place] == asked.answers[other]
        (copies if same else torn).append(asked.row[place])
    found = []
    if torn:
        found.append(
            Finding(
                "contradictions",
                "warning",
                said_many(
                    len(torn),
                    "{count} row has a question that was asked of the same text before, with another answer.",
                    "{count} rows have a question that was asked of the same text before, with another answer.",
                ),
                said("The model is told two different things, and one of them is counted as a mistake."),
                said("Decide on one answer, or list all right ones in one row."),
                role="answers",
                **_at(torn),
            )
        )
    if copies:
        found.append(
            Finding(
                "duplicates",
                "info",
                said_many(
                    len(copies), "{count} row is a copy of another row.", "{count} rows are copies of another row."
                ),
                said("The same question of the same text counts more than others."),
                said("Take the copies out of the table."),
                **_at(copies),
            )
        )
    return found
