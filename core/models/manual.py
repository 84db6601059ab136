"""What stands beside a trained model: how it wants to be fed and read, so that its folder is enough to use it.

``tunesmith.json`` in the folder of the model. ``from_pretrained`` passes it over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.data.types import Target

NAME = "tunesmith.json"
VERSION = 1


@dataclass(frozen=True)
class Manual:
    """How a trained model is used. ``options`` and ``learned`` are those of its task, in plain data."""

    task: str
    max_length: int
    target: Target
    options: Mapping[str, Any] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 42


def write(folder: Path, manual: Manual) -> None:
    """Put the manual into the folder of its model."""
    record = {"version": VERSION, **asdict(manual)}
    # A model that is in use keeps a whole manual while it gets another.
    draft = folder / f".{NAME}"
    draft.write_text(json.dumps(record, ensure_ascii=False, indent=2), encoding="utf-8")
    os.replace(draft, folder / NAME)


def read(folder: Path) -> Manual | None:
    """The manual of a model, or None where there is none: a model that came from elsewhere."""
    try:
        record = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if record.pop("version", None) != VERSION:
        return None
    return Manual(target=Target(**_tuples(record.pop("target"))), **record)


def _tuples(value: Any) -> Any:
    """JSON has lists where records have tuples."""
    if isinstance(value, dict):
        return {name: _tuples(inner) for name, inner in value.items()}
    return tuple(_tuples(inner) for inner in value) if isinstance(value, list) else value
