"""Whether the Hub can be reached, asked for once where several questions follow each other."""

from __future__ import annotations

import math
import time

from core import home
from core.data.hub.failures import offline
from core.models import hub

_BELIEVED_SECONDS = 5.0
_last_refusal = -math.inf


def is_reachable() -> bool:
    """A dead network is noticed within three seconds, and then believed dead for a moment. For a visitor of a demo the
    Hub is never asked.
    """
    global _last_refusal
    if home.is_visitors():
        return False
    if time.monotonic() - _last_refusal < _BELIEVED_SECONDS:
        return False
    if hub.reachable():
        return True
    _last_refusal = time.monotonic()
    return False


def forget_refusal() -> None:
    """Somebody asks once more by hand: the network may be back."""
    global _last_refusal
    _last_refusal = -math.inf


def need_network(repo: str = "") -> None:
    """Raise ``DataError`` when the Hub cannot be reached. ``repo`` is what is not on this machine."""
    if not is_reachable():
        raise offline(repo)
