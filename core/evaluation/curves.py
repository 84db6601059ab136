"""ROC and precision-recall curves: those of ``sklearn.metrics``, with few enough points to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

POINTS = 200
LINES = 6
"""More cannot be told apart."""
_MOST_PAIRS = 3_000_000
"""Pairs of a row and a class, beyond which no line of all of them together is made: it would take many seconds."""


def drawn(chances: Any, truth: Any, labels: Sequence[str], places: Sequence[int]) -> dict[str, Any]:
    """``{"roc": [{"label", "auc", "points"}], "precision_recall": [{"label", "average_precision", "points"}]}``.

    ``chances`` and ``truth`` (0 or 1) are of shape (rows, labels); ``places`` are the labels that get a line. Of three
    labels and more a line of all pairs comes first, whose ``label`` is empty (the micro average of scikit-learn). A
    label that no row has, or every row, has no line. ``points`` are [false positive rate, true positive rate] and
    [recall, precision], by rising first.
    """
    lines = [(labels[place], chances[:, place], truth[:, place]) for place in places]
    if len(labels) > 2 and truth.size <= _MOST_PAIRS:
        lines.insert(0, ("", chances.ravel(), truth.ravel()))
    lines = [line for line in lines if 0 < line[2].sum() < len(line[2])]
    return {
        "roc": [{"label": label, **roc(scores, true)} for label, scores, true in lines],
        "precision_recall": [{"label": label, **precision_recall(scores, true)} for label, scores, true in lines],
    }


def roc(chances: Any, truth: Any) -> dict[str, Any]:
    """``auc`` and ``points`` of one label."""
    from sklearn.metrics import auc, roc_curve

    false, true, _ = roc_curve(truth, chances)
    return {"auc": float(auc(false, true)), "points": _points(false, true)}


def precision_recall(chances: Any, truth: Any) -> dict[str, Any]:
    """``average_precision`` and ``points`` of one label."""
    import numpy as np
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(truth, chances)
    # As sklearn.metrics.average_precision_score, without sorting once more.
    average = float(-np.sum(np.diff(recall) * precision[:-1]))
    return {"average_precision": average, "points": _points(recall[::-1], precision[::-1])}


def _points(x: Any, y: Any) -> list[list[float]]:
    import numpy as np

    places = thinned(x, y)
    found: list[list[float]] = np.stack([x[places], y[places]], axis=1).round(5).tolist()
    return found


def thinned(x: Any, y: Any, most: int = POINTS) -> Any:
    """The places of at most ``most`` points of a line, both ends among them, that keep its shape.

    Again and again the point is taken that lies farthest from the line through those that were taken: corners first.
    Source: Douglas & Peucker (1973), "Algorithms for the reduction of the number of points required to represent a
    digitized line or its caricature".
    """
    import heapq

    import numpy as np

    if len(x) <= most:
        return np.arange(len(x))
    taken = [0, len(x) - 1]
    heap = [_farthest(x, y, 0, len(x) - 1)]
    while heap and len(taken) < most:
        distance, place, start, end = heapq.heappop(heap)
        if not distance:
            break
        taken.append(place)
        for piece in ((start, place), (place, end)):
            if piece[1] - piece[0] > 1:
                heapq.heappush(heap, _farthest(x, y, *piece))
    return np.sort(taken)


def _farthest(x: Any, y: Any, start: int, end: int) -> tuple[float, int, int, int]:
    """(minus the largest distance from the straight line between two points, where it is, the two points)."""
    import numpy as np

    across, up = x[end] - x[start], y[end] - y[start]
    between = slice(start + 1, end)
    away, above = x[between] - x[start], y[between] - y[start]
    length = float(np.hypot(across, up))
    distance = np.abs(across * above - up * away) / length if length else np.hypot(away, above)
    place = int(distance.argmax())
    return -float(distance[place]), start + 1 + place, start, end


def chosen(support: Any, quality: Any, most: int = LINES) -> list[int]:
    """Which labels to show of those with rows, at most ``most``: of many the rarest, the worst and the most frequent.

    ``support`` are rows, ``quality`` a mark, such as F1, of each. In the labels' own order.
    """
    import numpy as np

    support, quality = np.asarray(support), np.asarray(quality, dtype=float)
    there = np.flatnonzero(support > 0)
    orders = [there[np.argsort(by[there], kind="stable")] for by in (support, quality, -support)]
    found: dict[int, None] = {}
    for row in zip(*orders, strict=True):
        found.update((int(place), None) for place in row if len(found) < most or int(place) in found)
    return sorted(found)
