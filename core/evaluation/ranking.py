"""How well scores put the right ones first, whatever threshold is taken: one value a column, and their average."""

from __future__ import annotations

from typing import Any, Literal

Ranking = Literal["roc_auc_score", "average_precision_score"]
"""Functions of ``sklearn.metrics`` that compare scores of one thing with whether it is so."""


def per_column(function: Ranking, truth: Any, scores: Any, sample_weight: Any = None) -> Any:
    """The value of each column, of shape (columns,); NaN where it is not defined.

    ``truth`` is 0 or 1, ``scores`` anything that is larger where 1 is likelier, both of shape (rows, columns). A column
    without a single 1 has no value; ROC-AUC asks for a 0 too.
    """
    import numpy as np
    from sklearn import metrics

    truth, scores = np.asarray(truth, dtype=bool), np.asarray(scores, dtype=float)
    rows, (found, columns) = len(truth), (truth.sum(0), truth.shape[1])
    defined = (found > 0) & ((found < rows) | (function == "average_precision_score"))
    values = np.full(columns, np.nan)
    for column in np.flatnonzero(defined):
        values[column] = getattr(metrics, function)(truth[:, column], scores[:, column], sample_weight=sample_weight)
    return values


def one_against_rest(function: Ranking, references: Any, probabilities: Any, sample_weight: Any = None) -> float:
    """The average over the classes that ``references`` has, each against all others; NaN where none is defined.

    ``references`` are class numbers of shape (rows,), ``probabilities`` of shape (rows, classes). With three classes or
    more, all of them there, this is scikit-learn's ``multi_class="ovr", average="macro"``.
    """
    import numpy as np

    probabilities = np.asarray(probabilities, dtype=float)
    truth = np.asarray(references)[:, None] == np.arange(probabilities.shape[1])
    return mean_of_defined(per_column(function, truth, probabilities, sample_weight))


def mean_of_defined(values: Any) -> float:
    """The mean without NaN; NaN, and no warning, where nothing is left."""
    import numpy as np

    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")
