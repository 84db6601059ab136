"""Who does what goes on, and from where: for the log of what was done where several people use one app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A name, the address that a request came from, and of a program the name of its token."""

    name: str
    address: str = ""
    program: str = ""


_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def current() -> Actor | None:
    """Who acts here and now; None where that is nobody in particular."""
    return _acting.get()


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[None]:
    """What is done inside is done by them. Not around a ``yield``: each step of a generator may run in another
    context.
    """
    before = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(before)
