"""Slices: groups of judged rows that are wrong clearly more often than all others, found among very many groups.

Whoever looks at a thousand groups finds ten that look bad by chance. So each group is tested against all other rows,
what was found is corrected for how many were looked at (see ``slicing_chance``), and only what stands out then is
listed: by how many errors there are beyond what the other rows would have, the ones that are surest first, and no rows
twice. Slices of features and of pairs of features follow Chung et al. (2019), "Slice Finder", ICDE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.judging.slicing_chance import LEVEL, corrected, interval, is_right_or_wrong, p_values
from core.said import said

if TYPE_CHECKING:
    import numpy as np

LEAST = 10
"""A group of fewer rows tells nothing."""
MOST_SHARE = 2 / 3
"""A group of more than this share of the rows is not a place where it fails, but nearly everything."""
MOST_LISTED = 10
_PAIRED = 64
"""Groups that are put together in pairs: about two thousand pairs."""
_WEIGHED = 300
"""Groups that stand out and are weighed against each other, the least likely first."""
_NEW = 0.5
"""The share of a group's rows that must not be in one that is listed already."""
_LIFT = 1.25
"""A group that is hardly worse than the others helps nobody, however sure that is."""


@dataclass(frozen=True)
class Groups:
    """Groups of rows. ``members`` is a ``scipy.sparse.csc_array`` of shape (rows, groups); ``words`` says who is in
    each, ``features`` by what it was made.
    """

    words: Sequence[str]
    features: Sequence[str]
    members: Any

    @staticmethod
    def beside(several: Sequence[Groups]) -> Groups:
        """All groups of several, one after the other."""
        from scipy.sparse import csc_array, hstack

        words = [word for one in several for word in one.words]
        features = [feature for one in several for feature in one.features]
        return Groups(words, features, csc_array(hstack([one.members for one in several], format="csc")))


@dataclass(frozen=True)
class Slice:
    """A group that is clearly worse. Rates are shares of wrong rows, or mean errors."""

    words: str
    places: np.ndarray
    rate: float
    others: float
    low: float
    high: float
    p_value: float
    """Corrected for all groups that were looked at."""

    @property
    def extra(self) -> float:
        """How much error there is beyond what as many other rows would have."""
        return (self.rate - self.others) * len(self.places)


def find(single: Groups, words: Groups | None, error: np.ndarray) -> tuple[list[Slice], int]:
    """(the groups that are clearly worse, worst first; how many were looked at).

    Groups of ``single`` are also put together in pairs; those of ``words`` are not.
    """
    import numpy as np

    pairs, chances_of_pairs = _pairs(single, error)
    all_of_them = Groups.beside([single, *([words] if words else []), *([pairs] if pairs else [])])
    chances = np.concatenate(
        [p_values(one.members, error) for one in (single, words) if one] + ([chances_of_pairs] if pairs else [])
    )
    sizes = _sizes(all_of_them.members)
    fit = np.flatnonzero((sizes >= LEAST) & (sizes <= MOST_SHARE * len(error)))
    if not len(fit):
        return [], 0
    q_values = corrected(chances[fit])
    order = np.argsort(q_values, kind="stable")[:_WEIGHED]
    standing_out = [
        _slice(all_of_them, int(fit[place]), error, float(q_values[place]))
        for place in order
        if q_values[place] <= LEVEL
    ]
    return _listed([one for one in standing_out if one.rate >= _LIFT * one.others], error), len(fit)


def _sizes(members: Any) -> np.ndarray:
    import numpy as np

    return np.asarray(members.sum(0)).ravel()


def _pairs(single: Groups, error: np.ndarray) -> tuple[Groups | None, np.ndarray]:
    """(rows that are in two groups at once, how likely chance makes them so bad): worse than all other rows, and also
    than the rest of either group, so that a pair is listed only where neither of the two explains it alone.

    The largest groups are taken, without a look at how bad they are.
    """
    import numpy as np
    from scipy.sparse import csc_array

    sizes = _sizes(single.members)
    big = np.flatnonzero((sizes >= 2 * LEAST) & (sizes <= MOST_SHARE * len(error)))
    big = np.sort(big[np.argsort(-sizes[big], kind="stable")][:_PAIRED])
    inside = single.members[:, big].toarray().astype(float)
    together = inside.T @ inside
    one, other = np.nonzero(np.triu(together >= LEAST, 1))
    apart = np.asarray([single.features[a] != single.features[b] for a, b in zip(big[one], big[other], strict=True)])
    one, other = (one[apart], other[apart]) if len(one) else (one, other)
    if not len(one):
        return None, np.zeros(0)
    members = csc_array(inside[:, one] * inside[:, other])
    within = np.stack([p_values(inside[rows], error[rows]) for rows in (inside > 0).T])
    chances = np.maximum(p_values(members, error), np.maximum(within[one, other], within[other, one]))
    words = [
        said("{first}, and {next}", first=single.words[big[a]], next=single.words[big[b]])
        for a, b in zip(one, other, strict=True)
    ]
    return Groups(words, ["pair"] * len(words), members), chances


def _slice(groups: Groups, number: int, error: np.ndarray, p_value: float) -> Slice:
    import numpy as np

    places = groups.members[:, [number]].nonzero()[0]
    others = np.ones(len(error), dtype=bool)
    others[places] = False
    # The interval is made for those that are listed alone: a bootstrap of each would take long.
    low, high = interval(error[places]) if is_right_or_wrong(error) else _about(error[places])
    return Slice(
        groups.words[number], places, float(error[places].mean()), float(error[others].mean()), low, high, p_value
    )


def _about(error: np.ndarray) -> tuple[float, float]:
    import math

    reach = 1.96 * float(error.std(ddof=1)) / math.sqrt(len(error))
    return float(error.mean()) - reach, float(error.mean()) + reach


def _listed(found: Sequence[Slice], error: np.ndarray) -> list[Slice]:
    """The worst first, each time leaving out what is only bad because of rows that are listed already."""
    import numpy as np

    free, listed = np.ones(len(error), dtype=bool), []
    for one in sorted(found, key=lambda one: -len(one.places) * (one.low - one.others)):
        new = np.zeros(len(error))
        new[one.places] = 1
        is_new = new[free].sum() >= max(LEAST, _NEW * len(one.places))
        if is_new and p_values(new[free][:, None], error[free])[0] <= LEVEL:
            listed.append(one)
            free[one.places] = False
        if len(listed) == MOST_LISTED:
            break
    return listed
