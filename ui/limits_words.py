"""What somebody uses of what they may, in words."""

from __future__ import annotations

from core.people.quotas import WORDS, Use
from ui.languages import tr, written


def used(use: Use) -> str:
    """``4.1 of 20 GB of disk space``."""
    return tr(WORDS[use.name], said=written(use.said), limit=written(use.limit))
