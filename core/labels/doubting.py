"""Which labels are probably wrong, from probabilities of models that did not learn from the row.

Confident learning: C. Northcutt, L. Jiang, I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
Journal of Artificial Intelligence Research 70 (2021); done by its authors' library, cleanlab. Rows are ranked by the
probability of their own label, the lowest first; how many are wrong is estimated from how often the models are
confident of another class (the off-diagonal of the confident joint).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.labels.folds import FOLDS, TAUGHT_FOLDS, Advance, class_probabilities, folds, label_probabilities
from core.labels.types import Doubts, Signs

if TYPE_CHECKING:
    import numpy as np

    from core.data.types import Target

FEWEST = 5
"""A label with fewer texts cannot be judged: models that did not learn from the row would hardly know it."""

LOWEST = {"method": "exponential_moving_average", "alpha": 1.0}
"""How cleanlab puts the scores of a row's labels together: the lowest alone. Of labels that were swapped on purpose in
a table with twenty of them, it finds half as many again as the library's own 0.8."""

Doubting = Callable[[Signs, Any, "Target", int, Advance], Doubts]


def one_label(signs: Signs, examples: Any, target: Target, seed: int, advance: Advance) -> Doubts:
    """Doubts about the column ``label`` of ``examples``, a class a row."""
    import numpy as np

    from core.evaluation.classification import class_numbers

    codes = np.asarray(class_numbers(examples["label"].to_pylist(), target))
    names = np.asarray(target.labels, dtype=object)
    taught, fold = _taught(signs, codes, seed), folds(codes, signs.keys, seed)
    shares = class_probabilities(signs.views, codes, len(names), fold, advance, taught)
    own = shares[np.arange(len(codes)), codes]
    # Copies of a text are one text here: none of them is judged by what was learned from another.
    texts = np.unique(np.stack([signs.keys, codes]), axis=1)[1].astype(int)
    known = np.flatnonzero(np.bincount(texts, minlength=len(names)) >= FEWEST)
    quality, wrong = _ranked(codes, shares, known)
    without_own = shares.copy()
    without_own[np.arange(len(codes)), codes] = -1
    suggested = without_own.argmax(1)
    return Doubts(quality, wrong, names[codes].tolist(), names[suggested].tolist(), own, without_own.max(1))


def _taught(signs: Signs, kinds: np.ndarray, seed: int) -> np.ndarray | None:
    return None if signs.taught is None else signs.taught(folds(kinds, signs.keys, seed, TAUGHT_FOLDS))


def _ranked(codes: np.ndarray, shares: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(quality, which are estimated to be wrong) of the rows whose class is one of the ``known`` ones."""
    import numpy as np
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    quality, wrong = np.full(len(codes), np.nan), np.zeros(len(codes), dtype=bool)
    judged = np.isin(codes, known)
    if len(known) < 2:
        return quality, wrong
    among, of = np.searchsorted(known, codes[judged]), shares[judged][:, known]
    of = of / np.maximum(of.sum(1, keepdims=True), 1e-12)
    quality[judged] = get_label_quality_scores(among, of, method="self_confidence")
    wrong[judged] = find_label_issues(among, of, filter_by="low_self_confidence", n_jobs=1)
    return quality, wrong


def several_labels(signs: Signs, examples: Any, target: Target, seed: int, advance: Advance) -> Doubts:
    """Doubts about the column ``labels``, any number of labels a row: see ``cleanlab.multilabel_classification``."""
    import numpy as np
    from cleanlab.multilabel_classification import get_label_quality_scores

    from core.data.several_labels import members_of, strata

    members = members_of(examples["labels"], target)
    kinds = np.unique(strata(members), return_inverse=True)[1]
    taught, fold = _taught(signs, kinds, seed), folds(kinds, signs.keys, seed)
    shares = label_probabilities(signs.views, members, fold, advance, taught)
    texts = members[np.unique(signs.keys, return_index=True)[1]]
    known = np.flatnonzero(np.minimum(texts.sum(0), (~texts).sum(0)) >= FEWEST)
    names = np.asarray(target.labels, dtype=object)
    given = [names[row].tolist() for row in members]
    rows = len(members)
    if len(known) < 2:
        empty = np.zeros(rows)
        return Doubts(np.full(rows, np.nan), empty.astype(bool), given, given, empty, empty)
    numbers = [np.flatnonzero(row).tolist() for row in members[:, known]]
    quality = np.asarray(get_label_quality_scores(numbers, shares[:, known], aggregator_kwargs=LOWEST))
    disputed = np.zeros_like(members)
    disputed[:, known] = _disputed(members[:, known], shares[:, known])
    wrong = _lowest(quality, int(disputed.any(1).sum()))
    # Where no single label is disputed, the least likely answer is what the models would change.
    truth = np.where(members, shares, 1 - shares)
    lowest = np.where(np.isin(np.arange(members.shape[1]), known), truth, np.inf).argmin(1)
    changed = disputed.copy()
    quiet = ~disputed.any(1)
    changed[quiet, lowest[quiet]] = True
    proposed = members ^ changed
    suggested = [names[row].tolist() for row in proposed]
    own = np.where(changed, truth, 1).min(1)
    return Doubts(quality, wrong, given, suggested, own, np.where(changed, 1 - truth, 1).min(1))


def _disputed(members: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """For each label by itself, as a question of yes or no: which rows' answers are estimated to be wrong."""
    import numpy as np
    from cleanlab.filter import find_label_issues

    found = np.zeros_like(members)
    for label in range(members.shape[1]):
        both = np.stack([1 - shares[:, label], shares[:, label]], axis=1)
        found[:, label] = find_label_issues(
            members[:, label].astype(int), both, filter_by="low_self_confidence", n_jobs=1
        )
    return found


def _lowest(quality: np.ndarray, count: int) -> np.ndarray:
    import numpy as np

    wrong = np.zeros(len(quality), dtype=bool)
    wrong[np.argsort(quality, kind="stable")[:count]] = True
    return wrong


MODELS = 2 * FOLDS
"""Models that are made at the most, for the progress."""
