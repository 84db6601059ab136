"""Texts as numbers: equal texts, equal numbers. Comparing them needs eight bytes a row, however long the texts are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def text_hashes(chunks: Iterable[Any]) -> np.ndarray:
    """A 64-bit number for each text of some ``pyarrow.Array``s (SipHash, by pandas); missing ones are left out.

    Among a million different texts, the chance that any two share a number is below one in ten million.
    """
    import numpy as np
    import pandas as pd

    hashed = [pd.util.hash_array(np.asarray(chunk.drop_null(), dtype=object), categorize=False) for chunk in chunks]
    return np.concatenate([np.zeros(0, dtype=np.uint64), *hashed])
