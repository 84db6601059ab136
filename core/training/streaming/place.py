"""A place in a stream, as a checkpoint keeps it: from there on the same rows come in the same order."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.runs import write_atomically

NAME = "stream.json"


@dataclass(frozen=True)
class Tally:
    """What became of the rows of a stream. ``aside``: reason in words -> rows that were passed over for it."""

    read: int = 0
    learned: int = 0
    """A row that came again in a later round counts again."""
    aside: dict[str, int] = field(default_factory=dict)

    def plus(self, other: Tally) -> Tally:
        reasons = [*self.aside, *(reason for reason in other.aside if reason not in self.aside)]
        aside = {reason: self.aside.get(reason, 0) + other.aside.get(reason, 0) for reason in reasons}
        return Tally(self.read + other.read, self.learned + other.learned, aside)


@dataclass(frozen=True)
class Place:
    """``offset`` pieces of a block of rows were learned from. ``round`` is how often the stream began anew, ``rows``
    how many rows of this round came before the block, and ``state`` where the reader stood then.

    ``before`` tells of all rows before the block, ``tally`` of all up to here.
    """

    round: int = 0
    block: int = 0
    rows: int = 0
    state: dict[str, Any] | None = None
    offset: int = 0
    before: Tally = Tally()
    tally: Tally = Tally()

    def write(self, folder: Path) -> None:
        """Keep it in a checkpoint."""
        write_atomically(folder / NAME, json.dumps(asdict(self)))

    @staticmethod
    def of(checkpoint: Path | None) -> Place:
        """Where a checkpoint stood; the beginning where there is none."""
        if checkpoint is None:
            return Place()
        record = json.loads((checkpoint / NAME).read_text(encoding="utf-8"))
        before, tally = (Tally(**record.pop(name)) for name in ("before", "tally"))
        return Place(**record, before=before, tally=tally)
