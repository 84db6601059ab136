"""Lists and records that stand in a text: as JSON, as Python prints them, and as numpy does.

Whatever a cell holds, nothing here raises: what cannot be read is None.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from typing import Any

from core.errors import DataError
from core.said import Said, said

DEEPEST = 50
"""Lists within lists, at most: Arrow keeps no more than about 60, and Python follows no more than some hundreds."""
LONGEST_LITERAL = 1 << 20
"""Characters. To read what Python printed takes a hundred times its room."""

_ARRAY = re.compile(r"\barray\((\[.*?\])(?:,\s*dtype=[\w<>|']+)?\)", re.DOTALL)
_NEIGHBOURS = re.compile(r"""('(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+"|[\]}])(\s++(?=['"\[{]))?""", re.DOTALL)


def read(text: str) -> Any:
    """The list, tuple, set or record that a text holds, in any of the forms."""
    found = as_json(text)
    if found is None and len(text) <= LONGEST_LITERAL:
        found = _parsed(ast.literal_eval, _as_python(text.strip()))
    return found


def as_json(text: str) -> Any:
    """The list or record that a text of JSON is."""
    return _parsed(json.loads, text)


def is_too_deep(text: str, value: Any) -> bool:
    """Whether ``value``, which was read from ``text``, goes deeper than ``DEEPEST``."""
    if text.count("[") + text.count("{") + text.count("(") <= DEEPEST:
        return False
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, list | tuple | set | dict)]
        if not level:
            return False
    return True


def too_deep(where: Said) -> DataError:
    """For files. ``where``: ``Line 3 of table.jsonl``."""
    return DataError(
        said(
            "{where} holds lists or objects within each other, more than {deepest} deep.",
            where=where,
            deepest=DEEPEST,
        ),
        said("No table needs that, so something is wrong with what wrote the file: correct or remove that place."),
    )


def _parsed(parse: Callable[[str], Any], text: str) -> Any:
    try:
        found = parse(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    is_one = isinstance(found, list | tuple | set | dict)
    return found if is_one and not is_too_deep(text, found) else None


def _as_python(text: str) -> str:
    """Without numpy's name, and with the commas that numpy leaves out: Python would glue 'a' 'b' together."""
    if "array(" in text:
        text = _ARRAY.sub(r"\1", text)
    return _NEIGHBOURS.sub(lambda match: match[1] + (", " if match[2] else ""), text)


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
