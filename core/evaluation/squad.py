"""Judging answers that are a piece of a text, as the official SQuAD scripts do: exact match, and F1 of their words.

An answer is a string, ``""`` says that the text holds none. A row has several answers that count as right, or none at
all where the text really holds no answer. Scores are shares from 0 to 1; the official scripts write them times 100.

Source: ``evaluate-v1.1.py`` and ``evaluate-v2.0.py`` of https://rajpurkar.github.io/SQuAD-explorer. They differ where
an answer is nothing but articles and punctuation: version 1.1 gives it no F1, version 2.0 takes it for no answer. The
first is used where every row has an answer, the second where some have none.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.evaluation import intervals, resampling
from core.evaluation.types import Metrics, MetricWords

WORDS = (
    MetricWords(
        "f1",
        "F1",
        "How many words the answer shares with the true one, too many and too few both counting against it: the "
        "average over the questions.",
    ),
    MetricWords(
        "exact_match",
        "Exact match",
        "The share of answers that are the true one to the letter, but for case, punctuation and a, an, the.",
    ),
)
NO_ANSWER_WORDS = (
    MetricWords("has_answer_f1", "F1 with an answer", "The F1 of the questions whose text holds the answer."),
    MetricWords(
        "has_answer_exact_match",
        "Exact match with an answer",
        "The exact matches among the questions whose text holds the answer.",
    ),
    MetricWords(
        "no_answer_accuracy",
        "Silent when it should be",
        "The share of questions without an answer in their text that were left without one.",
    ),
)
"""Beside ``WORDS``, for tables in which some questions have no answer."""

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize_answer(text: str) -> str:
    """Lower case, without ASCII punctuation and the English articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, gold: str) -> float:
    """1.0 where both are the same once normalized, else 0.0."""
    return float(normalize_answer(answer) == normalize_answer(gold))


def word_f1(answer: str, gold: str, nothing_equals_nothing: bool = True) -> float:
    """The F1 of the words of both, once normalized.

    Where one of them has no words, it is 1.0 if neither has; version 1.1 of the script gives 0.0 then.
    """
    given, true = normalize_answer(answer).split(), normalize_answer(gold).split()
    if not given or not true:
        return float(nothing_equals_nothing and given == true)
    common = sum((Counter(given) & Counter(true)).values())
    if not common:
        return 0.0
    precision, recall = common / len(given), common / len(true)
    return 2 * precision * recall / (precision + recall)


def row_scores(answers: Sequence[str], golds: Sequence[Sequence[str]]) -> dict[str, Any]:
    """``exact_match`` and ``f1`` of each row, arrays of shape (rows,): the best over the row's right answers."""
    import numpy as np

    unanswerable = any(not texts for texts in golds)
    exact, f1 = np.zeros(len(golds)), np.zeros(len(golds))
    for row, (answer, texts) in enumerate(zip(answers, golds, strict=True)):
        if unanswerable:
            texts = [text for text in texts if normalize_answer(text)] or [""]
        exact[row] = max(exact_match(answer, text) for text in texts)
        f1[row] = max(word_f1(answer, text, nothing_equals_nothing=unanswerable) for text in texts)
    return {"exact_match": exact, "f1": f1}


def live_metrics(answers: Sequence[str], golds: Sequence[Sequence[str]]) -> Metrics:
    """The metrics of ``WORDS`` for one evaluation, and those of ``NO_ANSWER_WORDS`` where some rows have no answer.

    What there is no row for is left out.
    """
    import numpy as np

    if not len(golds):
        return {}
    scores = row_scores(answers, golds)
    found = {name: float(values.mean()) for name, values in scores.items()}
    answerable = np.array([bool(texts) for texts in golds])
    if answerable.all():
        return found
    found["no_answer_accuracy"] = float(scores["exact_match"][~answerable].mean())
    if answerable.any():
        found |= {f"has_answer_{name}": float(values[answerable].mean()) for name, values in scores.items()}
    return found


def judge(answers: Sequence[str], golds: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Everything a report holds on one split: ``rows``, ``unanswerable`` (rows without an answer), the metrics of
    ``live_metrics``, and ``intervals`` (of exact_match and f1)."""
    if not len(golds):
        return {"rows": 0, "unanswerable": 0, "intervals": {}}
    scores = row_scores(answers, golds)
    exact = int(scores["exact_match"].sum())
    return {
        "rows": len(golds),
        "unanswerable": sum(not texts for texts in golds),
        **live_metrics(answers, golds),
        "intervals": {
            "exact_match": list(intervals.wilson(exact, len(golds))),
            "f1": list(_mean_interval(scores["f1"])),
        },
    }


def paired(answers: Sequence[str], other: Sequence[str], golds: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Whether the F1 differs from another answerer's on the same rows; see ``resampling.paired``."""
    mine, theirs = (resampling.counted(row_scores(given, golds)["f1"]) for given in (answers, other))
    return resampling.paired(mine, theirs, resampling.mean)


def best_threshold(answers: Sequence[str], no_answer: Any, golds: Sequence[Sequence[str]]) -> tuple[float, float]:
    """(threshold, F1 with it): above which ``no_answer`` it is best to say nothing.

    ``answers`` are the best ones that are not empty, ``no_answer`` of shape (rows,) is larger where it is likelier that
    the text holds none: a probability, or the score of no answer less that of the answer. As in the official script,
    the threshold is a value that occurs: a row keeps its answer where its own is not above it. Where it is best to
    give no answer at all, it lies just below all of them.
    """
    import numpy as np

    chances = np.asarray(no_answer, dtype=float)
    if not len(chances):
        return 0.0, 0.0
    silent = np.array([not texts for texts in golds], dtype=float)
    spoken = np.array([bool(answer) for answer in answers], dtype=float)
    gain = np.where(silent, -spoken, row_scores(answers, golds)["f1"])
    order = np.argsort(chances, kind="stable")
    totals = silent.sum() + np.cumsum(gain[order])
    # Rows with the same value keep or lose their answers together.
    ends = np.flatnonzero(np.append(np.diff(chances[order]) > 0, True))
    best = ends[int(totals[ends].argmax())]
    if totals[best] <= silent.sum():
        lowest = float(chances.min())
        return float(np.nextafter(lowest, -np.inf)), float(silent.mean())
    return float(chances[order][best]), float(totals[best] / len(chances))


def _mean_interval(values: Any) -> tuple[float, float]:
    """By drawing rows. Where all are wholly right, or wholly wrong, that shows no spread: then Wilson's."""
    rows = len(values)
    if values.min() == values.max() and values[0] in (0, 1):
        return intervals.wilson(rows if values[0] else 0, rows)
    return resampling.interval(resampling.counted(values), resampling.mean) or (0.0, 1.0)
