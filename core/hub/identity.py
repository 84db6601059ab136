"""As whom the Hub is asked. A token lives in memory only: it is never printed, stored, or put into an environment.

The app asks as the person behind each event (``asking_as``). A process that is started to work for somebody is told
over its pipe (``as_record``) and asks as them from then on (``become``). Every call of a Hub client names
``to_send()``, so that nobody's token is used for somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["machine", "token", "oauth", "nobody"]
"""The token that ``hf auth login`` has saved on this machine (or ``HF_TOKEN``), one that was pasted, one of a login
through the Hub's own page, or none."""


@dataclass(frozen=True)
class Identity:
    """Somebody, or nobody, before the Hub."""

    kind: Kind
    secret: str = field(default="", repr=False)
    expires: float | None = None
    """Seconds since the epoch; None where it is not known."""

    def to_send(self) -> str | bool | None:
        """What the clients of the Hub take as ``token``: None leaves it to them to find the machine's own."""
        return {"machine": None, "nobody": False}.get(self.kind, self.secret)

    def as_record(self) -> dict[str, Any]:
        """For the pipe to a process of ours, and for nothing else."""
        return {"kind": self.kind, "secret": self.secret, "expires": self.expires}

    @staticmethod
    def of(record: Mapping[str, Any] | None) -> Identity:
        """From ``as_record``; without one, the machine's."""
        return Identity(**record) if record else MACHINE


MACHINE = Identity("machine")
NOBODY = Identity("nobody")

_own = MACHINE
"""Of the whole process, where nobody is named for what is going on."""
_asking: ContextVar[Identity | None] = ContextVar("asking", default=None)


def current() -> Identity:
    """As whom the Hub is asked here and now."""
    return _asking.get() or _own


def to_send() -> str | bool | None:
    """``token=`` of every call of a Hub client."""
    return current().to_send()


@contextmanager
def asking_as(identity: Identity) -> Iterator[None]:
    """Ask as somebody for a while. Threads that are started inside ask as the process does."""
    before = _asking.set(identity)
    try:
        yield
    finally:
        _asking.reset(before)


def become(identity: Identity) -> None:
    """Ask as somebody from now on, in all of this process: for processes that work for one person."""
    global _own
    _own = identity
