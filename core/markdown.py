"""Tables for the docs, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(headers: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table whose cells are plain text; only what stands in backticks is Markdown."""
    body = [f"| {' | '.join(_plain(cell) for cell in line)} |" for line in lines]
    return "\n".join([f"| {' | '.join(headers)} |", f"|{' --- |' * len(headers)}", *body])


def _plain(text: str) -> str:
    """A cell on one line, in which nothing but code is Markdown."""
    parts = text.replace("\n", " ").replace("|", "\\|").split("`")
    return "`".join(
        part if place % 2 else part.replace("<", "&lt;").replace("*", "\\*") for place, part in enumerate(parts)
    )
