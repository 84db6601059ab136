"""How much programs may ask at once. Each limit is declared here, and told by the interface itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core import ceilings
from core.event_pages import PAGE_BYTES
from ui.rest.problems import WORDS, Refusal

UPLOAD_BYTES = ceilings.most("upload")
INPUTS = 100
"""Inputs in one question."""
LETTERS = 1_000_000
"""Of all inputs of a question together."""
CONFIG_LETTERS = 1_000_000
"""Of a config as JSON. One has a few thousand."""
STARTS, QUESTIONS = 2, 4
"""So many are worked on at the same moment."""


def told() -> dict[str, int]:
    """The limits by name."""
    return {
        "upload_bytes": UPLOAD_BYTES,
        "inputs": INPUTS,
        "letters": LETTERS,
        "config_letters": CONFIG_LETTERS,
        "events_bytes": PAGE_BYTES,
        "starts_at_once": STARTS,
        "questions_at_once": QUESTIONS,
    }


class Turnstile:
    """Lets so many through at a time and sends the others away, so that none holds a thread that pages wait for."""

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Raises ``Refusal`` (429) where too many are inside."""
        if not self._free.acquire(blocking=False):
            raise Refusal(429, WORDS[429], "Ask again in a few seconds.")
        try:
            yield
        finally:
            self._free.release()


starting, asking = Turnstile(STARTS), Turnstile(QUESTIONS)
