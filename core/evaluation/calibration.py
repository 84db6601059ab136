"""Whether probabilities can be taken at their word: when a model says 90 %, is it right 90 % of the time?

Sources: Naeini et al. (2015), "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI (the expected
calibration error, ECE); Guo et al. (2017), "On Calibration of Modern Neural Networks", arXiv:1706.04599 (15 bins of
equal width, the reliability diagram, temperature scaling); Brier (1950), "Verification of forecasts expressed in terms
of probability".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from core.tasks.base import Context

BINS = 15
FEWEST_ROWS = 100
"""With fewer validation rows a temperature would follow single rows."""
FEWEST_WRONG = 5
"""A model that makes no mistakes can be as sure as it likes: how sure it should be shows in its mistakes."""
COOLEST, HOTTEST = 0.05, 20.0
HARDLY = 0.02
"""A temperature that is nearer to 1 changes nothing that anybody would see."""
_MOST_NUMBERS = 10_000_000
_MOST_ROWS = 20_000

Answers = Literal["classes", "labels"]
"""One class a row (softmax over logits), or any number of labels (a sigmoid of each logit)."""


def reliability(chances: Any, came_true: Any) -> list[list[float]]:
    """[mean probability, share that came true, how many] of each bin that is not empty, by rising probability.

    ``chances`` and ``came_true`` (0 or 1) are of shape (n,). Bins are ``BINS`` of equal width, each with its upper end.
    """
    import numpy as np

    chances, came_true = np.asarray(chances, dtype=float), np.asarray(came_true, dtype=float)
    bins = np.clip(np.ceil(chances * BINS).astype(int) - 1, 0, BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    there = count > 0
    said = np.bincount(bins, chances, BINS)[there] / count[there]
    true = np.bincount(bins, came_true, BINS)[there] / count[there]
    return [[float(a), float(b), int(n)] for a, b, n in zip(said, true, count[there], strict=True)]


def expected_error(bins: list[list[float]]) -> float | None:
    """The ECE: how far what was said is from what came true, on average over all that was said. None of nothing."""
    total = sum(count for _, _, count in bins)
    return sum(count * abs(said - true) for said, true, count in bins) / total if total else None


def of_classes(chances: Any, references: Any) -> dict[str, Any]:
    """``bins`` and ``ece`` of the probabilities of the answers, ``brier`` of all probabilities (as
    ``sklearn.metrics.brier_score_loss``: two classes from 0 to 1, more from 0 to 2) and ``loss``, the log loss.

    ``chances`` are of shape (rows, classes), ``references`` class numbers of shape (rows,).
    """
    import numpy as np
    from sklearn.metrics import brier_score_loss, log_loss

    references, classes = np.asarray(references), np.arange(chances.shape[1])
    if not len(references):
        return {"bins": [], "ece": None, "brier": None, "loss": None}
    found = reliability(chances.max(-1), chances.argmax(-1) == references)
    given = chances[:, 1] if len(classes) == 2 else chances
    return {
        "bins": found,
        "ece": expected_error(found),
        "brier": float(brier_score_loss(references, given, labels=classes)),
        "loss": float(log_loss(references, chances, labels=classes)),
    }


def of_labels(chances: Any, truth: Any) -> dict[str, Any]:
    """The same of all pairs of a row and a label, whether one belongs to the other. Both of shape (rows, labels)."""
    import numpy as np
    from sklearn.metrics import brier_score_loss, log_loss

    chances, truth = np.asarray(chances, dtype=float).ravel(), np.asarray(truth).astype(int).ravel()
    if not len(truth):
        return {"bins": [], "ece": None, "brier": None, "loss": None}
    found = reliability(chances, truth)
    return {
        "bins": found,
        "ece": expected_error(found),
        "brier": float(brier_score_loss(truth, chances, labels=[0, 1])),
        "loss": float(log_loss(truth, chances, labels=[0, 1])),
    }


# --- Temperature -----------------------------------------------------------------------------------------------------


def of_one_class(logits: Any, examples: Any, context: Context) -> float | None:
    """A ``Task.calibrate`` for one class a row, by the column ``label``."""
    from core.evaluation.classification import class_numbers

    if not context.options.calibrate:
        return None
    return temperature(logits, class_numbers(examples["label"].to_pylist(), context.target), "classes")


def of_several_labels(logits: Any, examples: Any, context: Context) -> float | None:
    """The same for any number of labels a row, by the column ``labels``: one temperature for all of them."""
    from core.data.several_labels import members_of

    if not context.options.calibrate:
        return None
    return temperature(logits, members_of(examples["labels"], context.target), "labels")


def temperature(logits: Any, truth: Any, answers: Answers) -> float | None:
    """What logits of shape (rows, classes or labels) are to be divided by, so that probabilities come nearest to the
    truth: class numbers, or 0 and 1 of each label.

    None where nothing would be gained, or too little is known: fewer than ``FEWEST_ROWS`` rows or ``FEWEST_WRONG``
    wrong ones. The temperature of one half of the rows must make the other half likelier, by more than a standard error
    of that gain, both halves together. Source: Guo et al. (2017), section 4.2.
    """
    import numpy as np

    logits, truth = np.asarray(logits, dtype=float), np.asarray(truth)
    if len(truth) < FEWEST_ROWS or not np.isfinite(logits).all() or _wrong(logits, truth, answers) < FEWEST_WRONG:
        return None
    most = max(FEWEST_ROWS, min(_MOST_ROWS, _MOST_NUMBERS // logits.shape[1]))
    if len(truth) > most:
        places = np.sort(np.random.default_rng(0).choice(len(truth), most, replace=False))
        logits, truth = logits[places], truth[places]
    halves = [(logits[start::2], truth[start::2]) for start in (0, 1)]
    fitted = [_fitted(*half, answers) for half in halves]
    gain = np.concatenate(
        [
            _nll(*half, answers, 1.0) - _nll(*half, answers, other)
            for half, other in zip(halves, reversed(fitted), strict=True)
        ]
    )
    found = _fitted(logits, truth, answers)
    is_better = gain.mean() > gain.std() / len(gain) ** 0.5
    return found if is_better and abs(found - 1) > HARDLY else None


def _wrong(logits: Any, truth: Any, answers: Answers) -> int:
    if answers == "classes":
        return int((logits.argmax(-1) != truth).sum())
    return int(((logits > 0) != truth.astype(bool)).sum())


def _fitted(logits: Any, truth: Any, answers: Answers) -> float:
    import numpy as np
    from scipy.optimize import minimize_scalar

    ends = (np.log(COOLEST), np.log(HOTTEST))
    found = minimize_scalar(lambda log: _nll(logits, truth, answers, np.exp(log)).sum(), bounds=ends, method="bounded")
    return float(np.exp(found.x))


def _nll(logits: Any, truth: Any, answers: Answers, heat: float) -> Any:
    """The negative log likelihood of the truth of each row, of shape (rows,)."""
    import numpy as np
    from scipy.special import logsumexp

    scaled = logits / heat
    if answers == "classes":
        return logsumexp(scaled, axis=-1) - scaled[np.arange(len(truth)), truth]
    return (np.logaddexp(0, scaled) - truth * scaled).sum(-1)
