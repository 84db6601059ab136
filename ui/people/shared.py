"""A run that is read by a link: a page of its own, outside of Gradio, and the few answers that it draws itself from.

Nothing on it is an event, so nothing can be changed from it. The link's secret goes into a cookie that counts for the
API of that one run only.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import home
from core.people.sharing import owner_of
from ui.api import ADDRESS
from ui.languages import tr, tr_html
from ui.people.entry import cookie, inside, keep
from ui.people.plain import page
from ui.visitors import HOME, LENT

PAGE = "/run"
COOKIE = "tunesmith_shared_"
_API = f"{ADDRESS}/runs/"
_READ = re.compile(r"(?:/live|/report|/report\.html|/report-all\.json|/judgements|/judgements/[\w.-]+(?:/rows)?)?")
"""What of a run's API serves its page. Its files, its log and its model are not among it."""


def page_of(scope: Scope) -> Response | None:
    """The page that a link leads to; None for all other addresses."""
    if scope["type"] != "http" or scope["method"] != "GET" or inside(scope) != PAGE:
        return None
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    if "share" not in asked:
        return None
    run_id, token = asked.get("id", [""])[0], asked["share"][0]
    if owner_of(run_id, token) is None:
        return _nowhere()
    answer = page(tr("A shared run"), tr_html(_BODY))
    answer.headers.append("Set-Cookie", keep(scope, COOKIE + run_id, token))
    return answer


def lent(scope: Scope) -> Path | None:
    """The home of the run that is asked about, where the browser shows a link to it; else None."""
    path = inside(scope)
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not path.startswith(_API):
        return None
    run_id, _, rest = path.removeprefix(_API).partition("/")
    token = cookie(scope, COOKIE + run_id)
    return owner_of(run_id, token) if token and _READ.fullmatch(f"/{rest}" if rest else "") else None


def has_own(scope: Scope, place: Path) -> bool:
    """Whether the run that is asked about lies in this home."""
    run_id = inside(scope).removeprefix(_API).partition("/")[0]
    return (place / "runs" / run_id).is_dir()


async def read(app: ASGIApp, place: Path, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer from the owner's home."""
    scope[HOME] = place
    scope[LENT] = True
    with home.living_in(place):
        await app(scope, receive, without(str(place), send))


def without(place: str, send: Send) -> Send:
    """``send`` whose answers do not say where the owner's files lie."""
    begun: list[Message] = []
    parts: list[bytes] = []

    async def pass_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            begun.append(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(parts)
        for written in {place, json.dumps(place)[1:-1]}:
            body = body.replace(written.encode(), b"~")
        kept = [pair for pair in begun[0]["headers"] if pair[0].lower() not in (b"content-length", b"cache-control")]
        headers = [*kept, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await send({**begun[0], "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return pass_on


def _nowhere() -> Response:
    body = tr_html(
        '<main class="ts-page ts-door"><p class="ts-brand"><span aria-hidden="true">◆</span> Tunesmith</p>'
        "<h1>This link leads nowhere any more.</h1>"
        "<p>The run was deleted, or its owner has withdrawn the link. Ask them for a new one.</p></main>"
    )
    return page(tr("No such link"), body, 404)


_BODY = (
    '<header class="ts-bar ts-shared-bar"><div><span class="ts-brand"><span aria-hidden="true">◆</span> '
    'Tunesmith</span><span class="ts-badge">Shared with you, read only</span></div></header>'
    '<main id="ts-shared"><div id="ts-board" class="ts-page"><p class="ts-coming" role="status">'
    '<i aria-hidden="true"></i>Reading this run …</p></div><div id="ts-details" class="ts-page"></div></main>'
    '<script type="module" src="./tunesmith/shared.js"></script>'
)
