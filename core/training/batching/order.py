"""The order of the examples of like length together, drawn from the seed and the epoch alone.

The stock sampler draws from whatever chance is left by what came before, so that a run which is taken up again takes
another order than it would have had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

CORRECTIONS_SORTED = 50
"""Together at the most: more would put texts of like length beside each other through the whole epoch, and leave less
to chance."""


class Grouped:
    """Examples in groups of ``rows`` that are of like length: the examples are mixed, cut into blocks of many groups,
    each block sorted, and the groups of all blocks mixed again. The very longest comes first, so that memory runs out
    at once or not at all. As ``transformers``' ``LengthGroupedSampler`` does, but for the last mixing.
    """

    def __init__(self, lengths: Sequence[int], rows: int, seed: int) -> None:
        import numpy as np

        self._lengths, self._rows, self._seed = np.asarray(lengths), rows, seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        return iter(self.places().tolist())

    def places(self) -> Any:
        """All places in the order of this epoch, an array of shape (examples,)."""
        import numpy as np

        chance = np.random.default_rng([self._seed % 2**32, self._epoch])
        places = chance.permutation(len(self._lengths))
        block = self._rows * max(1, min(CORRECTIONS_SORTED, len(places) // (4 * self._rows)))
        blocks = [places[start : start + block] for start in range(0, len(places), block)]
        placed = np.concatenate([one[np.argsort(-self._lengths[one], kind="stable")] for one in blocks])
        full = len(placed) // self._rows
        groups = placed[: full * self._rows].reshape(full, self._rows)
        groups = groups[chance.permutation(full)]
        if full:
            longest = int(self._lengths[groups].max(1).argmax())
            groups[[0, longest]] = groups[[longest, 0]]
        # What fills no group comes last, as it does in a batch.
        return np.concatenate([groups.ravel(), placed[full * self._rows :]])


def lengths_of(pieces: Any, column: str = "input_ids") -> Any:
    """How many tokens each piece holds, an array of shape (pieces,); those of a ``datasets.Dataset`` are counted where
    they lie.
    """
    import numpy as np
    import pyarrow.compute as pc

    if not hasattr(pieces, "data"):
        return np.array([len(piece[column]) for piece in pieces])
    lengths = pc.list_value_length(pieces.data.column(column)).to_numpy()
    return lengths if pieces._indices is None else lengths[pieces._indices.column(0).to_numpy()]


def size_of(pieces: Any) -> tuple[int, int]:
    """(pieces, the tokens that they hold together)."""
    return len(pieces), int(lengths_of(pieces).sum())
