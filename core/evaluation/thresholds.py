"""What a limit on the probability costs and brings: yes from there on, or silence below it."""

from __future__ import annotations

from typing import Any

STOPS = 101
"""0 %, 1 %, ... 100 %."""


def limits() -> Any:
    """The probabilities at which is counted."""
    import numpy as np

    return np.linspace(0, 1, STOPS).round(2)


def stops(chances: Any, truth: Any) -> list[list[float]]:
    """[threshold, right yes, wrong yes, wrong no, right no] at each of ``STOPS`` thresholds: what becomes of the rows
    where the answer is yes from that probability on. Both of shape (rows,), ``truth`` 0 or 1.
    """
    import numpy as np

    chances, truth = np.asarray(chances, dtype=float), np.asarray(truth, dtype=bool)
    right_yes, wrong_yes = (_reaching(chances[chosen]) for chosen in (truth, ~truth))
    positives, negatives = int(truth.sum()), int((~truth).sum())
    table = np.stack([right_yes, wrong_yes, positives - right_yes, negatives - wrong_yes], axis=1).tolist()
    return [[limit, *counts] for limit, counts in zip(limits().tolist(), table, strict=True)]


def silences(chances: Any, right: Any) -> list[list[float]]:
    """[threshold, answered, right] at each of ``STOPS``: how many rows are answered, and how many of these rightly,
    where nothing is said below that probability. ``chances`` are those of the answers, of shape (rows,).
    """
    import numpy as np

    chances, right = np.asarray(chances, dtype=float), np.asarray(right, dtype=bool)
    table = np.stack([_reaching(chances), _reaching(chances[right])], axis=1).tolist()
    return [[limit, *counts] for limit, counts in zip(limits().tolist(), table, strict=True)]


def _reaching(chances: Any) -> Any:
    """How many are at each limit or above."""
    import numpy as np

    return len(chances) - np.searchsorted(np.sort(chances), limits(), side="left")
