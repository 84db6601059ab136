"""Share rows out by chance: seeded, and with every class in every part where there are enough of it.

``datasets`` and scikit-learn refuse to stratify a class with one row, and such classes are common in real tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def draw(strata: np.ndarray | None, rows: int, shares: Sequence[float], seed: int) -> np.ndarray:
    """Give each of ``rows`` rows a part: 0 for the rest (to learn from), k for the k-th of the ``shares``.

    ``strata`` holds a class number a row (from 0), or is None. Each class is shared out alike; one row of every class
    stays in the rest; a class of three rows or more has at least one row in each part if the parts are large enough.
    The same arguments give the same parts, on every machine and with every version of numpy.
    """
    import numpy as np

    chance = np.random.RandomState(seed)  # its stream is frozen for good, that of default_rng is not
    order = chance.permutation(rows)
    classes = np.zeros(rows, dtype=np.int64) if strata is None else np.asarray(strata)
    sizes = np.bincount(classes)
    jitter = chance.random_sample(len(sizes)) * 1e-6
    taken = np.zeros_like(sizes)
    parts = np.zeros(rows, dtype=np.int8)
    by_class = order[np.argsort(classes[order], kind="stable")]
    place_in_class = np.arange(rows) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    classes_sorted = classes[by_class]
    for part, share in enumerate(shares, start=1):
        parts_to_come = np.where(sizes > len(shares), len(shares) - part, 0)
        room = np.maximum(sizes - taken - 1 - parts_to_come, 0)
        counts = _counts(sizes, share, room, jitter)
        first = taken[classes_sorted]
        parts[by_class[(place_in_class >= first) & (place_in_class < first + counts[classes_sorted])]] = part
        taken = taken + counts
    return parts


def newest(moments: np.ndarray, sizes: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Give each group of rows a part by time: the newest go to the last of the ``shares``, those before to the share
    before it, and so on; 0 for the rest (to learn from), k for the k-th share.

    ``moments`` holds a number a group that grows with time, NaN for those that are to learn from in any case;
    ``sizes`` how many rows each has. A share is one of the rows with a moment. One group at least stays in the rest.
    """
    import numpy as np

    parts = np.zeros(len(moments), dtype=np.int64)
    order = np.argsort(moments, kind="stable")[: np.count_nonzero(~np.isnan(moments))][::-1]
    rows = np.cumsum(sizes[order])
    total, start = int(rows[-1]) if len(rows) else 0, 0
    for part in range(len(shares), 0, -1):
        wanted = (int(rows[start - 1]) if start else 0) + max(1, round(shares[part - 1] * total))
        # As many groups as come nearest, but one for each part that is still to come.
        end = int(np.searchsorted(rows, wanted)) + 1
        end = min(max(end, start + 1), len(order) - part)
        parts[order[start:end]] = part
        start = max(start, end)
    return parts


def _counts(sizes: np.ndarray, share: float, room: np.ndarray, jitter: np.ndarray) -> np.ndarray:
    """How many rows of each class go to a part: by largest remainder, ``jitter`` settles ties, ``room`` is the most."""
    import numpy as np

    total = min(max(1, round(share * int(sizes.sum()))), int(room.sum()))
    quota = share * sizes + jitter
    counts = np.minimum(np.floor(quota).astype(np.int64), room)
    left_out = (counts == 0) & (room > 0) & (sizes > 2)
    if np.count_nonzero(counts) + np.count_nonzero(left_out) <= total:
        counts[left_out] = 1
    while counts.sum() > total:
        counts[np.argmax(np.where(counts > 1, counts - quota, -np.inf))] -= 1
    while counts.sum() < total:
        counts[np.argmax(np.where(counts < room, quota - counts, -np.inf))] += 1
    return counts
