"""The lobby of a demo: whoever opens a page is let in at once, as a visitor of whom nothing is known but a random name.

It stands where the gate of a team does, outside of everything that answers.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import home
from core.demo import bounds, keeping, shown
from core.people.types import NOBODY, Person
from ui.api import ADDRESS
from ui.languages import tr, tr_html
from ui.people.entry import PERSON, Entry, cookie, inside, keep
from ui.people.gate import NOT_PAGES, OPEN, STATIC, too_fast, unkept
from ui.people.plain import page
from ui.people.shared import without
from ui.visitors import HOME

VISIT = "tunesmith_visit"
UNKNOWN = {
    "title": "Your browser shows no cookie of this demo.",
    "advice": "Open the page first. Where it stands inside of another page, open it in a tab of its own.",
}
NO_PART = (
    '<main class="ts-page ts-door"><p class="ts-brand"><span aria-hidden="true">◆</span> Tunesmith</p>'
    "<h1>This page is not part of the demo.</h1><p>{0}</p>"
    '<a class="ts-button ts-primary" href="./">To the demo</a></main>'
)
_READING = ("GET", "HEAD", "OPTIONS")
_OF_RUNS = (f"{ADDRESS}/runs/", "/api/v1/runs/")
_NOT_KEPT = ("/api/", f"{ADDRESS}/")


class Lobby:
    """Lets visitors in: into a home of their own from the first thing that they make, into an empty one until then."""

    def __init__(self, app: ASGIApp, entry: Entry) -> None:
        self.app = app
        self.entry = entry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        path = inside(scope)
        if path in OPEN or path.startswith(STATIC):
            await self._at(nobodys(), scope, receive, send)
            return
        person = self.entry.visits.of(cookie(scope, VISIT))
        if wait := self.entry.wait(scope, person):
            await too_fast(wait)(scope, receive, send)
            return
        if person is None and _wants_page(scope, path):
            name = self.entry.visits.begin()
            person, send = self.entry.visits.of(name), _giving(keep(scope, VISIT, name), send)
        if person is None:
            refusal = JSONResponse(UNKNOWN, status_code=401, headers={"Cache-Control": "no-store"})
            await (refusal if scope["type"] == "http" else _closed)(scope, receive, send)
            return
        scope[PERSON] = person
        if run_id := _run_of(path):
            send = without(str(home.root()), send) if shown.is_shown(run_id) else send
        await self._at(home_of(person, scope), scope, receive, unkept(send) if path.startswith(_NOT_KEPT) else send)

    async def _at(self, place: Path, scope: Scope, receive: Receive, send: Send) -> None:
        scope[HOME] = place
        with home.living_in(place):
            await self.app(scope, receive, send)


def nobodys() -> Path:
    """The home in which nothing is ever put: of visitors who have made nothing yet."""
    return home.of_visitor(NOBODY)


def home_of(person: Person, scope: Scope) -> Path:
    """The home of a visitor. Reading makes none; nor is one made where as many are there as may be."""
    place = home.of_visitor(person.key)
    if place.is_dir():
        return place
    is_reading = scope["type"] != "http" or scope["method"] in _READING
    return nobodys() if is_reading or keeping.is_full() else place


def routes(closed: list[str]) -> list[Route]:
    """Until when one's things are kept, and what stands in the place of pages that are no part of a demo."""

    async def me(request: Request) -> Response:
        place = request.scope[HOME]
        until = None if place == nobodys() else keeping.until(place)
        return JSONResponse({"name": "", "mode": "demo", "until": until}, headers={"Cache-Control": "no-store"})

    async def no_part(request: Request) -> Response:
        return page(tr("Not part of the demo"), tr_html(NO_PART).replace("{0}", tr(bounds.instead())), 404)

    return [
        Route("/me", me, methods=["GET"]),
        *(Route(f"/{path}", no_part, methods=["GET"]) for path in closed),
    ]


def _run_of(path: str) -> str:
    """The run that is asked about; empty where none is."""
    return next((path.removeprefix(start).partition("/")[0] for start in _OF_RUNS if path.startswith(start)), "")


def _wants_page(scope: Scope, path: str) -> bool:
    is_get = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    return is_get and "text/html" in Headers(scope=scope).get("accept", "") and not path.startswith(NOT_PAGES)


def _giving(shown: str, send: Send) -> Send:
    """``send`` that puts a cookie on the answer."""

    async def give(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), (b"set-cookie", shown.encode())]}
        await send(message)

    return give


async def _closed(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})
