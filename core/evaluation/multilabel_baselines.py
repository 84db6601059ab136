"""Simple ways to give any number of labels, judged on the same rows as the model.

``common_labels`` always gives the most common ones; ``tfidf_one_vs_rest`` counts words, label by label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation import multilabel
from core.evaluation.baselines import TRAIN_ROWS, joined, longest, units
from core.evaluation.types import Baseline
from core.said import said

BASELINES = (
    Baseline(
        "common_labels",
        said("Always the most common labels"),
        said(
            "Gives the same labels whatever the text says: as many of the most common ones as do best on "
            "the training examples."
        ),
    ),
    Baseline(
        "tfidf_one_vs_rest",
        said("Word counting"),
        said(
            "TF-IDF and one logistic regression a label: weighs which words and word pairs occur, and "
            "knows nothing of their meaning."
        ),
    ),
)

_DECISIONS = 2_000_000
"""Rows times labels that are learned from, at most."""
_WORDS = 50_000
_WEIGHTS = 3_000_000
"""Words times labels, at most."""
_HELD_OUT = 0.15
"""Of the training rows, to choose thresholds on: the model's own are chosen on rows it did not learn from, too."""


def baselines(
    train: Any,
    learned: Any,
    test: Any,
    references: Any,
    labels: Sequence[str],
    texts: Sequence[str],
    decisions: Any = None,
) -> dict[str, dict[str, Any]]:
    """Both, judged on ``test``: name -> the form of ``multilabel.judge`` with ``title``, ``help``, ``note`` and, where
    the model's ``decisions`` on ``test`` are given, ``comparison`` (see ``multilabel.paired``).

    ``train`` and ``test`` are ``pyarrow.Table``s with the columns ``texts``; ``learned`` and ``references`` are their
    labels, booleans of shape (rows, labels).
    """
    import numpy as np

    shares, common = _common_labels(learned)
    chances: dict[str, tuple[Any, Any]] = {"common_labels": (np.tile(shares, (test.num_rows, 1)), common)}
    places = _sampled(len(learned), len(labels))
    chances["tfidf_one_vs_rest"] = _word_counting(train.take(places), learned[places], test, texts)
    notes = {}
    if len(places) < len(learned):
        notes["tfidf_one_vs_rest"] = f"It learned from {len(places):,} of the {len(learned):,} training examples."
    found: dict[str, dict[str, Any]] = {}
    for words in BASELINES:
        probabilities, thresholds = chances[words.name]
        found[words.name] = multilabel.judge(probabilities, references, labels, thresholds) | {
            "title": words.label,
            "help": words.help,
            "note": notes.get(words.name, ""),
        }
        if decisions is not None:
            other = multilabel.decide(probabilities, thresholds)
            found[words.name]["comparison"] = multilabel.paired(decisions, other, references)
    found["common_labels"]["answer"] = [label for label, share in zip(labels, shares, strict=True) if share >= common]
    return found


def _common_labels(learned: Any) -> tuple[Any, float]:
    """(the share of rows that has each label, the share from which on a label is always given)."""
    import numpy as np

    counts = learned.sum(0)
    order = np.sort(counts)[::-1]
    given = np.arange(1, len(order) + 1)
    f1 = 2 * np.cumsum(order) / (given * len(learned) + counts.sum())
    best = int(f1.argmax())
    return counts / len(learned), float(order[best] / len(learned))


def _sampled(rows: int, labels: int) -> Any:
    import numpy as np

    most = min(TRAIN_ROWS, max(1000, _DECISIONS // max(1, labels)))
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _word_counting(train: Any, learned: Any, test: Any, texts: Sequence[str]) -> tuple[Any, list[float]]:
    """(probabilities on the test rows, thresholds chosen on training rows that were held out for it)."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    read = joined(train, texts, longest(train))
    most = max(2000, min(_WORDS, _WEIGHTS // max(1, learned.shape[1])))
    words = TfidfVectorizer(sublinear_tf=True, max_features=most, **units(read))
    known, asked = words.fit_transform(read), words.transform(joined(test, texts, longest(train)))
    order = np.random.default_rng(0).permutation(len(learned))
    held = order[: int(_HELD_OUT * len(learned))]
    rest = order[len(held) :]
    thresholds = multilabel.tune_thresholds(_one_vs_rest(known[rest], learned[rest], known[held]), learned[held])
    return _one_vs_rest(known, learned, asked), thresholds


def _one_vs_rest(known: Any, learned: Any, asked: Any) -> Any:
    """The probability of each label, by a logistic regression of its own; a label that all or none have is constant."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    chances = np.tile(learned.mean(0), (asked.shape[0], 1)).astype(float)
    for label in np.flatnonzero(learned.any(0) & ~learned.all(0)):
        model = LogisticRegression(C=10.0, tol=1e-2, solver="liblinear", random_state=0)
        chances[:, label] = model.fit(known, learned[:, label]).predict_proba(asked)[:, 1]
    return chances
