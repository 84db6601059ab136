"""Where a run stands on the Hub: ``published.json`` in its folder, written after the Hub has confirmed it."""

from __future__ import annotations

import json
from dataclasses import asdict

from core.publishing.types import Published
from core.runs import Run, write_atomically

NAME = "published.json"
_KEPT = 100


def published(run: Run, name: str = NAME) -> list[Published]:
    """Newest first. ``name`` is another file that is kept in the same way."""
    try:
        records = json.loads((run.path / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [Published(**record) for record in records]


def add(run: Run, made: Published, name: str = NAME) -> None:
    """Put down what the Hub has confirmed; the same once more is only newer."""
    others = [
        one for one in published(run, name) if (one.kind, one.repo, one.commit) != (made.kind, made.repo, made.commit)
    ]
    write_atomically(run.path / name, json.dumps([asdict(one) for one in (made, *others)][:_KEPT], indent=2))
