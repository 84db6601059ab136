"""What the command line says of how to measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SETS = ("long-256", "long-512", "short", "documents")
"""That trainings are measured on: see ``tests.bench.sets``."""


@dataclass(frozen=True)
class Options:
    """``pairs``: how often each claim is measured. ``data``: a folder of real texts, None for the shipped samples.
    ``steps``: of a block that a contender makes in its turn. ``threads``: of each contender, and of no other.
    """

    pairs: int = 5
    steps: int = 2
    threads: int = 1
    quick: bool = False
    data: Path | None = None
    checkpoint: str = "starter/minilm"
    sets: tuple[str, ...] = ()
    """Of ``train``: only these; all where none is named."""
    paddings: tuple[str, ...] = ()
    """Ways of ours to lay out batches; all that the setting offers where none is named."""
    seeds: int = 3
    """Of ``quality``."""
    out: Path | None = None
    """Where figures are kept."""

    def __post_init__(self) -> None:
        if self.pairs < 1 or self.steps < 1 or self.threads < 1:
            raise ValueError("pairs, steps and threads begin at 1")
        if self.seeds < 2:
            raise ValueError("of one seed nobody knows how far others lie apart: take 2 or more")
