"""Every metric, declared once: its words, and the scikit-learn function that computes it.

Two doors lead to the same declaration. ``compute`` is plain and fast and serves the training. ``load`` gives the metric
in the form of the ``evaluate`` library (``evaluate.Metric``), which costs seconds to import and is asked for by name
only; names that are not ours are looked up by ``evaluate.load``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core import home
from core.errors import StudioError
from core.evaluation import ranking
from core.evaluation.types import Metrics, MetricWords
from core.models import hub

_PAGE = "https://scikit-learn.org/stable/modules/generated/sklearn.metrics"


@dataclass(frozen=True)
class Metric:
    """A metric of classes: words, a function of ``sklearn.metrics``, and what to call it with beside the answers.

    ``needs`` says what the answers are: class numbers of shape (rows,), or probabilities of shape (rows, classes).
    """

    words: MetricWords
    function: str
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: Literal["classes", "probabilities"] = "classes"

    @property
    def name(self) -> str:
        return self.words.name

    def __call__(self, references: Any, predictions: Any, **more: Any) -> float:
        """The value, NaN where these references leave it undefined."""
        from sklearn import metrics

        if self.needs == "probabilities":
            function: Any = self.function
            return ranking.one_against_rest(function, references, predictions, **more)
        return float(getattr(metrics, self.function)(references, predictions, **self.options, **more))


def _averaged(function: str, average: str, words: MetricWords) -> Metric:
    # A class that is never answered has no precision; scikit-learn's own answer for it is 0, here without a warning.
    return Metric(words, function, {"average": average, "zero_division": 0})


@dataclass(frozen=True)
class _Correlation(Metric):
    """Where there is only one class, scikit-learn's answer is 0, and a warning; here it is 0 without one."""

    def __call__(self, references: Any, predictions: Any, **more: Any) -> float:
        import numpy as np

        alike = len(np.unique(references)) < 2 or len(np.unique(predictions)) < 2
        return 0.0 if alike else super().__call__(references, predictions, **more)


_ALL = (
    Metric(
        MetricWords("accuracy", "Accuracy", "The share of answers that were right."),
        "accuracy_score",
    ),
    _averaged(
        "f1_score",
        "macro",
        MetricWords(
            "f1_macro",
            "Macro F1",
            "Precision and recall in one number: the average over the classes, so that a rare class counts as much as "
            "a common one.",
        ),
    ),
    _averaged(
        "f1_score",
        "weighted",
        MetricWords(
            "f1_weighted",
            "Weighted F1",
            "Precision and recall in one number: the average over the classes, where a common class counts for more.",
        ),
    ),
    _Correlation(
        MetricWords(
            "mcc",
            "Matthews correlation",
            "How closely answers and truth go together, chance taken out: 1 is perfect, 0 is no better than guessing.",
            "number",
        ),
        "matthews_corrcoef",
    ),
    Metric(
        MetricWords(
            "roc_auc",
            "ROC-AUC",
            "How often an example of a class gets a higher probability for it than an example of another class does, "
            "where guessing gives 50 %: the average over the classes.",
        ),
        "roc_auc_score",
        needs="probabilities",
    ),
    Metric(
        MetricWords(
            "average_precision",
            "Average precision",
            "With the examples sorted by the probability of a class, how pure the upper part of the list is: the "
            "average over the classes.",
        ),
        "average_precision_score",
        needs="probabilities",
    ),
    _averaged(
        "precision_score",
        "macro",
        MetricWords(
            "precision_macro",
            "Macro precision",
            "When it answers with a class, how often that is right: the average over the classes.",
        ),
    ),
    _averaged(
        "recall_score",
        "macro",
        MetricWords(
            "recall_macro",
            "Macro recall",
            "How many of the examples of a class it finds: the average over the classes.",
        ),
    ),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}


def words(*names: str) -> tuple[MetricWords, ...]:
    """The words of these metrics, in this order."""
    return tuple(METRICS[name].words for name in names)


def compute(names: Iterable[str], predictions: Any, references: Any, probabilities: Any = None) -> Metrics:
    """These metrics of class numbers, both of shape (rows,): ``{name: value}``.

    Some are of ``probabilities`` of shape (rows, classes); ``ValueError`` where one of these is asked for without. One
    that the references leave undefined (ROC-AUC where there is only one class) is left out.
    """
    found: Metrics = {}
    for name in names:
        metric = METRICS[name]
        if metric.needs == "probabilities" and probabilities is None:
            raise ValueError(f"{name} is computed from probabilities")
        found[name] = metric(references, probabilities if metric.needs == "probabilities" else predictions)
    return {name: value for name, value in found.items() if not math.isnan(value)}


def load(name: str) -> Any:
    """A metric in the form of ``evaluate.Metric``, ready for ``compute`` and ``add_batch``: ours, or the library's.

    Ours need no network. Others are small programs: those of the ``evaluate`` project itself (``rouge``) are fetched
    and run; one of somebody else (``owner/name``, a file) never is.
    Raises ``StudioError`` when it may not be run, or cannot be fetched.
    """
    if name in METRICS:
        return as_evaluate_metric(name)
    if "/" in name:
        raise StudioError(
            f"The metric {name!r} is a program of somebody else, and those are not run.",
            f"Take one of these, or one of the evaluate project itself: {', '.join(METRICS)}.",
        )
    import evaluate

    # Where the Hub cannot be reached, evaluate looks at once for what it fetched before, instead of waiting.
    evaluate.config.HF_EVALUATE_OFFLINE = not hub.reachable()
    try:
        return evaluate.load(name)
    except (OSError, ImportError, ValueError) as exc:
        raise StudioError(
            f"The metric {name!r} could not be loaded.",
            f"These need no network: {', '.join(METRICS)}. Others are fetched from the Hugging Face Hub once: check "
            "the name and the connection.",
            cause=f"{type(exc).__name__}: {exc}",
        ) from exc


def as_evaluate_metric(name: str) -> Any:
    """One of ``METRICS`` as an ``evaluate.Metric``. Instances can be combined with ``evaluate.combine``.

    Answers are class numbers, or a list of probabilities a row where the metric needs those. They are kept in memory:
    ``evaluate``'s shared file would be locked by another run.
    """
    import datasets
    import evaluate

    metric = METRICS[name]
    number, share = datasets.Value("int64"), datasets.Value("float64")
    answers = datasets.List(share) if metric.needs == "probabilities" else number

    class SklearnMetric(evaluate.Metric):
        def _info(self) -> Any:
            return evaluate.MetricInfo(
                description=metric.words.help,
                citation="",
                inputs_description=f"predictions: {metric.needs} of each row; references: class numbers, one a row",
                features=datasets.Features({"predictions": answers, "references": number}),
                reference_urls=[f"{_PAGE}.{metric.function}.html"],
            )

        def add_batch(self, *, predictions: Any = None, references: Any = None, **more: Any) -> None:
            """Keep these answers for ``compute``, which also calls this for what it is given."""
            _require_class_numbers(name, references)
            (_require_probabilities if metric.needs == "probabilities" else _require_class_numbers)(name, predictions)
            super().add_batch(predictions=predictions, references=references, **more)

        def _compute(self, predictions: Any, references: Any, sample_weight: Any = None) -> Metrics:
            return {name: metric(references, predictions, sample_weight=sample_weight)}

    SklearnMetric.__name__ = SklearnMetric.__qualname__ = name
    return SklearnMetric(keep_in_memory=True, cache_dir=str(home.cache_dir() / "metrics"))


def _require_class_numbers(name: str, column: Any) -> None:
    """``evaluate`` casts 0.5 to 0 and says nothing; probabilities given by mistake would become a wrong score."""
    import numpy as np

    values = np.asarray(column)
    if values.size == 0:
        raise StudioError(f"{name} needs at least one answer.", "Give predictions and references of equal length.")
    if values.dtype.kind not in "iub":
        raise StudioError(
            f"{name} compares class numbers, and was given {values.dtype}.",
            "Give the number of the class for each row, not its probabilities.",
        )


def _require_probabilities(name: str, column: Any) -> None:
    import numpy as np

    shape = np.shape(column)
    if len(shape) != 2:
        raise StudioError(
            f"{name} needs the probability of every class for each row, and was given answers of shape {shape}.",
            "Give a list of probabilities a row, in the order of the class numbers.",
        )
