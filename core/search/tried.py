"""One trial of a search, as the journal has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tried:
    """One trial as the journal has it. ``state``: waiting, running, complete, pruned or fail."""

    number: int
    state: str
    params: dict[str, Any]
    value: float | None
    """Of a complete one its best check; of a pruned one its newest."""
    reported: dict[int, float]
    """Progress -> the metric."""
    fixed: bool = False
    """Its values were given, not suggested."""
    notes: dict[str, Any] = field(default_factory=dict)
    """``run``: its id; ``again``: it was taken up once; ``behind``: it was ended early; ``reason``: why it failed;
    ``void``: it says nothing about its settings, and does not count."""

    @property
    def counts(self) -> bool:
        return self.state != "waiting" and not self.notes.get("void")
