"""How many validation rows a check reads, so that checks take no more of the time than is allowed.

A check that would take longer reads a fixed sample: the same rows each time, so that the checks of a run can be
compared, with as many rows of each class, or from each range of numbers, as the whole has. It is settled at the first
check after some training, and kept beside the checkpoints, so that a run that is taken up goes on with it. The final
judgement reads all rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.prediction.inference import Encoded
from core.runs import write_atomically
from core.said import Figures, said
from core.tasks.base import Task
from core.training import ranks
from core.training.pace import Interval
from core.training.preparing import chunks
from core.training.shop import Workshop

FEWEST = 500
"""Rows in a sample: of fewer, an accuracy would be off by more than about two in a hundred by chance."""
TRIED = 128
"""Rows by which it is found how fast a check is."""
FILE = "validation_sample.json"

Clock = Callable[[int], float]
"""(rows to read) -> the seconds that a check of them takes."""


@dataclass(frozen=True)
class Sample:
    """Some rows, and their pieces with ``row`` as the place among them."""

    examples: Any
    pieces: Any
    places: Any
    """Of the rows among all, ascending; None for all."""

    def chunks(self) -> Iterator[Encoded]:
        """As ``run_encoded`` takes them."""
        import numpy as np

        for chunk in chunks(self.pieces):
            if self.places is None:
                yield chunk
            else:
                yield {**chunk, "row": np.searchsorted(self.places, chunk["row"]).tolist()}

    def part(self, first: int, end: int) -> Sample:
        """The rows from ``first`` to before ``end`` alone."""
        import numpy as np

        places = (np.arange(self.examples.num_rows) if self.places is None else self.places)[first:end]
        inside = np.flatnonzero(np.isin(np.asarray(self.pieces.data.column("row")), places))
        return Sample(self.examples.slice(first, end - first), self.pieces.select(inside), places)


def sampled(examples: Any, pieces: Any, task: Task, rows: int, seed: int) -> Sample:
    """A fixed sample of so many ``rows``, or all."""
    import numpy as np

    if rows >= examples.num_rows:
        return Sample(examples, pieces, None)
    places = evenly(_kinds(examples, task), rows, seed)
    inside = np.flatnonzero(np.isin(np.asarray(pieces.data.column("row")), places))
    return Sample(examples.take(places), pieces.select(inside), places)


def evenly(kinds: Any, rows: int, seed: int) -> Any:
    """Places of so many ``rows``, ascending, drawn by chance with ``seed`` and yet evenly over ``kinds``, numbers that
    say of each row which kind it is: systematic sampling (Cochran, "Sampling Techniques", 3rd ed., chapter 8).
    """
    import numpy as np

    by_kind = np.lexsort((np.random.default_rng(seed).permutation(len(kinds)), kinds))
    return np.sort(by_kind[((np.arange(rows) + 0.5) * len(kinds) / rows).astype(int)])


def _kinds(examples: Any, task: Task) -> Any:
    """The class of each row, or its score, as a rank; all alike where the task has neither."""
    import numpy as np
    import pyarrow.compute as pc

    for role in task.roles:
        if role.kind in ("label", "number") and not role.is_input and role.name in examples.column_names:
            return pc.rank(examples.column(role.name), sort_keys="ascending", tiebreaker="dense").to_numpy()
    return np.zeros(examples.num_rows, dtype=int)


class Limit:
    """Settles once how many rows the checks of a run read."""

    def __init__(self, shop: Workshop, interval: Callable[[], Interval | None]) -> None:
        self._shop, self._interval = shop, interval
        self._share = shop.config.training.eval_time_share
        self._place = shop.run.checkpoints_path / FILE
        self.rows = self._kept()
        """None while it is open."""

    def settle(self, total: int, clock: Clock) -> int:
        """How many of ``total`` rows to read now; ``clock`` is asked where that cannot be told otherwise."""
        if self.rows is not None:
            return min(self.rows, total)
        interval = self._interval()
        if interval is None:  # Before the first step: not a check that chooses a model.
            return total
        self.rows = ranks.agree(self._fitting(total, interval, clock))
        if ranks.leads():
            self._place.parent.mkdir(exist_ok=True)
            write_atomically(self._place, json.dumps({"rows": self.rows}))
        if self.rows < total:
            self._tell(total)
        return self.rows

    def _fitting(self, total: int, interval: Interval, clock: Clock) -> int:
        if total <= FEWEST or self._share >= 1:
            return total
        allowed = self._share / (1 - self._share)
        # To read a row takes less than to learn from it, unless the model has to write.
        if self._shop.task.write is None and total <= allowed * interval.rows:
            return total
        seconds_a_row = clock(TRIED) / TRIED
        fitting = int(allowed * interval.seconds / max(seconds_a_row, 1e-9))
        return min(total, max(FEWEST, fitting))

    def _tell(self, total: int) -> None:
        self._shop.notice(
            said("Checks read {rows} of {total} validation rows.", rows=self.rows, total=total),
            said(
                "So they take about {share}% of the time at most. It is the same rows each time, chosen by chance and "
                "evenly over the answers. The final judgement reads all rows.",
                share=Figures(f"{self._share * 100:.0f}"),
            ),
        )

    def _kept(self) -> int | None:
        """What was settled before the run was interrupted."""
        try:
            return int(json.loads(self._place.read_text(encoding="utf-8"))["rows"])
        except FileNotFoundError:
            return None
