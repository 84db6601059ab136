"""What the command line says of how to measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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

    def __post_init__(self) -> None:
        if self.pairs < 1 or self.steps < 1 or self.threads < 1:
            raise ValueError("pairs, steps and threads begin at 1")
