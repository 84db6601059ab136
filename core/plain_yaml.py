"""YAML that somebody brought: plain values alone, and no more of them than a person writes.

A tag could make an object of any kind of Python's; none is known here. An alias says that a part stands in another
place too: a few lines of aliases of aliases would be billions of values as soon as they are written out.
"""

from __future__ import annotations

from typing import Any

import yaml

MOST_VALUES = 5_000_000
"""With each alias counted as what it stands for."""
LONGEST = 100_000_000
"""Characters."""


def load(text: str) -> Any:
    """The value that a text of YAML holds. Raises ``yaml.YAMLError`` where it is none, or a trap."""
    if len(text) > LONGEST:
        raise yaml.YAMLError(f"it has {len(text):,} characters, and at most {LONGEST:,} are read")
    try:
        # The parser in C, where it is there, is eight times as fast and as safe.
        found = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        counted = _values(found, {}, set())
    except RecursionError:
        raise yaml.YAMLError("its parts lie too deep within each other") from None
    except (ValueError, TypeError) as exc:  # a date such as 2026-99-99, a list as a key
        raise yaml.YAMLError(str(exc)) from exc
    if counted > MOST_VALUES:
        raise yaml.YAMLError(f"with its aliases written out it has more than {MOST_VALUES:,} values")
    return found


def _values(value: Any, known: dict[int, int], above: set[int]) -> int:
    """How many values it is, written out."""
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list | set) else ()
    if not inner:
        return 1
    if id(value) in above:
        raise yaml.YAMLError("a part of it holds itself")
    if id(value) not in known:
        known[id(value)] = 1 + sum(_values(one, known, above | {id(value)}) for one in inner)
    return known[id(value)]
