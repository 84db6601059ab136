"""Texts cut to a length that people read in a list."""

from __future__ import annotations

LONGEST = 1000


def clipped(text: str, most: int = LONGEST) -> str:
    """The text, or its beginning with an ellipsis: at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
