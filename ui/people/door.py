"""The door: the page where people sign in, and the way out."""

from __future__ import annotations

import html
import math
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import StudioError
from core.people import audit
from core.people.types import folded
from core.space import has_login
from ui.languages import tr, tr_many
from ui.people import programs
from ui.people.entry import SESSION, Entry, actor, address, below, cookie, keep
from ui.people.gate import SIGN_IN, SIGN_OUT, moved, person_of
from ui.people.plain import page

ME = "/me"
LARGEST = 10_000
"""Bytes of a filled form."""


def routes(entry: Entry) -> list[Route]:
    """Signing in and out, and who one is."""

    async def show(request: Request) -> Response:
        wanted = _own(request.query_params.get("next", ""))
        if entry.who(request.scope):
            return moved(request.scope, wanted)
        return _form(request, entry, wanted)

    async def enter(request: Request) -> Response:
        typed = await _typed(request)
        if typed is None:
            return _form(request, entry, "/", problem=tr("That was too much to be a name and a password."), status=413)
        return await run_in_threadpool(_enter, request, entry, typed)

    async def leave(request: Request) -> Response:
        if person := entry.who(request.scope):
            await run_in_threadpool(audit.note, "signed out", actor=actor(request.scope, person.name))
        entry.sessions.end(cookie(request.scope, SESSION))
        request.scope.get("session", {}).clear()
        return moved(request.scope, SIGN_IN, keep(request.scope, SESSION, "", seconds=0))

    return [
        Route(SIGN_IN, show, methods=["GET"]),
        Route(SIGN_IN, enter, methods=["POST"]),
        Route(SIGN_OUT, leave, methods=["POST"]),
        Route(ME, _me(entry), methods=["GET"]),
        *programs.routes(),
    ]


def _me(entry: Entry) -> Callable[[Request], Awaitable[Response]]:
    async def me(request: Request) -> Response:
        person = person_of(request.scope)
        name = person.name if person else ""
        told = {"name": name, "mode": entry.mode, "admin": person is not None and person.is_admin}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    return me


def _enter(request: Request, entry: Entry, typed: dict[str, str]) -> Response:
    """See whether a name and a password are right."""
    name, wanted = typed.get("name", "").strip(), _own(typed.get("next", ""))
    marks = f"name {folded(name)[:100]}", f"from {address(request.scope)}"
    wait = max(entry.by_name.take(marks[0]), entry.by_address.take(marks[1]))
    if wait:
        seconds = math.ceil(wait)
        words = tr_many(
            seconds,
            "Too many wrong passwords. Try again in {count} second.",
            "Too many wrong passwords. Try again in {count} seconds.",
        )
        return _form(request, entry, wanted, name, words, 429, {"Retry-After": str(seconds)})
    try:
        person = entry.people.check(name, typed.get("password", "")) if entry.people else None
    except StudioError as exc:
        return _form(request, entry, wanted, name, tr("Nobody can sign in now: {title}", title=exc.title), 503)
    if person is None:
        # Only a name that somebody has: a password may have slipped into its field.
        listed = entry.people.find(name) if entry.people else None
        audit.note_wrong("wrong password", actor(request.scope, listed.person.name if listed else ""))
        return _form(request, entry, wanted, name, tr("This name and password do not belong together."), 401)
    entry.by_name.was_right(marks[0])
    entry.by_address.was_right(marks[1])
    entry.sessions.end(cookie(request.scope, SESSION))
    audit.note("signed in", actor=actor(request.scope, person.name))
    return moved(request.scope, wanted, keep(request.scope, SESSION, entry.sessions.begin(person)))


async def _typed(request: Request) -> dict[str, str] | None:
    """The fields of the form; None where it is too long to be one."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return None
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _own(wanted: str) -> str:
    """A path of this app; the start page where ``wanted`` leads anywhere else."""
    is_own = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_own and not wanted.startswith((SIGN_IN, SIGN_OUT)) else "/"


def _form(
    request: Request,
    entry: Entry,
    wanted: str,
    name: str = "",
    problem: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    said = f'<p class="ts-wrong" role="alert">{html.escape(problem)}</p>' if problem else ""
    ways = [_by_password(request, wanted, name, said)] if entry.people else [said]
    if has_login():
        target = below(request.scope, f"/login/huggingface?_target_url={quote(wanted)}")
        ways.append(f'<a class="ts-button" href="{html.escape(target)}">Sign in with Hugging Face</a>')
    body = (
        '<main class="ts-page ts-door"><p class="ts-brand"><span aria-hidden="true">◆</span> Tunesmith</p>'
        f"<h1>{_said(tr('Sign in'))}</h1><p>{_said(tr('Your runs, files and models are seen by you alone.'))}</p>"
        f"{''.join(ways)}</main>"
    )
    return page(tr("Sign in"), body, status, headers)


def _by_password(request: Request, wanted: str, name: str, said: str) -> str:
    action = html.escape(below(request.scope, SIGN_IN))
    focus = ("", " autofocus") if name else (" autofocus", "")
    return (
        f'<form method="post" action="{action}"><input type="hidden" name="next" value="{html.escape(wanted)}">'
        f'<label>{_said(tr("Name"))}<input name="name" autocomplete="username" autocapitalize="none" '
        f'spellcheck="false" required maxlength="64" value="{html.escape(name)}"{focus[0]}></label>'
        f'<label>{_said(tr("Password"))}<input name="password" type="password" autocomplete="current-password" '
        f'required maxlength="200"{focus[1]}></label>{said}'
        f'<button class="ts-button ts-primary">{_said(tr("Sign in"))}</button>'
        f'<p class="ts-help">{_said(tr("Forgotten? Whoever runs this app can give you another password."))}</p></form>'
    )


_said = html.escape
