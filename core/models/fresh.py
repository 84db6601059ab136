"""What of a model was not read from its checkpoint: drawn by chance, so that it has to be learned whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_FRESH, _WIDENED = "_drawn_anew", "_widened"


def mark(model: Any, tensors: Iterable[str]) -> None:
    """Note the names of tensors that the checkpoint lacked, or had in another shape."""
    setattr(model, _FRESH, frozenset(tensors))


def fresh(model: Any) -> frozenset[str]:
    found: frozenset[str] = getattr(model, _FRESH, frozenset())
    return found


def mark_widened(model: Any) -> None:
    """Note that the embeddings got rows for new tokens."""
    setattr(model, _WIDENED, True)


def is_widened(model: Any) -> bool:
    return bool(getattr(model, _WIDENED, False))
