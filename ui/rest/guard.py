"""What a web page elsewhere cannot send by itself: nothing else may change anything.

A form or a link of another site can make a browser send forms and plain texts here, with the visitor's cookies. It can
neither say that they are JSON nor use other methods without asking first, and no script can forge ``Origin`` or
``Sec-Fetch-Site``. Programs send neither of the two.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.rest.problems import WORDS, Problem, answer

READING = frozenset({"GET", "HEAD", "OPTIONS"})
JSON, BYTES = "application/json", "application/octet-stream"
WITHOUT_BODY = frozenset({"DELETE"})
_OWN_SITES = ("same-origin", "none")


class Guard:
    """Refuses what changes something and is not sent as JSON (415), and whatever another site's page asks (403)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = _problem(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else None
        if problem is None:
            await self.app(scope, receive, send)
        else:
            await answer(*problem)(scope, receive, send)


def _problem(method: str, headers: Headers) -> tuple[Problem, int] | None:
    if _is_foreign(headers, method not in READING):
        return Problem(
            title=WORDS[403], advice="Programs leave out the header Origin; pages of other sites cannot."
        ), 403
    if method in READING or method in WITHOUT_BODY:
        return None
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in (JSON, BYTES):
        return None
    return Problem(title=WORDS[415], advice=f"Send the header Content-Type: {JSON} ({BYTES} for a file)."), 415


def _is_foreign(headers: Headers, changes: bool) -> bool:
    if changes and headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc not in (headers.get("host"), headers.get("x-forwarded-host"))
