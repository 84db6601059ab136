"""Probabilities of each row's classes, by models that did not learn from that row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FOLDS = 5
DENSE, SPARSE = 0.01, 5.0
"""How freely a view may be learned from: ``C`` of the logistic regression, on scaled vectors and on counted words."""
STEPS = 300

Advance = Callable[[], None]


def folds(codes: np.ndarray, keys: np.ndarray, seed: int) -> np.ndarray:
    """The number of the fold of each row, from 0: each class in all folds alike, rows with one key in the same.

    ``codes`` are the groups that are shared out evenly.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    kinds = codes[first]
    # Those that are too few for all folds are shared out together; sklearn would warn of each.
    few = np.bincount(kinds)[kinds] < FOLDS
    kinds = np.where(few, kinds.max() + 1, kinds)
    if 0 < few.sum() < FOLDS:
        kinds = np.where(few, np.bincount(kinds[~few]).argmax() if (~few).any() else 0, kinds)
    places = np.zeros(len(first), dtype=int)
    splitter = StratifiedKFold(min(FOLDS, len(first)), shuffle=True, random_state=seed)
    for number, (_, judged) in enumerate(splitter.split(np.zeros(len(first)), kinds)):
        places[judged] = number
    return places[group.reshape(-1)]


def class_probabilities(
    views: Sequence[Any], codes: np.ndarray, classes: int, fold: np.ndarray, advance: Advance
) -> np.ndarray:
    """Float array (rows, classes), the mean over the views. ``advance`` is called after each model."""
    import numpy as np

    found = np.zeros((len(codes), classes))
    for view in views:
        for number in np.unique(fold):
            learned, judged = fold != number, np.flatnonzero(fold == number)
            known = np.unique(codes[learned])
            if len(known) == 1:
                found[judged, known[0]] += 1 / len(views)
            else:
                model = _model(view).fit(view[learned], codes[learned])
                found[np.ix_(judged, model.classes_)] += model.predict_proba(view[judged]) / len(views)
            advance()
    return found


def label_probabilities(views: Sequence[Any], members: np.ndarray, fold: np.ndarray, advance: Advance) -> np.ndarray:
    """The same for rows with any number of labels: of each label by itself, of shape (rows, labels)."""
    import numpy as np

    found = np.zeros(members.shape)
    for view in views:
        for number in np.unique(fold):
            learned, judged = fold != number, fold == number
            for label in range(members.shape[1]):
                known = members[learned, label]
                if known.all() or not known.any():
                    found[judged, label] += float(known.any()) / len(views)
                    continue
                model = _model(view, solver="liblinear").fit(view[learned], known)
                found[judged, label] += model.predict_proba(view[judged])[:, 1] / len(views)
            advance()
    return found


def _model(view: Any, **more: Any) -> Any:
    from scipy.sparse import issparse
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if issparse(view):
        return LogisticRegression(C=SPARSE, max_iter=STEPS, tol=1e-3, **more)
    return make_pipeline(StandardScaler(), LogisticRegression(C=DENSE, max_iter=STEPS, tol=1e-3, **more))
