"""Choices that say yes, no or nothing, as people and YAML write them."""

from __future__ import annotations

from typing import Any, Literal

Automatic = Literal["automatic", "yes", "no"]
"""A switch of transformers' that may also be left alone."""


def said(value: Any) -> Any:
    """``yes`` and ``no`` as words: YAML 1.1 reads both as true and false where they stand without quotes."""
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def as_bool(value: str) -> bool | None:
    """What an ``Automatic`` says; None where it is left alone."""
    return {"yes": True, "no": False}.get(value)
