"""Probabilities of each row's classes, by models that did not learn from that row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FOLDS = 5
TAUGHT_FOLDS = 3
"""Of models that take long to train."""
DENSE, SPARSE = 0.01, 5.0
"""How freely a view may be learned from: ``C`` of the logistic regression, on scaled vectors and on counted words."""
STEPS = 300
LEAST = 0.001
"""The weight of a view that tells nothing."""

Advance = Callable[[], None]


def folds(codes: np.ndarray, keys: np.ndarray, seed: int, count: int = FOLDS) -> np.ndarray:
    """The number of the fold of each row, from 0 to ``count`` - 1: each class in all alike, rows with one key in one.

    ``codes`` are the groups that are shared out evenly.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    kinds = codes[first]
    # Those that are too few for all folds are shared out together; sklearn would warn of each.
    few = np.bincount(kinds)[kinds] < count
    kinds = np.where(few, kinds.max() + 1, kinds)
    if 0 < few.sum() < count:
        kinds = np.where(few, np.bincount(kinds[~few]).argmax() if (~few).any() else 0, kinds)
    places = np.zeros(len(first), dtype=int)
    splitter = StratifiedKFold(min(count, len(first)), shuffle=True, random_state=seed)
    for number, (_, judged) in enumerate(splitter.split(np.zeros(len(first)), kinds)):
        places[judged] = number
    return places[group.reshape(-1)]


def class_probabilities(
    views: Sequence[Any],
    codes: np.ndarray,
    classes: int,
    fold: np.ndarray,
    advance: Advance,
    taught: np.ndarray | None = None,
) -> np.ndarray:
    """Float array (rows, classes): what models on all views say together. ``advance`` is called after each model.

    ``taught`` are logits of that shape, by models that did not learn from the row either: they count as a view.
    """
    import numpy as np
    from scipy.special import softmax

    said: list[np.ndarray] = []
    for view in views:
        found = np.zeros((len(codes), classes))
        for number in np.unique(fold):
            learned, judged = fold != number, np.flatnonzero(fold == number)
            known = np.unique(codes[learned])
            if len(known) == 1:
                found[judged, known[0]] = 1
            else:
                model = _model(view).fit(view[learned], codes[learned])
                found[np.ix_(judged, model.classes_)] = model.predict_proba(view[judged])
            advance()
        said.append(found)
    if taught is not None:
        said.append(softmax(taught, axis=1))
    common = float(np.bincount(codes).max()) / len(codes)
    return _weighed(said, [float((found.argmax(1) == codes).mean()) - common for found in said])


def label_probabilities(
    views: Sequence[Any], members: np.ndarray, fold: np.ndarray, advance: Advance, taught: np.ndarray | None = None
) -> np.ndarray:
    """The same for rows with any number of labels: of each label by itself, of shape (rows, labels)."""
    import numpy as np
    from scipy.special import expit

    said: list[np.ndarray] = []
    for view in views:
        found = np.zeros(members.shape)
        for number in np.unique(fold):
            learned, judged = fold != number, fold == number
            for label in range(members.shape[1]):
                known = members[learned, label]
                if known.all() or not known.any():
                    found[judged, label] = float(known.any())
                    continue
                model = _model(view, solver="liblinear").fit(view[learned], known)
                found[judged, label] = model.predict_proba(view[judged])[:, 1]
            advance()
        said.append(found)
    if taught is not None:
        said.append(expit(taught))
    often = members.mean(0)
    common = np.maximum(often, 1 - often)
    return _weighed(said, [float(np.mean(((found > 0.5) == members).mean(0) - common)) for found in said])


def _weighed(said: Sequence[np.ndarray], better: Sequence[float]) -> np.ndarray:
    """The mean of what was said, each view weighed by how much oftener it is right than the most common answer."""
    import numpy as np

    weights = np.maximum(better, LEAST)
    found: np.ndarray = np.tensordot(weights / weights.sum(), np.stack(said), axes=1)
    return found


def _model(view: Any, **more: Any) -> Any:
    from scipy.sparse import issparse
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if issparse(view):
        return LogisticRegression(C=SPARSE, max_iter=STEPS, tol=1e-3, **more)
    return make_pipeline(StandardScaler(), LogisticRegression(C=DENSE, max_iter=STEPS, tol=1e-3, **more))
