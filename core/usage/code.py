"""Python source made of templates and of values that nobody has checked: texts and class names of a table."""

from __future__ import annotations

import math
from string import Template
from typing import Any

WIDTH = 100
"""Characters, of a value on one line."""


class Source(str):
    """Python that is ready: it goes into a template as it stands."""


def literal(value: Any) -> str:
    """Plain data as a Python expression. What is a text stays one, whatever stands in it."""
    if isinstance(value, Source):
        return value
    if isinstance(value, dict):
        return _in_brackets("{}", [f"{literal(key)}: {literal(inner)}" for key, inner in value.items()])
    if isinstance(value, list | tuple):
        return _in_brackets("[]", [literal(inner) for inner in value])
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} is not plain data")


def filled(code: str, /, **values: Any) -> str:
    """The template with ``$NAME`` replaced by each value as ``literal``; nothing in a value is replaced again."""
    return Template(code.strip("\n")).substitute({name: literal(value) for name, value in values.items()})


def parts(*pieces: str) -> str:
    """A program of functions and other pieces, two empty lines between them; empty ones are left out."""
    return "\n\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()) + "\n"


def _text(value: str) -> str:
    """With double quotes, as the rest of the code has them, unless that takes more marks to write."""
    plain = repr(value)
    return plain if plain[0] == '"' or '"' in value else f'"{plain[1:-1]}"'


def _in_brackets(brackets: str, parts: list[str]) -> str:
    line = f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
    if len(line) <= WIDTH:
        return line
    inner = "".join(f"    {part},\n" for part in parts)
    return f"{brackets[0]}\n{inner}{brackets[1]}"
