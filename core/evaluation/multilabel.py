"""Judging answers that are any number of labels: scores, thresholds, and their uncertainty.

Probabilities are of shape (rows, labels), references are 0 or 1 of the same shape, labels in the order of
``Target.labels``. A label is answered where its probability reaches its threshold. Every score but the average
precisions is a formula of three counts: right answers, true labels, given answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation import intervals, ranking, resampling
from core.evaluation.types import Metrics, MetricWords

WORDS = (
    MetricWords(
        "f1_micro",
        "Micro F1",
        "Precision and recall in one number, every label that was given or should have been counted once.",
    ),
    MetricWords(
        "f1_macro",
        "Macro F1",
        "Precision and recall in one number: the average over the labels, so that a rare label counts as much as a "
        "common one.",
    ),
    MetricWords(
        "f1_samples",
        "F1 by example",
        "How well the labels given to an example agree with its true ones: the average over the examples.",
    ),
    MetricWords("precision_micro", "Precision", "When it gives a label, how often that is right."),
    MetricWords("recall_micro", "Recall", "How many of the true labels it finds."),
    MetricWords(
        "average_precision",
        "Average precision",
        "With the examples sorted by the probability of a label, how pure the upper part of the list is, whatever the "
        "thresholds: the average over the labels.",
    ),
    MetricWords(
        "average_precision_micro",
        "Average precision, all in one",
        "The same with all pairs of an example and a label in one list, sorted by their probability.",
    ),
    MetricWords("subset_accuracy", "All labels right", "The share of examples whose labels are all right, none amiss."),
    MetricWords(
        "hamming",
        "Hamming loss",
        "The share of wrong decisions among all, where each example asks for one decision a label.",
        greater_is_better=False,
    ),
)

THRESHOLD = 0.5
FEW_POSITIVES = 5
"""With fewer examples than these a threshold of its own would be a matter of luck."""


def decide(probabilities: Any, thresholds: Any = THRESHOLD) -> Any:
    """Which labels are answered, as booleans of shape (rows, labels). ``thresholds``: one for all, or one a label."""
    import numpy as np

    return np.asarray(probabilities, dtype=float) >= np.asarray(thresholds, dtype=float)


def tune_thresholds(probabilities: Any, references: Any) -> list[float]:
    """The threshold of each label, chosen by F1 on these (validation) rows.

    First the one that is best for all labels together. A label leaves it only for one that is better by more than
    chance makes of a few rows, and goes no farther than that asks for: the very best of a label is often luck, and does
    worse on other rows than the common one. With fewer than ``FEW_POSITIVES`` true rows a label keeps the common one;
    where even all labels together have fewer, it is a half.

    Source: the one-standard-error rule of Breiman et al. (1984), "Classification and Regression Trees", chapter 3.
    """
    import numpy as np

    chances, truth = _arrays(probabilities, references)
    if truth.sum() < FEW_POSITIVES:
        return [THRESHOLD] * truth.shape[1]
    midway, f1 = _curve(chances.ravel(), truth.ravel())
    best = midway[f1 >= f1.max() - 1e-12]
    common = float(best[np.argmin(np.abs(best - THRESHOLD))])
    return [
        _near(common, chances[:, label], truth[:, label]) if truth[:, label].sum() >= FEW_POSITIVES else common
        for label in range(truth.shape[1])
    ]


def _near(common: float, chances: Any, truth: Any) -> float:
    """Of the thresholds whose F1 is within a standard error of the best, the one nearest to ``common``."""
    import numpy as np

    midway, f1 = _curve(chances, truth)
    best = float(f1.max())
    answers = chances >= common
    if _f1((truth & answers).sum(), truth.sum(), answers.sum()) >= best - _error(best, truth):
        return common
    good = midway[f1 >= best - _error(best, truth)]
    return float(good[np.argmin(np.abs(good - common))])


def _error(f1: float, truth: Any) -> float:
    """The standard error of an F1, taken for a share of the true rows, and a hair for rounding."""
    return float((f1 * (1 - f1) / truth.sum()) ** 0.5 + 1e-12)


def _curve(chances: Any, truth: Any) -> tuple[Any, Any]:
    """(thresholds midway between the probabilities that occur, the F1 of each) of one label, with a true row."""
    import numpy as np

    order = np.argsort(-chances, kind="stable")
    ordered, right = chances[order], np.cumsum(truth[order])
    ends = np.flatnonzero(np.append(np.diff(ordered) < 0, True))
    below = np.append(ordered[ends[1:]], 0.0)
    return (ordered[ends] + below) / 2, 2 * right[ends] / (ends + 1 + truth.sum())


def live_metrics(probabilities: Any, references: Any, thresholds: Any = THRESHOLD) -> Metrics:
    """The metrics of ``WORDS`` for one evaluation, those that are defined; no number counts as no answer."""
    import numpy as np

    chances, truth = _arrays(np.nan_to_num(np.asarray(probabilities, dtype=float)), references)
    answers = decide(chances, thresholds)
    right, true, given = (truth & answers).sum(0), truth.sum(0), answers.sum(0)
    rows = _f1((truth & answers).sum(1), truth.sum(1), answers.sum(1), nothing=1.0)
    occurs = true + given > 0
    found = {
        "f1_micro": float(_f1(right.sum(), true.sum(), given.sum())),
        "f1_macro": float(_f1(right, true, given)[occurs].mean()) if occurs.any() else 0.0,
        "f1_samples": float(rows.mean()) if len(rows) else 0.0,
        "precision_micro": float(resampling.ratio(right.sum(), given.sum())),
        "recall_micro": float(resampling.ratio(right.sum(), true.sum())),
        "subset_accuracy": float(resampling.ratio((truth == answers).all(1).sum(), len(truth))),
        "hamming": float(resampling.ratio((truth != answers).sum(), truth.size)),
    }
    if true.any():
        each = ranking.per_column("average_precision_score", truth, chances)
        flat = ranking.per_column("average_precision_score", truth.reshape(-1, 1), chances.reshape(-1, 1))
        found["average_precision"], found["average_precision_micro"] = ranking.mean_of_defined(each), float(flat[0])
    return found


def live_f1(probabilities: Any, references: Any, labels: Sequence[str], thresholds: Any = THRESHOLD) -> Metrics:
    """The F1 of each label that these rows have."""
    import numpy as np

    chances, truth = _arrays(np.nan_to_num(np.asarray(probabilities, dtype=float)), references)
    answers = decide(chances, thresholds)
    f1 = _f1((truth & answers).sum(0), truth.sum(0), answers.sum(0)).tolist()
    return {label: f1[place] for place, label in enumerate(labels) if truth[:, place].any()}


def judge(probabilities: Any, references: Any, labels: Sequence[str], thresholds: Any = THRESHOLD) -> dict[str, Any]:
    """Everything a report holds on one split.

    ``rows``, the metrics of ``WORDS`` (those that are defined), ``per_class`` ({label: precision, recall, f1,
    average_precision or None, support, threshold, wrong (how many rows)}), ``intervals`` (of f1_micro, f1_macro and
    subset_accuracy) and ``answered`` (how many different labels were answered).
    Raises ``TrainingError`` where the model gave no number.
    """
    from core.evaluation.classification import require_numbers

    require_numbers(probabilities)
    chances, truth = _arrays(probabilities, references)
    answers = decide(chances, thresholds)
    return {
        "rows": len(truth),
        **live_metrics(chances, truth, thresholds),
        "per_class": _per_label(chances, truth, answers, labels, thresholds),
        "intervals": _intervals(answers, truth),
        "answered": int(answers.any(0).sum()),
    }


def _per_label(chances: Any, truth: Any, answers: Any, labels: Sequence[str], thresholds: Any) -> dict[str, Any]:
    import numpy as np

    right, true, given = (truth & answers).sum(0), truth.sum(0), answers.sum(0)
    columns = {
        "precision": resampling.ratio(right, given),
        "recall": resampling.ratio(right, true),
        "f1": _f1(right, true, given),
        "average_precision": ranking.per_column("average_precision_score", truth, chances),
        "threshold": np.broadcast_to(np.asarray(thresholds, dtype=float), len(labels)),
    }
    return {
        label: {name: None if np.isnan(values[place]) else float(values[place]) for name, values in columns.items()}
        | {"support": int(true[place]), "wrong": int(true[place] + given[place] - 2 * right[place])}
        for place, label in enumerate(labels)
    }


def paired(decisions: Any, other: Any, references: Any) -> dict[str, Any]:
    """Whether the model's decisions (booleans of shape (rows, labels)) have another micro F1 than another answerer's
    on the same rows; see ``resampling.paired``."""
    import numpy as np

    truth = np.asarray(references, dtype=bool)
    mine, theirs = (_counts(np.asarray(answers, dtype=bool), truth) for answers in (decisions, other))
    return resampling.paired(mine, theirs, _f1_micro)


def _intervals(answers: Any, truth: Any) -> dict[str, list[float] | None]:
    """Of micro and macro F1 by drawing rows. Where all is right, or nothing, that shows no spread: then by rows."""
    from scipy import sparse

    rows, whole = len(truth), int((answers == truth).all(1).sum())
    found = {"subset_accuracy": list(intervals.wilson(whole, rows))}
    if not (answers & truth).any() or whole == rows:
        ends = list(intervals.wilson(rows if whole == rows else 0, rows))
        return {"f1_micro": ends, "f1_macro": ends, **found}
    right, either = sparse.csr_array((answers & truth).astype(float)), sparse.csr_array(answers.astype(float) + truth)
    size = truth.shape[1]

    def f1_macro(sums: Any) -> Any:
        return intervals.f1_macro_of_sums(sums[..., :size], sums[..., size:])

    of_each = resampling.interval(sparse.hstack([right, either], format="csr"), f1_macro)
    of_all = resampling.interval(_counts(answers, truth), _f1_micro)
    return {"f1_micro": _listed(of_all), "f1_macro": _listed(of_each), **found}


def _listed(ends: tuple[float, float] | None) -> list[float] | None:
    return list(ends) if ends else None


def _counts(answers: Any, truth: Any) -> Any:
    """What each row adds to micro F1: (right answers, true labels and given answers)."""
    import numpy as np

    return np.stack([(answers & truth).sum(1), answers.sum(1) + truth.sum(1)], axis=1).astype(float)


def _f1_micro(sums: Any) -> Any:
    return resampling.ratio(2 * sums[..., 0], sums[..., 1])


def _f1(right: Any, true: Any, given: Any, nothing: float = 0.0) -> Any:
    """F1 from counts; ``nothing`` where there is neither a true label nor an answer."""
    import numpy as np

    either = np.asarray(true) + np.asarray(given)
    return np.where(either > 0, resampling.ratio(2 * np.asarray(right), either), nothing)


def _arrays(probabilities: Any, references: Any) -> tuple[Any, Any]:
    import numpy as np

    return np.asarray(probabilities, dtype=float), np.asarray(references).astype(bool)
