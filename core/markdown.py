"""Markdown: tables, and text that came from people or files, which must neither break it nor become HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"`[^`]+`")
_MEANING = re.compile(r"([\\*\[\]|~$]|(?<![^\W_])_|_(?![^\W_]))")
"""Signs that Markdown reads anywhere in a line; the Hub takes dollar signs for formulas. An underscore inside a word
means nothing.
"""
_OPENING = re.compile(r"^(#+|[-+]|\d+[.)])(?=\s|$)|^[-=]+$")
"""What makes a list, a heading or a rule at the beginning of a line."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "&#96;"}


def table(headers: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table whose cells are plain text; only what stands in backticks is Markdown."""
    return made_table(headers, [[_plain(cell) for cell in line] for line in lines])


def made_table(headers: Sequence[str], lines: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    """A table whose cells are Markdown already, each on one line; columns with these ``numbers`` stand to the right."""
    right = set(numbers)
    rule = "".join(" ---: |" if place in right else " --- |" for place in range(len(headers)))
    return "\n".join([f"| {' | '.join(headers)} |", f"|{rule}", *(f"| {' | '.join(line)} |" for line in lines)])


def escaped(text: str) -> str:
    """Any text on one line, as it is: no sign of it means anything, wherever it stands."""
    line = " ".join(text.split())
    safe = "".join(_ENTITIES.get(sign, sign) for sign in _MEANING.sub(r"\\\1", line))
    return _OPENING.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", safe)


def prose(text: str) -> str:
    """Sentences of this program in which names stand in backticks: these stay, all else is as it is."""
    line, parts, end = " ".join(text.split()), [], 0
    for found in _CODE.finditer(line):
        parts += [_inner(line[end : found.start()]), code(found[0][1:-1])]
        end = found.end()
    return "".join([*parts, _inner(line[end:])])


def code(text: str, in_table: bool = False) -> str:
    """Any text on one line as code. ``in_table``: its bars do not end the cell."""
    line = " ".join(text.split()) or " "
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    pad = " " if longest else ""
    if in_table:
        line = line.replace("|", "\\|")
    return f"{'`' * (longest + 1)}{pad}{line}{pad}{'`' * (longest + 1)}"


def fenced(text: str, language: str = "") -> str:
    """A block of code, whatever stands in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _inner(text: str) -> str:
    """A part of a line, its blanks at both ends kept."""
    bare = text.strip()
    if not bare:
        return text
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{escaped(bare)}{trail}"


def _plain(text: str) -> str:
    """A cell on one line, in which nothing but code is Markdown."""
    parts = text.replace("\n", " ").replace("|", "\\|").split("`")
    return "`".join(
        part if place % 2 else part.replace("<", "&lt;").replace("*", "\\*") for place, part in enumerate(parts)
    )
