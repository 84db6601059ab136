"""Whom the Hub has let see a private or gated repository of which something lies on this machine.

What was fetched is kept once for everybody, so whoever asks for a closed repository has to be known for it. A folder of
the cache remembers that: names from which nobody's token can be told (``Identity.key``).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.hub.identity import current
from core.runs import write_atomically

_NAME = "access.json"


@dataclass(frozen=True)
class Access:
    """``askers`` are the keys of those who were let in; of an open repository, that is everybody."""

    closed: bool
    askers: tuple[str, ...] = ()

    @property
    def is_mine(self) -> bool:
        """Whether whoever asks now may see it."""
        return not self.closed or current().key in self.askers


def known(folder: Path) -> Access | None:
    """What is remembered in a folder; None where the Hub was never asked."""
    try:
        found = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        return Access(bool(found["closed"]), tuple(found["askers"]))
    except (FileNotFoundError, ValueError, KeyError):
        return None


def note(folder: Path, closed: bool, let_in: bool) -> Access:
    """Remember what the Hub has said now; ``let_in``: it lets whoever asks see all of it."""
    before = known(folder)
    askers = set(before.askers if before else ()) | ({current().key} if closed and let_in else set())
    found = Access(closed, tuple(sorted(askers)))
    if found != before:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / _NAME, json.dumps(asdict(found)))
    return found
