"""The judged rows of a model that sorts into classes or gives labels: how sure it was of everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.tasks.base import Context

MOST_NUMBERS = 30_000_000
"""Probabilities of all rows together, beyond which only that of the answer is kept: 240 MB."""


def one_class(logits: Any, examples: Any, context: Context, task: Any) -> dict[str, Any]:
    """A ``Task.kept`` for one class a row; see ``of_classes``."""
    from core.evaluation.classification import class_numbers, probabilities

    references = class_numbers(examples["label"].to_pylist(), context.target)
    return of_classes(probabilities(logits), references, context.target.labels)


def several_labels(logits: Any, examples: Any, context: Context, task: Any) -> dict[str, Any]:
    """A ``Task.kept`` for any number of labels a row, with the thresholds that were learned; see ``of_labels``."""
    import numpy as np
    from scipy.special import expit

    from core.data.several_labels import members_of
    from core.evaluation import multilabel

    chances = expit(np.asarray(logits, dtype=float))
    answers = multilabel.decide(chances, context.learned.get("thresholds") or multilabel.THRESHOLD)
    return of_labels(chances, members_of(examples["labels"], context.target), answers, context.target.labels)


def of_classes(chances: Any, references: Any, labels: Sequence[str]) -> dict[str, Any]:
    """``truth`` and ``answer``, ``error`` (0 or 1), ``probability`` of the answer, ``probabilities`` of all classes,
    and ``loss``, the negative log likelihood of the truth.

    ``chances`` are of shape (rows, classes), ``references`` class numbers of shape (rows,).
    """
    import numpy as np
    import pyarrow as pa

    rows, answers = np.arange(len(references)), chances.argmax(-1)
    names = pa.array(labels, pa.large_string())
    return {
        "truth": names.take(pa.array(references)),
        "answer": names.take(pa.array(answers)),
        "error": (answers != references).astype(float),
        "probability": chances[rows, answers],
        **_all(chances),
        "loss": -np.log(_certain(chances[rows, references])),
    }


def of_labels(chances: Any, truth: Any, answers: Any, labels: Sequence[str]) -> dict[str, Any]:
    """The same of any number of labels a row: ``error`` is the share of the labels that are wrong, ``wrong`` lists
    these; ``probability`` and ``loss`` are of all decisions of a row together, as if they had nothing to do with each
    other. All of shape (rows, labels), ``truth`` and ``answers`` booleans.
    """
    import numpy as np

    taken = np.where(answers, chances, 1 - chances)
    missing = -np.log(_certain(np.where(truth, chances, 1 - chances)))
    return {
        "truth": [", ".join(row) for row in _names(truth, labels)],
        "answer": [", ".join(row) for row in _names(answers, labels)],
        "error": (truth != answers).mean(1) if truth.size else np.zeros(len(truth)),
        "wrong": _listed(_names(truth != answers, labels)),
        "probability": taken.prod(1),
        **_all(chances),
        "loss": missing.sum(1),
    }


def _certain(chances: Any) -> Any:
    """Never quite impossible: as scikit-learn's log loss has it."""
    import numpy as np

    return np.clip(chances, np.finfo(float).eps, 1)


def _names(members: Any, labels: Sequence[str]) -> list[list[str]]:
    import numpy as np

    found: list[list[str]] = [[] for _ in range(len(members))]
    for row, label in zip(*(places.tolist() for places in np.nonzero(members)), strict=True):
        found[row].append(labels[label])
    return found


def _listed(names: list[list[str]]) -> Any:
    import pyarrow as pa

    return pa.array(names, pa.large_list(pa.large_string()))


def _all(chances: Any) -> dict[str, Any]:
    """As lists of doubles, a row each."""
    import numpy as np
    import pyarrow as pa

    if chances.size > MOST_NUMBERS:
        return {}
    ends = np.arange(len(chances) + 1, dtype=np.int64) * chances.shape[1]
    flat = np.ascontiguousarray(chances, dtype=float).ravel()
    return {"probabilities": pa.LargeListArray.from_arrays(pa.array(ends), pa.array(flat))}
