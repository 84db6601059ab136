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
from core.errors import StudioError
from core.people import audit
from core.people.acting import acting_as
from core.people.residents import settle
from core.people.types import NOBODY, Person
from ui.api import ADDRESS
from ui.people import shared
from ui.people.entry import PERSON, Entry, actor, address, bearer, below, inside
from ui.visitors import ACTOR, HOME

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
_STARTED = "/gradio_api/startup-events"
OPEN = frozenset({SIGN_IN, SIGN_OUT, "/favicon.ico", "/login/huggingface", "/login/callback", "/logout", _STARTED})
"""What answers without a person: the door itself, the Hub's login, and what Gradio asks of itself as it starts."""
ADMINISTRATION = "/administrator"
"""The page of administrators, and all that stands behind it."""
STATIC = "/tunesmith/"
"""Scripts and styles, which are no secret."""
FOR_PROGRAMS = ("/api/v1", "/gradio_api/")
"""What a token opens, beside Gradio's description of its functions."""
NOT_PAGES = ("/api/", f"{ADDRESS}/", "/gradio_api/", "/assets/", "/static/")


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
        if shown := bearer(scope):
            await self._program(shown, scope, receive, send)
            return
        person = self.entry.who(scope)
        if wait := self.entry.wait(scope, person):
            await too_fast(wait)(scope, receive, send)
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

    async def _program(self, shown: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a program in that shows a token, to what is there for programs; a wrong one waits, longer each time."""
        try:
            token = self.entry.program(shown)
        except StudioError as exc:
            await _told(exc.title, exc.advice, 503)(scope, receive, send)
            return
        path, wait = inside(scope), self.entry.wait(scope, token.owner if token else None)
        if wait:
            await too_fast(wait)(scope, receive, send)
        elif token is None:
            await self._wrong(scope)(scope, receive, send)
        elif path != "/config" and not path.startswith(FOR_PROGRAMS):
            words = "A token opens what is there for programs, and no page."
            await _told(words, "Open the app's page and sign in.", 403)(scope, receive, send)
        else:
            await self._let_in(token.owner, scope, receive, send, token.name)

    def _wrong(self, scope: Scope) -> ASGIApp:
        """What is said to a token that opens nothing."""
        wait = self.entry.by_program.take(address(scope))
        if wait:
            seconds = str(math.ceil(wait))
            advice = f"Try again in {seconds} seconds, with a token that was not ended."
            return _told("Too many wrong tokens.", advice, 429, {"Retry-After": seconds})
        audit.note_wrong("wrong token", actor(scope, ""))
        return _told("This token opens nothing.", "It was ended, or has come to its end. Make another one.")

    async def _let_in(self, person: Person, scope: Scope, receive: Receive, send: Send, program: str = "") -> None:
        path = inside(scope)
        if (path == ADMINISTRATION or path.startswith(f"{ADMINISTRATION}/")) and not person.is_admin:
            await _told("Only administrators of this app come here.", "", 403)(scope, receive, send)
            return
        scope[PERSON], scope[HOME] = person, settle(person)
        scope[ACTOR] = actor(scope, person.name, program)
        with home.living_in(scope[HOME]), acting_as(scope[ACTOR]):
            await self.app(scope, receive, unkept(send) if path.startswith(("/api/", f"{ADDRESS}/")) else send)


def _refusal(scope: Scope, path: str) -> ASGIApp:
    if scope["type"] != "http":
        return _closed
    wants_page = scope["method"] in ("GET", "HEAD") and "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page and not path.startswith(NOT_PAGES):
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = path + (f"?{query}" if query else "")
        return RedirectResponse(below(scope, f"{SIGN_IN}?next={quote(wanted)}"), status_code=303)
    return _told("You are not signed in.", "Open the app's page and sign in, then try again.")


def _told(title: str, advice: str, status: int = 401, headers: dict[str, str] | None = None) -> ASGIApp:
    told = {"title": title, "advice": advice}
    return JSONResponse(told, status_code=status, headers={"Cache-Control": "no-store"} | (headers or {}))


def too_fast(wait: float) -> ASGIApp:
    """What is said to whoever asks too fast."""
    seconds = math.ceil(wait)
    words = f"Wait {seconds} second{'s' if seconds > 1 else ''}, then ask again. {ceilings.advice('pace')}"
    return _told("That were too many requests at once.", words, 429, {"Retry-After": str(seconds)})


async def _closed(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})


def unkept(send: Send) -> Send:
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
