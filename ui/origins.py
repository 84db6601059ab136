"""Who may ask the app anything: browsers that show its own pages, and programs. Pages of other sites may not.

Two things are looked at. Under which *name* the app was asked (``Host``): a page elsewhere can point a name of its own
at this machine and would then count as one of the app's (DNS rebinding). And from which *page* the question comes
(``Origin``, ``Sec-Fetch-Site``, which no script can forge): one elsewhere could otherwise press the app's buttons in a
visitor's name (CSRF). Programs send neither of the two and are let through; what they may do is settled elsewhere.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.visitors import LOOPBACK

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = ("same-origin", "none")
"""``none`` is a person who typed the address or opened a bookmark."""
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_NOWHERE = ("", 0)
_FORWARDED = "x-forwarded-host"
_NOT_NAMED = "If this is your app, open it under a name that it knows, or start it with --allowed-host NAME."
_NOT_OURS = "Open the app itself and do it there. Programs leave out the header Origin."


class Origins:
    """Refuses what comes under a foreign name (400), or from a page of another site (403)."""

    def __init__(self, app: ASGIApp, host: str, allowed: Iterable[str] = ()) -> None:
        self.app = app
        self.names = Names(host, allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        changes = scope["type"] == "websocket" or scope["method"] not in READING
        if not self.names.knows(name_in(headers.get("host", ""))):
            await _refuse(scope, receive, send, 400, "The app is not known under this name.", _NOT_NAMED)
        elif is_foreign(headers, changes, self.names.given):
            await _refuse(scope, receive, send, 403, "This was asked by a page of another site.", _NOT_OURS)
        else:
            await self.app(scope, receive, send)


class Names:
    """The names under which the app may be asked.

    On loopback those of this machine alone. Else also its addresses and names without a dot, which nobody elsewhere can
    point anywhere, and its own name in the network; names of a proxy are ``allowed`` by whoever starts the app. A
    Space's names are kept by the Hub, whose proxy alone can reach it.
    """

    def __init__(self, host: str, allowed: Iterable[str] = ()) -> None:
        self.given = frozenset(name.lower().strip("[]") for name in allowed)
        self._is_open = host not in LOOPBACK
        own = (socket.gethostname(), socket.getfqdn()) if self._is_open else ()
        self._own = frozenset(name.lower() for name in (*LOOPBACK, host.strip("[]"), *own))
        self._is_space = os.environ.get("SYSTEM") == "spaces"

    def knows(self, name: str) -> bool:
        if self._is_space or name in self._own or name in self.given:
            return True
        return self._is_open and (_is_address(name) or (name != "" and "." not in name))


def is_foreign(headers: Headers, changes: bool, given: frozenset[str] = frozenset()) -> bool:
    """Whether a page of another site asks. ``given`` are names under which a proxy shows the app, on any port."""
    if changes and headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    scheme, parted, netloc = origin.partition("://")
    asked_by = _place(netloc, scheme) if parted and scheme in _PORTS else _NOWHERE
    if asked_by[0] == "":  # "null" is a file, or a frame that hides where it comes from
        return True
    own = [_place(value, scheme) for name in ("host", _FORWARDED) if (value := headers.get(name))]
    return asked_by[0] not in given and asked_by not in own


def name_in(host: str) -> str:
    """The name in a ``Host`` header, without its port; empty where it is none."""
    return _place(host, "http")[0]


def _place(netloc: str, scheme: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{netloc}")
        return (parts.hostname or "").rstrip("."), parts.port or _PORTS[scheme]
    except ValueError:
        return _NOWHERE


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, title: str, advice: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": title})
        return
    await JSONResponse({"title": title, "advice": advice}, status_code=status)(scope, receive, send)
