"""The judged rows of a model that finds answers in texts: how near each answer comes, and what was asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.evaluation import squad

NOTHING = "(no answer)"
OTHER = "another word"
KINDS = 12
"""First words of questions that are told apart at most, where they are none of ``_ENGLISH``."""
FEWEST_OF_A_KIND = 3
_ENGLISH = ("who", "what", "which", "when", "where", "why", "how")
_SAME = {"whom": "who", "whose": "who"}
_WORD = re.compile(r"\w+")


def kept(outputs: Any, examples: Any, context: Any, task: Any) -> dict[str, Any]:
    """A ``Task.kept``; see ``columns``."""
    return columns(task.answers(outputs, context), examples)


def columns(records: Sequence[Any], examples: Any) -> dict[str, Any]:
    """Beside ``truth`` (all right answers) and ``answer``: ``error`` (1 less ``f1``), ``f1``, ``exact`` (1 or 0),
    ``probability`` of the answer, ``start`` and ``end`` of it in the text, ``asks`` (see ``kinds_of``), ``answerable``
    (whether the text holds an answer), ``silent`` (whether none was given), ``answer_words`` (of the shortest right
    answer; 0 without one) and ``context_words``.
    """
    import pyarrow as pa

    golds = examples["answers"].to_pylist()
    said = [record["answer"] for record in records]
    scores = squad.row_scores(said, golds) if golds else {"f1": [], "exact_match": []}
    text, number, count, yes = pa.large_string(), pa.float64(), pa.int64(), pa.bool_()
    return {
        "truth": pa.array([" | ".join(dict.fromkeys(texts)) or NOTHING for texts in golds], text),
        "answer": pa.array([answer or NOTHING for answer in said], text),
        "error": pa.array([1 - float(f1) for f1 in scores["f1"]], number),
        "f1": pa.array(scores["f1"], number),
        "exact": pa.array([int(one) for one in scores["exact_match"]], count),
        "probability": pa.array([record["score"] for record in records], number),
        "start": pa.array([record["start"] for record in records], count),
        "end": pa.array([record["end"] for record in records], count),
        "asks": pa.array(kinds_of(examples["question"].to_pylist()), text),
        "answerable": pa.array([bool(texts) for texts in golds], yes),
        "silent": pa.array([not answer for answer in said], yes),
        "answer_words": pa.array(answer_words(golds), count),
        "context_words": pa.array([words_of(one) for one in examples["context"].to_pylist()], count),
    }


def kinds_of(questions: Sequence[str]) -> list[str]:
    """What each question begins to ask with: its English question word, wherever it stands; else its first word, if
    that is one of the commonest; else ``OTHER``.
    """
    asked = [_asked_with(question) for question in questions]
    times = Counter(word for word, _ in asked)
    common = sorted((word for word in times if word), key=lambda word: (-times[word], word))[:KINDS]
    enough = {word for word in common if times[word] >= FEWEST_OF_A_KIND}
    return [word if is_english or word in enough else OTHER for word, is_english in asked]


def _asked_with(question: str) -> tuple[str, bool]:
    """(the word, whether it is an English question word)."""
    words = [word.casefold() for word in _WORD.findall(question)]
    for word in words:
        if (known := _SAME.get(word, word)) in _ENGLISH:
            return known, True
    return (words[0] if words else ""), False


def answer_words(golds: Sequence[Sequence[str]]) -> list[int]:
    """Words of the shortest right answer of each row; 0 where the text holds none."""
    return [min((words_of(text) for text in texts), default=0) for texts in golds]


def words_of(text: str) -> int:
    """How many words a text has: what blanks set apart."""
    return len(text.split())
