"""What answers in texts are worth: simple ways to give one, judged on the same rows as the model.

``first_words`` gives the beginning of the text; ``nearest_sentence`` the sentence that shares most words with the
question; ``no_answer``, where some texts hold none, always says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.evaluation import squad
from core.evaluation.types import Baseline
from core.said import said

WORDS = (
    Baseline(
        "first_words",
        said("The first words"),
        said("Gives the beginning of the text, as many words as the answers of the training examples have."),
    ),
    Baseline(
        "nearest_sentence",
        said("The nearest sentence"),
        said("Gives the sentence of the text that shares most words with the question; rare words count for more."),
    ),
    Baseline("no_answer", said("Always no answer"), said("Says of every question that its text holds no answer.")),
)

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
_WORD = re.compile(r"\w+")


def squad_baselines(train: Any, test: Any, answers: Sequence[str], with_silence: bool) -> dict[str, dict[str, Any]]:
    """Each baseline, judged on ``test``: ``{name: the form of squad.judge}``, with ``title``, ``help`` and
    ``comparison`` with the model's ``answers``. ``with_silence``: some questions have no answer in their text.
    """
    questions, contexts = test["question"].to_pylist(), test["context"].to_pylist()
    golds = test["answers"].to_pylist()
    length = _usual_length(train)
    given = {
        "first_words": [first_words(context, length) for context in contexts],
        "nearest_sentence": nearest_sentences(questions, contexts),
    }
    if with_silence:
        given["no_answer"] = [""] * len(golds)
    words = {baseline.name: baseline for baseline in WORDS}
    return {
        name: {
            **squad.judge(theirs, golds),
            "title": words[name].label,
            "help": words[name].help,
            "comparison": squad.paired(answers, theirs, golds),
        }
        for name, theirs in given.items()
    }


def _usual_length(train: Any) -> int:
    """The mean number of words of an answer, at least one."""
    lengths = [len(texts[0].split()) for texts in train["answers"].to_pylist() if texts]
    return max(1, round(sum(lengths) / max(1, len(lengths))))


def first_words(context: str, count: int) -> str:
    """The first words of a text."""
    return " ".join(context.split()[:count])


def nearest_sentences(questions: Sequence[str], contexts: Sequence[str]) -> list[str]:
    """Of each text the sentence that shares most words with its question; words weigh less that are in many texts."""
    different = list(dict.fromkeys(contexts))
    spread = Counter(word for context in different for word in _words(context))
    sentences = {context: _sentences(context) for context in different}
    found = []
    for question, context in zip(questions, contexts, strict=True):
        asked = _words(question)
        scores = [sum(1 / spread[word] for word in asked & words) for _, words in sentences[context]]
        found.append(sentences[context][scores.index(max(scores))][0] if scores else "")
    return found


def _sentences(context: str) -> list[tuple[str, set[str]]]:
    pieces = (piece.strip() for piece in _SENTENCE_END.split(context))
    return [(piece, _words(piece)) for piece in pieces if piece]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
