"""What a score is worth: simple ways to answer, judged on the same rows as the model.

``most_frequent`` always answers the most common class; ``tfidf_logistic_regression`` counts words and knows nothing of
language; ``zero_shot`` is the model to start from before any training, where it can answer. A model that does not beat
them has learned nothing worth its time.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.data.types import Target
from core.evaluation import intervals, zero_shot
from core.evaluation.classification import class_numbers, judge
from core.evaluation.types import Baseline
from core.said import said

CLASSIFICATION = (
    Baseline(
        "most_frequent",
        said("Always the most common class"),
        said("Answers the most common class of the training examples, whatever the text says."),
    ),
    Baseline(
        "tfidf_logistic_regression",
        said("Word counting"),
        said(
            "TF-IDF and logistic regression: weighs which words and word pairs occur, and knows nothing "
            "of their meaning."
        ),
    ),
    zero_shot.WORDS,
)

TRAIN_ROWS = 20_000
_CHARACTERS = 10_000_000
"""Read at most, all texts together."""
_WEIGHTS = 1_500_000
"""Words times classes, at most: with ``_ITERATIONS`` this keeps the largest tables to about a quarter of a minute."""
_ITERATIONS = 120
_LEAST = 1e-12


def classification_baselines(
    train: Any,
    test: Any,
    target: Target,
    texts: Sequence[str],
    names: Sequence[str],
    logits: Any = None,
    checkpoint: Path | None = None,
) -> dict[str, dict[str, Any]]:
    """All baselines, judged on ``test``: ``{name: the form of classification.judge}``, and beside it:

    ``note``, words on how it learned where that needs saying; ``answer``, the class that ``most_frequent`` gives; and
    ``comparison`` with the model (see ``intervals.paired``) where its ``logits`` on ``test`` are given.

    ``train`` and ``test`` are ``pyarrow.Table``s with the columns ``texts`` and ``label``. Time and memory are bounded:
    at most ``TRAIN_ROWS`` rows are learned from, drawn with a fixed seed. ``checkpoint`` is the folder of the model to
    start from; ``zero_shot`` is there where that model may answer.
    """
    import numpy as np

    sample, note = sampled(train)
    learned, references = class_numbers(sample["label"].to_pylist(), target), _classes(test, target)
    chances = {
        "most_frequent": _most_frequent(_classes(train, target), len(references), target),
        "tfidf_logistic_regression": _word_counting(sample, learned, test, target, texts),
    }
    found: dict[str, dict[str, Any]] = {}
    for name, probabilities in chances.items():
        found[name] = judge(np.log(np.maximum(probabilities, _LEAST)), references, target, names)
        found[name]["note"] = note if name == "tfidf_logistic_regression" else ""
        if logits is not None:
            model_right = np.asarray(logits).argmax(-1) == references
            found[name]["comparison"] = intervals.paired(model_right, probabilities.argmax(-1) == references)
    found["most_frequent"]["answer"] = target.labels[int(chances["most_frequent"][0].argmax())]
    if checkpoint is not None and test.num_rows and zero_shot.may_answer(checkpoint, target, texts):
        found[zero_shot.WORDS.name] = zero_shot.judged(checkpoint, test, target, texts, names, logits)
    return found


def _classes(table: Any, target: Target) -> Any:
    return class_numbers(table["label"].to_pylist(), target)


def sampled(train: Any) -> tuple[Any, str]:
    """(at most ``TRAIN_ROWS`` rows, drawn with a fixed seed; what is to be said of that)."""
    import numpy as np

    if train.num_rows <= TRAIN_ROWS:
        return train, ""
    chosen = np.random.default_rng(0).choice(train.num_rows, TRAIN_ROWS, replace=False)
    return train.take(np.sort(chosen)), f"It learned from {TRAIN_ROWS:,} of the {train.num_rows:,} training examples."


def _most_frequent(learned: Any, rows: int, target: Target) -> Any:
    """The shares of the classes among the training examples, the same for each of ``rows``."""
    import numpy as np
    from sklearn.dummy import DummyClassifier

    blank = np.zeros((len(learned), 1))
    model = DummyClassifier(strategy="prior").fit(blank, learned)
    return _all_classes(model.predict_proba(np.zeros((rows, 1))), model.classes_, target)


def _word_counting(sample: Any, learned: Any, test: Any, target: Target, texts: Sequence[str]) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    known, asked = joined(sample, texts, longest(sample)), joined(test, texts, longest(sample))
    if len(set(learned.tolist())) < 2:
        return _most_frequent(learned, len(asked), target)
    words = TfidfVectorizer(
        sublinear_tf=True,
        max_features=max(2000, min(50_000, _WEIGHTS // len(target.labels))),
        **units(known),
    )
    model = LogisticRegression(C=10.0, tol=1e-3, max_iter=_ITERATIONS)
    with warnings.catch_warnings():
        # On the largest tables the limit is reached a little before the optimum: the time is bounded on purpose.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(words.fit_transform(known), learned)
    return _all_classes(model.predict_proba(words.transform(asked)), model.classes_, target)


def longest(sample: Any) -> int:
    """Characters of a text that are read at most, so that all texts together stay bounded."""
    return max(500, _CHARACTERS // max(1, sample.num_rows))


def units(texts: Sequence[str]) -> dict[str, Any]:
    """Words and word pairs; characters where words are not set apart by spaces, as in Chinese or Thai."""
    characters = sum(len(text) for text in texts[:1000])
    spaced = sum(len(text.split()) for text in texts[:1000])
    if characters > 20 * spaced:
        return {"analyzer": "char", "ngram_range": (1, 3)}
    return {"ngram_range": (1, 2), "token_pattern": r"(?u)\w+|[^\w\s]"}


def joined(table: Any, texts: Sequence[str], length: int) -> list[str]:
    """The texts of each row as one, each cut at ``length`` characters, on lines of their own."""
    import pyarrow.compute as pc

    columns = [pc.utf8_slice_codeunits(table[name], 0, length).to_pylist() for name in texts]
    return ["\n".join(row) for row in zip(*columns, strict=True)]


def _all_classes(found: Any, classes: Any, target: Target) -> Any:
    """Spread probabilities of the classes that were learned over all classes, 0 for the others."""
    import numpy as np

    whole = np.zeros((len(found), len(target.labels)))
    whole[:, classes] = found
    return whole
