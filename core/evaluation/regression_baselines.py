"""What scores are worth: simple ways to give a number, judged on the same rows as the model.

``mean`` gives the mean, whatever the text; ``tfidf_ridge`` counts words; ``word_overlap``, for pairs, counts the words
that both texts share. None of them knows what a word means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation import regression
from core.evaluation.baselines import joined, longest, sampled, units
from core.evaluation.types import Baseline
from core.said import said

WORDS = (
    Baseline(
        "mean", said("Always the mean"), said("Gives the mean score of the training examples, whatever the text says.")
    ),
    Baseline(
        "tfidf_ridge",
        said("Word counting"),
        said(
            "TF-IDF and ridge regression: weighs which words and word pairs occur, and knows nothing of their meaning."
        ),
    ),
    Baseline(
        "word_overlap",
        said("Shared words"),
        said("Counts the words that both texts share, and turns their share into a score by a straight line."),
    ),
)

_FEATURES = 50_000
_ITERATIONS = 200


def regression_baselines(train: Any, test: Any, texts: Sequence[str], answers: Any) -> dict[str, dict[str, Any]]:
    """Each baseline, judged on ``test``: ``{name: the form of regression.judge}``, with ``title``, ``help``, ``note``
    (how it learned, where that needs saying) and ``comparison`` with the model's ``answers``.

    ``train`` and ``test`` are ``pyarrow.Table``s with the columns ``texts`` and ``score``. Time and memory are bounded.
    """
    import numpy as np

    sample, note = sampled(train)
    references = test["score"].to_numpy()
    given = {
        "mean": np.full(test.num_rows, train["score"].to_numpy().mean()),
        "tfidf_ridge": _word_counting(sample, test, texts),
    }
    if len(texts) == 2:
        given["word_overlap"] = _word_overlap(sample, test, texts)
    words = {baseline.name: baseline for baseline in WORDS}
    return {
        name: {
            **regression.judge(numbers, references),
            "title": words[name].label,
            "help": words[name].help,
            "note": "" if name == "mean" else note,
            "comparison": regression.paired(answers, numbers, references),
        }
        for name, numbers in given.items()
    }


def _word_counting(sample: Any, test: Any, texts: Sequence[str]) -> Any:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge

    known, asked = joined(sample, texts, longest(sample)), joined(test, texts, longest(sample))
    scores = sample["score"].to_numpy()
    words = TfidfVectorizer(sublinear_tf=True, max_features=_FEATURES, **units(known))
    # Centred first: the solver for large tables would otherwise have to find the mean by many small steps.
    model = Ridge(alpha=1.0, solver="sparse_cg", max_iter=_ITERATIONS, tol=1e-3, fit_intercept=False)
    model.fit(words.fit_transform(known), scores - scores.mean())
    return np.asarray(model.predict(words.transform(asked)) + scores.mean())


def _word_overlap(sample: Any, test: Any, texts: Sequence[str]) -> Any:
    """A straight line through share of common words and score, of the training examples."""
    import numpy as np

    known, asked = _overlaps(sample, texts), _overlaps(test, texts)
    scores = sample["score"].to_numpy()
    spread = known.var()
    slope = ((known - known.mean()) * (scores - scores.mean())).mean() / spread if spread > 0 else 0.0
    return scores.mean() + slope * (np.asarray(asked) - known.mean())


def _overlaps(table: Any, texts: Sequence[str]) -> Any:
    """Common words of both texts as a share of all their words, a row."""
    import re

    import numpy as np

    one, other = (
        [set(re.findall(r"\w+", text.casefold())) for text in joined(table, [name], longest(table))] for name in texts
    )
    return np.array([len(a & b) / max(1, len(a | b)) for a, b in zip(one, other, strict=True)])
