"""What the head of a model card says, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.data.check.language_names import NAMES, called
from core.said import said


def codes_of(given: Any) -> tuple[str, ...]:
    """``language`` of a card, one or several, as lower-case codes."""
    codes = given if isinstance(given, list) else [given] if given else []
    return tuple(str(code).lower() for code in codes)


def in_words(codes: Iterable[str]) -> tuple[str, ...]:
    """English names of languages; a code that has none here stays as it is."""
    return tuple(_in_words(code) for code in codes)


def _in_words(code: str) -> str:
    if code == "multilingual":
        return said("many languages")
    return called(code) if code in NAMES else code


def licence_in_words(licence: str, name: str = "") -> str:
    """As people write it: ``Apache-2.0``, ``MIT``, ``CC-BY-4.0``. ``name`` is that of a licence of its own."""
    known = name or licence
    if known == "other":
        return said("its own licence")
    return {"apache-2.0": "Apache-2.0", "mit": "MIT"}.get(known, known.upper() if known.startswith("cc") else known)
