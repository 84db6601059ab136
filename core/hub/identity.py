"""As whom the Hub is asked. A token lives in memory only: it is never printed, stored, or put into an environment.

The app asks as the person behind each event (``asking_as``). A process that is started to work for somebody is told
over its pipe (``as_record``) and asks as them from then on (``become``). Every call of a Hub client names
``to_send()``, so that nobody's token is used for somebody else; and where a process works for somebody else than the
machine, the clients find no token of the machine, in case that one of their own calls names none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from core import home
from core.people import acting
from core.people.acting import Actor, acting_as

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
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
    forgotten: bool = False
    """Nobody any more: there was a token, which was kept in memory only."""
    scope: str = ""
    """What a login through the Hub's own page allows, as OAuth has it: ``openid profile write-repos``."""

    @property
    def key(self) -> str:
        """A name for memories of what they may see, from which the secret cannot be told."""
        if self.kind in ("machine", "nobody"):
            return self.kind
        return hashlib.blake2b(self.secret.encode(), digest_size=16, person=b"tunesmith").hexdigest()

    def to_send(self) -> str | bool | None:
        """What the clients of the Hub take as ``token``: None leaves it to them to find the machine's own."""
        return {"machine": None, "nobody": False}.get(self.kind, self.secret or False)

    def as_record(self) -> dict[str, Any]:
        """For the pipe to a process of ours, and for nothing else."""
        return asdict(self)

    @staticmethod
    def of(record: Mapping[str, Any] | None) -> Identity:
        """From ``as_record``; without one, the machine's."""
        return Identity(**record) if record else MACHINE


MACHINE = Identity("machine")
NOBODY = Identity("nobody")
FORGOTTEN = Identity("nobody", forgotten=True)

_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
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
    """Ask as somebody for a while. Threads that are started inside ask as the process does, unless what they do is
    ``carried``.

    Not around a ``yield``: each step of a generator may run in another context.
    """
    before = _asking.set(identity)
    try:
        yield
    finally:
        _asking.reset(before)


def carried(do: Callable[P, R]) -> Callable[P, R]:
    """The same function, asking as whoever asks now, in their home: for another thread, which begins as nobody in
    particular.
    """
    asker, place, actor = current(), home.lived_in(), acting.current()

    def work(*args: P.args, **kwargs: P.kwargs) -> R:
        with asking_as(asker), home.living_in(place), acting_as(actor):
            return do(*args, **kwargs)

    return work


def each_step_as(
    identity: Identity, steps: Iterator[T], place: Path | None = None, actor: Actor | None = None
) -> Iterator[T]:
    """The same steps, each of them asking as somebody, in the home at ``place`` (None: the process's own), done by
    ``actor``; so does what clears up after the last.
    """
    try:
        while True:
            with asking_as(identity), home.living_in(place), acting_as(actor):
                try:
                    step = next(steps)
                except StopIteration:
                    return
            yield step
    finally:
        if isinstance(steps, Generator):
            with asking_as(identity), home.living_in(place), acting_as(actor):
                steps.close()


def unless_named(identity: Identity) -> None:
    """As whom this process asks where nobody is named for what is going on."""
    global _own
    _own = identity


def become(identity: Identity) -> None:
    """Ask as somebody from now on, in all of this process: for processes that work for one person."""
    unless_named(identity)
    hide_the_machines(identity != MACHINE)
    if identity != MACHINE:
        for name in _TOKENS:
            os.environ.pop(name, None)


def hide_the_machines(hidden: bool) -> None:
    """Whether the Hub's clients are kept from sending the machine's token where a call names none."""
    from huggingface_hub import constants

    wished = constants._is_true(os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
    constants.HF_HUB_DISABLE_IMPLICIT_TOKEN = hidden or wished
