"""A person's tokens for programs: listed, made, ended. Only whoever is signed in on a page comes here, no program."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import ConfigError, StudioError
from core.people import tokens
from core.people.tokens import DAYS, Token
from core.people.types import Person
from ui.languages import tr
from ui.people.entry import PERSON
from ui.rest.problems import of, status_of

ADDRESS = "/me/tokens"
LARGEST = 2_000
"""Bytes of a question."""
_KEPT = {"Cache-Control": "no-store"}


def routes() -> list[Route]:
    """The addresses. The gate has let nobody come here who is not signed in."""

    def listed(person: Person, asked: Any) -> Any:
        return {"tokens": [told(one) for one in tokens.of(person)], "most": tokens.MOST}

    def made(person: Person, asked: Any) -> Any:
        name, days = asked.get("name"), asked.get("days")
        if not isinstance(name, str) or days not in DAYS:
            raise ConfigError(tr("A token needs a name, and 30, 90, 365 or no days."), tr("Fill in the form again."))
        token, shown = tokens.make(person, name, days)
        return {"token": told(token), "shown": shown}

    def ended(person: Person, asked: Any) -> Any:
        tokens.end(person, str(asked.get("id")))
        return {}

    return [
        Route(ADDRESS, _answering(listed), methods=["GET"]),
        Route(ADDRESS, _answering(made), methods=["POST"]),
        Route(f"{ADDRESS}/end", _answering(ended), methods=["POST"]),
    ]


def told(token: Token) -> dict[str, Any]:
    """What a page shows of one."""
    return {"id": token.id, "name": token.name, "made": token.made, "until": token.until, "used": token.used}


def _answering(do: Callable[[Person, Any], Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            asked = await read(request)
            return JSONResponse(await run_in_threadpool(do, request.scope[PERSON], asked), headers=_KEPT)
        except StudioError as exc:
            return JSONResponse(of(exc).model_dump(exclude_none=True), status_of(exc), headers=_KEPT)

    return answer


async def read(request: Request) -> dict[str, Any]:
    """What was sent as JSON. Raises ``ConfigError`` for anything else, which a form of another site could send."""
    if request.method == "GET":
        return {}
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise ConfigError(tr("That was too much."), tr("Load the page anew, then try again."))
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise ConfigError(
            tr("The page asked in a way that is not understood."), tr("Load the page anew, then try again.")
        )
    return asked
