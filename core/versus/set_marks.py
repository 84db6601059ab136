"""What kept answers say that are things found in a text: labels of it, entities in it. See ``core.versus.marks``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation import resampling
from core.evaluation.types import MetricWords
from core.versus.marks import resampled, right_answers
from core.versus.types import Compared


def labels(first: Any, other: Any) -> list[Compared]:
    """For any number of labels a row: micro F1, then the share of rows whose labels are all right."""
    from core.evaluation import multilabel

    words = _by_name(multilabel.WORDS)
    parts = [_found_labels(table) for table in (first, other)]
    whole = [table.column("error").to_numpy() == 0 for table in (first, other)]
    return [
        resampled(words["f1_micro"], parts[0], parts[1], _f1),
        right_answers(whole[0], whole[1], words["subset_accuracy"]),
    ]


def entities(first: Any, other: Any) -> list[Compared]:
    """For marked words: F1 of whole entities (of tags other than ``O``, where they are plain), then texts that are all
    right.
    """
    from core.evaluation import entities as scores

    truth = first.column("tags").to_pylist()
    plain = scores.is_plain(tag for row in truth for tag in row)
    parts = [_found_entities(table.column("answer_tags").to_pylist(), truth, plain) for table in (first, other)]
    whole = [table.column("error").to_numpy() == 0 for table in (first, other)]
    return [
        resampled(_by_name(scores.WORDS)["f1_micro"], parts[0], parts[1], _f1),
        right_answers(whole[0], whole[1], ALL_RIGHT),
    ]


ALL_RIGHT = MetricWords(
    "all_right", "Texts without a mistake", "The share of texts in which everything was marked right."
)


def _found_labels(table: Any) -> Any:
    """(right, true, given) labels of each row, of shape (rows, 3)."""
    import numpy as np

    rows = zip(table.column("labels").to_pylist(), table.column("wrong").to_pylist(), strict=True)
    counts = []
    for truth, wrong in rows:
        missed = len(set(truth) & set(wrong))
        right = len(set(truth)) - missed
        counts.append((right, len(set(truth)), right + len(wrong) - missed))
    return np.array(counts, dtype=float).reshape(-1, 3)


def _found_entities(said: Sequence[Any], truth: Sequence[Any], plain: bool) -> Any:
    """(right, true, given) entities of each row, of shape (rows, 3)."""
    import numpy as np

    counts = []
    for given, true in zip(said, truth, strict=True):
        mine, wanted = _places(given, plain), _places(true, plain)
        counts.append((len(mine & wanted), len(wanted), len(mine)))
    return np.array(counts, dtype=float).reshape(-1, 3)


def _places(tags: Sequence[str], plain: bool) -> set[Any]:
    from core.evaluation.entities import OUTSIDE
    from core.evaluation.entities import entities as whole

    return {(tag, place) for place, tag in enumerate(tags) if tag != OUTSIDE} if plain else set(whole(tags))


def _f1(sums: Any) -> Any:
    return resampling.ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def _by_name(words: Sequence[MetricWords]) -> dict[str, MetricWords]:
    return {one.name: one for one in words}
