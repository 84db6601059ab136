"""What is found out about the labels of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Label = str | list[str]
"""A class, or the labels of a row that may have several."""
Way = Literal["quick", "thorough"]
"""How labels are checked: by small models alone, or also by models of the run's own kind, trained for it."""


@dataclass(frozen=True)
class Signs:
    """What labels are judged by, a row each: ``views`` are matrices (dense or sparse) of shape (rows, features).

    ``keys`` are numbers, equal where the texts are: such rows are learned from together or not at all. ``taught`` makes
    one more view: (fold of each row) -> logits, (rows, labels), of models that did not learn from the row's fold.
    """

    views: Sequence[Any]
    keys: np.ndarray
    taught: Callable[[np.ndarray], np.ndarray] | None = None


@dataclass(frozen=True)
class Doubts:
    """How far each row's label is disputed; arrays and lists of one entry a row.

    ``quality`` is from 0 (surely wrong) to 1 (surely right), nan where it cannot be judged. ``wrong`` are those that
    are estimated to be wrong: so many, from the lowest quality on. ``probability`` and ``suggested_probability`` are
    what the models gave the label, and what they would say instead.
    """

    quality: np.ndarray
    wrong: np.ndarray
    given: Sequence[Label]
    suggested: Sequence[Label]
    probability: np.ndarray
    suggested_probability: np.ndarray
