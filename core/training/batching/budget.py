"""Corrections of about so many tokens each, however many examples that takes.

In language models and taggers each token is learned from, so that a correction of long texts says more than one of
short ones; here each says about as much, and takes about as long. It is not the training that a fixed number of
examples gives: how much each example weighs depends on the company that it keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.training.batching.sharing import marked
from core.training.steps import filled_steps


class Filled:
    """The examples in order, cut into corrections of about as many tokens each. How many those are follows from the
    texts alone, so every epoch has as many, and none is a small rest. A text is never cut: a correction is off the mean
    by fewer tokens than the longest text has.

    A batch sampler: of each correction it gives the share of process ``number``, all of it to a single one. The order
    is drawn from the seed and the epoch alone; ``is_mixed`` is False for that of the table.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        tokens_a_step: int,
        seed: int,
        *,
        processes: int = 1,
        number: int = 0,
        is_mixed: bool = True,
    ) -> None:
        import numpy as np

        self._lengths = np.asarray(lengths)
        self._seed, self._is_mixed = seed, is_mixed
        self._processes, self._number = processes, number
        self._count = filled_steps(len(self._lengths), int(self._lengths.sum()), tokens_a_step)
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self._epoch = epoch

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[list[int]]:
        return map(self._mine, self.steps())

    def steps(self) -> list[Any]:
        """The places of the examples of each correction of this epoch, arrays of shape (examples,)."""
        import numpy as np

        order = np.arange(len(self._lengths))
        if self._is_mixed:
            order = np.random.default_rng([self._seed % 2**32, self._epoch]).permutation(order)
        return np.split(order, self._cuts(self._lengths[order]))

    def _cuts(self, lengths: Any) -> Any:
        """Before which examples a correction begins, but for the first: where the tokens are shared out most evenly,
        with one example in each at the least.
        """
        import numpy as np

        ends = np.cumsum(lengths)
        wanted = ends[-1] * np.arange(1, self._count) / self._count
        middles = ends - lengths / 2
        cuts, places = np.searchsorted(middles, wanted), np.arange(self._count - 1)
        cuts = np.maximum.accumulate(np.maximum(cuts, 1) - places) + places
        return np.minimum(cuts, len(lengths) - self._count + 1 + places)

    def _mine(self, places: Any) -> list[int]:
        """This process's examples of a correction, of about as many tokens as the others have. One that nothing is left
        for keeps time with them: see ``marked``.
        """
        import numpy as np

        if self._processes == 1:
            return list(places.tolist())
        longest_first = places[np.argsort(-self._lengths[places], kind="stable")]
        return longest_first[self._number :: self._processes].tolist() or [marked(int(places[0]))]
