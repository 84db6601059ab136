"""Groups of rows by the words and word pairs that stand in their texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.judging.slicing import LEAST, Groups
from core.said import said

_MOST_WORDS = 4_000
_MOST_SHARE = 1 / 3
"""A word that stands in more of the texts than this says little of them."""
_CHARACTERS = 3_000_000
"""Read at most, all texts together: some seconds."""


def word_groups(texts: Sequence[str]) -> Groups | None:
    """A group for each word, and each pair of words in a row, that stands in enough of the texts, but not in most."""
    from sklearn.feature_extraction.text import CountVectorizer

    from core.evaluation.baselines import units

    longest = max(200, _CHARACTERS // max(1, len(texts)))
    reader = CountVectorizer(
        binary=True, min_df=LEAST, max_df=_MOST_SHARE, max_features=_MOST_WORDS, dtype=float, **units(texts)
    )
    try:
        members: Any = reader.fit_transform([text[:longest] for text in texts])
    except ValueError:  # no word stands in enough texts
        return None
    from scipy.sparse import csc_array

    words = [said("texts with “{word}”", word=word) for word in reader.get_feature_names_out()]
    return Groups(words, ["word"] * len(words), csc_array(members))
