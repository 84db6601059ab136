"""The one gate: whoever is behind a request is let into a home of their own, and nobody else is let in at all.

It stands outside of everything that answers: pages, the API, downloads, Gradio's own routes.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import ceilings, home
from core.people.residents import settle
from core.people.types import NOBODY, Person
from ui.api import ADDRESS
from ui.people import shared
from ui.people.entry import PERSON, Entry, below, inside
from ui.visitors import HOME

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
_STARTED = "/gradio_api/startup-events"
OPEN = frozenset({SIGN_IN, SIGN_OUT, "/favicon.ico", "/login/huggingface", "/login/callback", "/logout", _STARTED})
"""What answers without a person: the door itself, the Hub's login, and what Gradio asks of itself as it starts."""
STATIC = "/tunesmith/"
"""Scripts and styles, which are no secret."""
_NOT_PAGES = ("/api/", f"{ADDRESS}/", "/gradio_api/", "/assets/", "/static/")


class Gate:
    """Refuses whoever is not signed in: a page leads to the door, all else says 401. A link to a shared run opens that
    one run, to be read. Whoever asks too fast waits (429), and nobody else with them.
    """

    def __init__(self, app: ASGIApp, entry: Entry) -> None:
        self.app = app
        self.entry = entry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        path = inside(scope)
        if path in OPEN or path.startswith(STATIC):
            scope[HOME] = home.of_person(NOBODY)
            with home.living_in(scope[HOME]):
                await self.app(scope, receive, send)
            return
        person = self.entry.who(scope)
        if wait := self.entry.wait(scope, person):
            await _too_fast(wait)(scope, receive, send)
            return
        answer = shared.page_of(scope)
        owner = shared.lent(scope)
        if answer is not None:
            await answer(scope, receive, send)
        elif owner is not None and not (person and shared.has_own(scope, home.of_person(person.key))):
            await shared.read(self.app, owner, scope, receive, send)
        elif person is None:
            await _refusal(scope, path)(scope, receive, send)
        else:
            await self._let_in(person, scope, receive, send)

    async def _let_in(self, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        path = inside(scope)
        scope[PERSON], scope[HOME] = person, settle(person)
        with home.living_in(scope[HOME]):
            await self.app(scope, receive, _unkept(send) if path.startswith(("/api/", f"{ADDRESS}/")) else send)


def _refusal(scope: Scope, path: str) -> ASGIApp:
    if scope["type"] != "http":
        return _closed
    wants_page = scope["method"] in ("GET", "HEAD") and "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page and not path.startswith(_NOT_PAGES):
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = path + (f"?{query}" if query else "")
        return RedirectResponse(below(scope, f"{SIGN_IN}?next={quote(wanted)}"), status_code=303)
    told = {"title": "You are not signed in.", "advice": "Open the app's page and sign in, then try again."}
    return JSONResponse(told, status_code=401, headers={"Cache-Control": "no-store"})


def _too_fast(wait: float) -> ASGIApp:
    seconds = math.ceil(wait)
    words = f"Wait {seconds} second{'s' if seconds > 1 else ''}, then ask again. {ceilings.advice('pace')}"
    told = {"title": "That were too many requests at once.", "advice": words}
    return JSONResponse(told, status_code=429, headers={"Retry-After": str(seconds), "Cache-Control": "no-store"})


async def _closed(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})


def _unkept(send: Send) -> Send:
    """``send`` whose answers no cache on the way keeps for somebody else."""

    async def mark(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Any] = list(message.get("headers", []))
            if not any(name.lower() == b"cache-control" for name, _ in headers):
                message = {**message, "headers": [*headers, (b"cache-control", b"private, no-cache")]}
        await send(message)

    return mark


def person_of(scope: MutableMapping[str, Any]) -> Person | None:
    """Who is behind a request, as the gate has noted it."""
    found: Person | None = scope.get(PERSON)
    return found


def moved(scope: Scope, path: str, *cookies: str) -> Response:
    """Go to another page of the app, with these cookies."""
    answer = RedirectResponse(below(scope, path), status_code=303, headers={"Cache-Control": "no-store"})
    for one in cookies:
        answer.headers.append("Set-Cookie", one)
    return answer
