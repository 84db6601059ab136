"""Well-known checkpoints of the Hugging Face Hub: what is said of them before they have been downloaded.

They stand in ``assets/known_models.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from core import home
from core.models.types import Checkpoint
from core.said import said


@dataclass(frozen=True)
class Known:
    """A checkpoint, and what else it takes to recommend it."""

    checkpoint: Checkpoint
    reads: frozenset[str]
    """Codes of the languages that it has read."""
    names_words: bool = True
    """Whether it can guess hidden words as it is."""
    special: bool = False
    """It was made for one thing, such as putting English into German, and is no choice for anything else."""


def _known(record: Mapping[str, Any]) -> Known:
    about = {name: value for name, value in record.items() if name not in ("reads", "names_words", "special")}
    languages = tuple(map(_language, about.pop("languages")))
    summary = said(about.pop("summary"))
    return Known(
        Checkpoint(path=None, needs_network=True, languages=languages, summary=summary, **about),
        frozenset(record["reads"].split()),
        record.get("names_words", True),
        record.get("special", False),
    )


def _language(name: str) -> str:
    """``English``, or ``104 languages``."""
    number, _, many = name.partition(" ")
    return said("{count} languages", count=int(number)) if many == "languages" else said(name)


def _read() -> tuple[Known, ...]:
    text = (home.ASSETS / "known_models.yaml").read_text(encoding="utf-8")
    return tuple(map(_known, yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))))


KNOWN = _read()
HUB = tuple(one.checkpoint for one in KNOWN)
