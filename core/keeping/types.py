"""What is kept on the Hub, as plain records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """A run in the repository."""

    run: str
    size: int
    """Bytes."""
    is_here: bool
    """Among the runs or in the trash, so that it cannot be brought back."""


@dataclass(frozen=True)
class KeptRuns:
    """What is kept for whoever asks, newest first."""

    repo: str
    """``owner/name``, whether it is there already or not."""
    runs: tuple[Kept, ...] = ()
    is_there: bool = False
    is_public: bool = False
    page: str = ""
    """The repository's, on the Hub."""
