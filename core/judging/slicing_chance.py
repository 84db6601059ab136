"""How likely it is that chance alone makes a group of rows so much worse than all other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

LEVEL = 0.01
"""Among all that is listed, so large a share may be chance; a table of noise has anything listed as seldom as that."""
RESAMPLES = 2000


def is_right_or_wrong(error: np.ndarray) -> bool:
    """Whether errors are 0 or 1 alone: shares can be told of them then, else means."""
    import numpy as np

    return bool(np.isin(error, (0.0, 1.0)).all())


def p_values(members: Any, error: np.ndarray) -> np.ndarray:
    """For each group, how likely chance alone makes it as bad beside all other rows; one-sided.

    ``members`` of shape (rows, groups) says who is in which group, as a sparse or dense array of 0 and 1; ``error`` of
    shape (rows,). For right and wrong this is Fisher's exact test (the tail of the hypergeometric distribution), else
    the test of Mann and Whitney (1947) with the normal approximation, corrected for ties and continuity, as in
    ``scipy.stats.mannwhitneyu(method="asymptotic")``. A group of no rows, or of all, has 1.
    """
    import numpy as np
    from scipy.stats import hypergeom, norm, rankdata

    rows = len(error)
    sizes = _sums(members, np.ones(rows))
    if is_right_or_wrong(error):
        wrong = _sums(members, error)
        return np.asarray(hypergeom.sf(np.round(wrong) - 1, rows, round(float(error.sum())), np.round(sizes)))
    others = rows - sizes
    over = _sums(members, rankdata(error)) - sizes * (sizes + 1) / 2 - sizes * others / 2
    ties = np.unique(error, return_counts=True)[1].astype(float)
    spread = sizes * others / 12 * ((rows + 1) - (ties**3 - ties).sum() / max(1, rows * (rows - 1)))
    found = norm.sf((over - 0.5) / np.sqrt(np.where(spread > 0, spread, 1)))
    return np.where(spread > 0, found, 1.0)


def corrected(p_values: np.ndarray) -> np.ndarray:
    """The same for looking at so many groups at once: false discovery rates (Benjamini and Hochberg, 1995)."""
    from scipy.stats import false_discovery_control

    return false_discovery_control(p_values) if len(p_values) else p_values


def interval(error: np.ndarray) -> tuple[float, float]:
    """Where the true rate (or mean) of some rows lies, 19 times out of 20: Wilson's interval, or a bootstrap."""
    import numpy as np
    from scipy.stats import bootstrap

    from core.evaluation.intervals import wilson

    if is_right_or_wrong(error):
        return wilson(round(float(error.sum())), len(error))
    if len(error) < 2 or np.ptp(error) == 0:
        return float(error.mean()), float(error.mean())
    # Of many rows, batch by batch: all resamples at once would not fit into memory.
    batch = max(1, 2_000_000 // len(error))
    found = bootstrap(
        (error,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(0), batch=batch
    ).confidence_interval
    return float(found.low), float(found.high)


def _sums(members: Any, values: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(members.T @ values, dtype=float).ravel()
