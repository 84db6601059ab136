"""How a trained model is used from a program: what example code rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.models.manual import Manual


@dataclass(frozen=True)
class Usage:
    """What a piece of example code is made for. ``core.usage.snippets.usage_of`` makes that of a run."""

    place: str
    """``owner/name`` on the Hub, or the path of a folder."""
    manual: Manual
    """How the model wants to be fed: task, longest text, target, options, what was learned."""
    example: Mapping[str, str]
    """One input: role -> text, as in ``report.json``."""
    is_private: bool = False
    folder: Path | None = None
    """Where the model's files lie on this machine, if they do: small ones are looked into."""


@dataclass(frozen=True)
class Snippet:
    """A piece of example code to copy."""

    title: str
    """How: ``Python, with transformers``, ``The Hub's inference service``, ``curl``."""
    language: Literal["python", "bash"]
    code: str
    note: str = ""
    """What has to be known before it runs, in a sentence."""
