"""How long the Hub is waited for: its clients try again and again, and some of their calls know no end."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

from core.errors import HubError
from core.said import said, said_many

Answer = TypeVar("Answer")


def within(seconds: float, do: Callable[[], Answer]) -> Answer:
    """What ``do`` gives or raises. Raises ``HubError`` after so many seconds; what goes on then is left alone."""
    ended: queue.SimpleQueue[tuple[Answer | None, BaseException | None]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            ended.put((do(), None))
        except BaseException as exc:  # raised again below, where somebody waits for it
            ended.put((None, exc))

    threading.Thread(target=copy_context().run, args=(ask,), daemon=True).start()
    try:
        answer, failure = ended.get(timeout=seconds)
    except queue.Empty:
        raise HubError(
            said_many(
                round(seconds),
                "The Hugging Face Hub has not answered within {count} second.",
                "The Hugging Face Hub has not answered within {count} seconds.",
            ),
            said("It may be busy, or the connection slow. Try again in a while."),
        ) from None
    if failure is not None:
        raise failure
    return answer  # type: ignore[return-value]
