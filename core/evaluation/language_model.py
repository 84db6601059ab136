"""Judging a model that guesses tokens: loss, perplexity, and how often the right token was guessed.

Each row of the table brings four numbers, arrays of shape (rows,): ``nll`` (the summed negative log-likelihood of its
tokens, in nats), ``tokens`` (how many were to guess), ``top1`` and ``top5`` (how often the right one was the first, or
among the first five). All scores are per token, over all rows together: a long text counts for more than a short one.
"""

from __future__ import annotations

import math
from typing import Any

from core.evaluation import resampling
from core.evaluation.types import Metrics, MetricWords

WORDS = (
    MetricWords(
        "loss",
        "Loss",
        "How surprised the model is by the right token, on average.",
        "number",
        greater_is_better=False,
    ),
    MetricWords(
        "perplexity",
        "Perplexity",
        "Between how many equally likely tokens the model hesitates, on average.",
        "number",
        greater_is_better=False,
    ),
    MetricWords("token_accuracy", "Right tokens", "How often the token it holds most likely is the right one."),
    MetricWords("top5", "Among the first five", "How often the right token is among the five it holds most likely."),
)


def live_metrics(nll: Any, tokens: Any, top1: Any, top5: Any) -> Metrics:
    """The metrics of ``WORDS`` for one evaluation; perplexity is left out where it is larger than a number can be.

    Nothing at all is given where there was no token to guess.
    """
    import numpy as np

    sums = [float(np.asarray(column, dtype=float).sum()) for column in (nll, tokens, top1, top5)]
    count = sums[1]
    if not count:
        return {}
    loss = sums[0] / count
    found = {"loss": loss, "token_accuracy": sums[2] / count, "top5": sums[3] / count}
    perplexity = perplexity_of(loss)
    return found if perplexity is None else found | {"perplexity": perplexity}


def perplexity_of(loss: float) -> float | None:
    """``exp(loss)``; None where that is no finite number."""
    return math.exp(loss) if loss < 700 else None


def judge(nll: Any, tokens: Any, top1: Any, top5: Any) -> dict[str, Any]:
    """Everything a report holds on one split.

    ``rows``, ``tokens``, the metrics of ``WORDS`` (those that are defined), and ``intervals`` of each, from drawing
    rows: the tokens of a text hang together, so that counting them as independent would promise too much.
    Raises ``TrainingError`` where the model gave no number.
    """
    import numpy as np

    from core.evaluation.classification import require_numbers

    require_numbers(nll)
    counts = np.asarray(tokens, dtype=float)
    columns = {"loss": nll, "token_accuracy": top1, "top5": top5}
    intervals = {name: _interval(values, counts) for name, values in columns.items()} if counts.any() else {}
    if intervals.get("loss"):
        ends = [perplexity_of(end) for end in intervals["loss"]]
        intervals["perplexity"] = None if None in ends else ends
    return {
        "rows": len(counts),
        "tokens": int(counts.sum()),
        **live_metrics(nll, tokens, top1, top5),
        "intervals": intervals,
    }


def paired(nll: Any, other: Any, tokens: Any) -> dict[str, Any]:
    """Whether the loss differs from another model's on the same rows and tokens, as of the model before its training;
    see ``resampling.paired``. Models that cut texts into other tokens cannot be compared this way."""
    return resampling.paired(_parts(nll, tokens), _parts(other, tokens), resampling.mean, greater_is_better=False)


def _interval(values: Any, tokens: Any) -> Any:
    found = resampling.interval(_parts(values, tokens), resampling.mean)
    return list(found) if found else None


def _parts(values: Any, tokens: Any) -> Any:
    import numpy as np

    return np.stack([np.asarray(values, dtype=float), np.asarray(tokens, dtype=float)], axis=1)
