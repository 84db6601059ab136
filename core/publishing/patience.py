"""How a Hub that stumbles is borne: what is worth another try, how long is waited, and that it is said.

The Hub's own clients try again silently, for as long as they are told to wait, and wait for ever where nothing is
answered. ``bear`` puts an end to that: each failure that may pass reaches ``Patience``, which waits and speaks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from core.hub.failures import is_passing, retry_after, status_of
from core.said import Figures, said

T = TypeVar("T")
Say = Callable[[str], None]


class Stumble(Exception):
    """The Hub did not answer, or answered that it cannot now: ``response`` is what it said, if anything.

    None of the kinds that the clients try again after, so it passes through them at once.
    """

    def __init__(self, words: str, response: object = None) -> None:
        super().__init__(words)
        self.response = response


@dataclass(frozen=True)
class Patience:
    """Times in seconds. Of ``tries``, the first counts."""

    tries: int = 5
    first_wait: float = 1.0
    """Before the second try; doubled before each further one."""
    longest_wait: float = 900.0
    """What the Hub may ask for at once."""
    silence: float = 120.0
    """How long nothing may come."""

    def through(self, ask: Callable[[], T], say: Say) -> T:
        """What ``ask`` returns, at the first try that does not stumble. Other failures are raised as they are."""
        tried = 1
        while True:
            try:
                return ask()
            except Exception as exc:
                wait = self._wait(exc, tried)
                if wait is None:
                    raise
                stumble: Stumbling = "asked" if status_of(exc) == 429 else "unwell"
            _wait_aloud(wait, stumble, say)
            tried += 1

    def _wait(self, exc: Exception, tried: int) -> float | None:
        """Seconds until the next try; None where there is to be none."""
        if not is_passing(exc) or tried >= self.tries:
            return None
        asked = retry_after(exc)
        wait = self.first_wait * 2 ** (tried - 1) if asked is None else asked
        return wait if wait <= self.longest_wait else None


def bear(patience: Patience) -> None:
    """Let the Hub's clients, in all of this process, end at the first stumble and never wait without end."""
    from huggingface_hub import get_session, set_client_factory

    their_client: Any = type(get_session())

    class Client(their_client):
        def send(self, request: Any, **how: Any) -> Any:
            try:
                response = super().send(request, **how)
            except Exception as exc:
                if not is_passing(exc):
                    raise
                raise Stumble(f"{type(exc).__name__}: {exc}") from exc
            if response.status_code == 429 or response.status_code >= 500:
                raise Stumble(f"status {response.status_code}", response)
            return response

    connecting = min(10.0, patience.silence)
    timeout = (connecting, patience.silence, patience.silence, patience.silence)
    set_client_factory(lambda: Client(follow_redirects=True, timeout=timeout))


Stumbling = Literal["asked", "unwell"]
_LATER = {
    "asked": "The Hub asks to wait: trying again in {seconds} s",
    "unwell": "The Hub does not answer well: trying again in {seconds} s",
}
_NOW = {
    "asked": "The Hub asks to wait: trying again now",
    "unwell": "The Hub does not answer well: trying again now",
}


def _wait_aloud(seconds: float, stumble: Stumbling, say: Say) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        say(said(_LATER[stumble], seconds=Figures(f"{left:.0f}")) if left >= 1 else said(_NOW[stumble]))
        time.sleep(min(left, 1.0))
