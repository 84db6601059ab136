"""Judging answers that are one class out of several: scores, their uncertainty, and the worst mistakes.

Logits are arrays of shape (rows, classes); class numbers follow ``Target.labels``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.data.types import Target
from core.errors import TrainingError
from core.evaluation import intervals, metrics
from core.evaluation.clipped import clipped
from core.evaluation.types import Metrics

MATRIX_CLASSES = 200
"""A confusion matrix of more classes is not written: nobody reads it, and it grows with the square."""
MISTAKES = 50
CONFUSIONS = 50


def probabilities(logits: Any) -> Any:
    """Softmax over the classes, in double precision. Raises ``TrainingError`` where the model gave no number."""
    import numpy as np
    from scipy.special import softmax

    require_numbers(logits)
    return softmax(np.asarray(logits, dtype=float), axis=-1)


def require_numbers(outputs: Any) -> None:
    """Raises ``TrainingError`` where a model's outputs are not all finite numbers."""
    import numpy as np

    if not np.isfinite(np.asarray(outputs, dtype=float)).all():
        raise TrainingError(
            "The model answers with something that is not a number.",
            "Its weights were ruined while it learned. Start again with a learning rate a tenth as big.",
        )


def live_metrics(logits: Any, references: Any, names: Iterable[str]) -> Metrics:
    """The named metrics of one evaluation. A model ruined by a bad step still gets its (poor) marks."""
    import numpy as np

    chances = _live_chances(logits)
    return metrics.compute(names, chances.argmax(-1), np.asarray(references), chances)


def live_f1(logits: Any, references: Any, target: Target) -> Metrics:
    """The F1 of each class that these rows have, by its label."""
    import numpy as np

    found = _per_class(np.asarray(references), _live_chances(logits).argmax(-1), target)
    return {label: line["f1"] for label, line in found.items() if line["support"]}


def _live_chances(logits: Any) -> Any:
    import numpy as np

    return probabilities(np.nan_to_num(np.asarray(logits, dtype=float), nan=0.0, posinf=1e30, neginf=-1e30))


def judge(logits: Any, references: Any, target: Target, names: Iterable[str]) -> dict[str, Any]:
    """Everything a report holds on one split.

    ``rows``, the named metrics (those that are defined), ``loss`` (log loss), ``per_class`` ({label: precision,
    recall, f1, support}), ``intervals`` (of accuracy and f1_macro), ``answered`` (how many different classes were
    answered), ``confusions`` (the most frequent mix-ups), and ``confusion_matrix`` ({labels, counts}, rows are truth),
    None above ``MATRIX_CLASSES``.
    """
    import numpy as np
    from sklearn.metrics import confusion_matrix, log_loss

    references = np.asarray(references, dtype=int)
    chances = probabilities(logits)
    answers = chances.argmax(-1)
    classes = list(range(len(target.labels)))
    counts = confusion_matrix(references, answers, labels=classes)
    right = int(np.trace(counts))
    return {
        "rows": len(references),
        **metrics.compute(names, answers, references, chances),
        "loss": float(log_loss(references, chances, labels=classes)),
        "per_class": _per_class(references, answers, target),
        "intervals": {
            "accuracy": list(intervals.wilson(right, len(references))),
            "f1_macro": list(intervals.bootstrap_f1_macro(counts)),
        },
        "answered": int((counts.sum(0) > 0).sum()),
        "confusions": _confusions(counts, target),
        "confusion_matrix": (
            {"labels": list(target.labels), "counts": counts.tolist()} if len(classes) <= MATRIX_CLASSES else None
        ),
    }


def _per_class(references: Any, answers: Any, target: Target) -> dict[str, dict[str, float]]:
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(references, answers, labels=range(len(target.labels)), zero_division=0)
    return {
        label: {"precision": float(precision), "recall": float(recall), "f1": float(f1), "support": int(support)}
        for label, precision, recall, f1, support in zip(target.labels, *columns, strict=True)
    }


def _confusions(counts: Any, target: Target) -> list[dict[str, Any]]:
    """Which class was taken for which, and how often, most frequent first."""
    import numpy as np

    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    truth, answer = np.nonzero(wrong)
    order = np.argsort(-wrong[truth, answer], kind="stable")[:CONFUSIONS]
    return [
        {
            "truth": target.labels[truth[place]],
            "answer": target.labels[answer[place]],
            "count": int(wrong[truth[place], answer[place]]),
        }
        for place in order
    ]


def mistakes(logits: Any, examples: Any, target: Target, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The wrong answers the model was surest of, at most ``MISTAKES``.

    ``examples`` is a ``pyarrow.Table`` with the columns ``texts``, ``label`` and ``row``. A record has the texts (cut
    to a readable length), ``truth``, ``answer``, ``probability`` of the answer, and ``row``, its number in the source.
    """
    import numpy as np

    chances = probabilities(logits)
    answers, references = chances.argmax(-1), class_numbers(examples["label"].to_pylist(), target)
    wrong = np.flatnonzero(answers != references)
    worst = wrong[np.argsort(-chances[wrong, answers[wrong]], kind="stable")][:MISTAKES]
    rows = examples.select([*texts, "row"]).take(worst).to_pylist()
    return [
        {
            **{name: clipped(record[name]) for name in texts},
            "truth": target.labels[references[place]],
            "answer": target.labels[answers[place]],
            "probability": float(chances[place, answers[place]]),
            "row": record["row"],
        }
        for place, record in zip(worst, rows, strict=True)
    ]


def answers(logits: Any, target: Target) -> list[dict[str, Any]]:
    """One record a row: ``{"label", "probability", "scores": {label: probability}}``, most likely first."""
    import numpy as np

    chances = probabilities(logits)
    order = np.argsort(-chances, axis=-1, kind="stable")
    records = []
    for row, places in zip(chances.tolist(), order.tolist(), strict=True):
        scores = {target.labels[place]: row[place] for place in places}
        best = target.labels[places[0]]
        records.append({"label": best, "probability": scores[best], "scores": scores})
    return records


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """New columns for a table given back: the class, and how sure the model was of it."""
    return {
        "prediction": [record["label"] for record in found],
        "probability": [round(record["probability"], 6) for record in found],
    }


def class_numbers(labels: Iterable[str], target: Target) -> Any:
    """The class number of each label, as an integer array of shape (rows,). Raises ``KeyError`` for a strange one."""
    import numpy as np

    number = {label: place for place, label in enumerate(target.labels)}
    return np.fromiter((number[label] for label in labels), dtype=np.int64)
