"""Who asks: a person in front of this machine, who may name its files and folders, or anybody else, who may not."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core.people.acting import Actor

LOOPBACK = ("127.0.0.1", "localhost", "::1")
NOTE = "tunesmith.local"
"""Where a request carries the answer."""
HOME = "tunesmith.home"
"""Where a request carries the home of the person behind it: only where several people use the app."""
LENT = "tunesmith.lent"
"""In a request that comes by a link to a run, from somebody who need not be known."""
ACTOR = "tunesmith.actor"
"""Where it carries who that is and from where they ask, for the log of what was done."""
FORWARDED = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"}
"""A proxy adds these: whoever asked it may sit anywhere."""


class Visitors:
    """Notes on every request whether it comes from this machine. ``private``: nobody else is meant to reach the app."""

    def __init__(self, app: ASGIApp, private: bool) -> None:
        self.app = app
        self.private = private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[NOTE] = self.private and _came_directly(scope)
        await self.app(scope, receive, send)


def _came_directly(scope: Scope) -> bool:
    client = scope.get("client")
    return client is not None and client[0] in LOOPBACK and FORWARDED.isdisjoint(name for name, _ in scope["headers"])


def is_local(request: gr.Request | Request) -> bool:
    """Whether whoever is behind an event or a request sits in front of this machine. What is not known counts as no."""
    asked = request.request if isinstance(request, gr.Request) else request
    return asked is not None and asked.scope.get(NOTE) is True


def home_of(request: gr.Request | Request | None) -> Path | None:
    """The home of the person behind an event or a request; None where all that there is belongs to one."""
    asked = request.request if isinstance(request, gr.Request) else request
    return asked.scope.get(HOME) if asked is not None else None


def actor_of(request: gr.Request | Request | None) -> Actor | None:
    """Who is behind an event or a request, for the log of what was done; None where one person has the app."""
    asked = request.request if isinstance(request, gr.Request) else request
    return asked.scope.get(ACTOR) if asked is not None else None
