"""Who a visitor is before the Hugging Face Hub: a token that was pasted, a login on a Space, the machine, or nobody.

A token that was pasted lives in this app's memory only, under a random name that the visitor's browser keeps as a
cookie. The machine's own token serves only people in front of this machine.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie

import gradio as gr
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.hub.identity import MACHINE, NOBODY, Identity, asking_as
from core.space import is_space
from ui.visitors import HOME, NOTE

COOKIE = "tunesmith_visitor"
VISITOR, VAULT = "tunesmith.visitor", "tunesmith.vault"
"""Where a request carries the name in its cookie (empty without one), and the vault that knows it."""
IDLE_SECONDS = 12 * 3600.0
MOST = 10_000
"""So many are kept at once; who was not seen for longest goes first."""
_NAME = re.compile(r"[\w-]{43}")


class Vault:
    """Who is signed in, by the name in their cookie: in memory, until they sign out or stay away for long."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Identity, float]] = {}

    def put(self, visitor: str, identity: Identity) -> None:
        with self._lock:
            self._sweep(room_for=1)
            self._keep(visitor, identity)

    def get(self, visitor: str) -> Identity | None:
        """Who this is, or None. Being asked for counts as being there."""
        with self._lock:
            self._sweep()
            if visitor not in self._kept:
                return None
            identity, _ = self._kept[visitor]
            self._keep(visitor, identity)
            return identity

    def forget(self, visitor: str) -> None:
        with self._lock:
            self._kept.pop(visitor, None)

    def _keep(self, visitor: str, identity: Identity) -> None:
        """Note that they are there: whoever was seen last stands last."""
        self._kept.pop(visitor, None)
        self._kept[visitor] = identity, self._clock()

    def _sweep(self, room_for: int = 0) -> None:
        """Forget who stayed away, and as many more as it takes to make room."""
        now = self._clock()
        for visitor, (_, seen) in list(self._kept.items()):
            if now - seen <= self._idle_seconds and len(self._kept) + room_for <= MOST:
                return
            del self._kept[visitor]


class Signing:
    """Notes on every request who it comes from, gives browsers their cookie, and asks the Hub as them meanwhile.

    It stands inside of ``ui.visitors.Visitors``, whose note it reads.
    """

    def __init__(self, app: ASGIApp, vault: Vault) -> None:
        self.app = app
        self.vault = vault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope[VAULT], scope[VISITOR] = self.vault, _named(headers.get("cookie", ""))
        has_cookie = bool(scope[VISITOR])
        if has_cookie and (place := scope.get(HOME)) is not None:  # whoever signs in after them is somebody else
            scope[VISITOR] += f" {place.name}"
        if not has_cookie and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            is_safe = is_encrypted(scope["scheme"], headers)
            send = _giving(send, secrets.token_urlsafe(32), is_safe)
        with asking_as(_of_scope(scope)):
            await self.app(scope, receive, send)


def is_encrypted(scheme: str, headers: Mapping[str, str]) -> bool:
    """Whether a request came over https, to this app or to the proxy in front of it."""
    return scheme == "https" or headers.get("x-forwarded-proto", "").startswith("https")


def identity_of(request: gr.Request | Request) -> Identity:
    """As whom the Hub is asked for whoever is behind a request or an event."""
    asked = request.request if isinstance(request, gr.Request) else request
    return _of_scope(asked.scope) if asked is not None else NOBODY


def sign_in(request: gr.Request, token: str) -> bool:
    """Keep a token for this visitor. False where their browser keeps no cookie, by which they would be known again."""
    visitor, vault = _place_of(request)
    if not visitor or vault is None:
        return False
    vault.put(visitor, Identity("token", token))
    return True


def sign_out(request: gr.Request) -> None:
    """Forget this visitor's token."""
    visitor, vault = _place_of(request)
    if vault is not None:
        vault.forget(visitor)


def _of_scope(scope: Scope) -> Identity:
    vault: Vault | None = scope.get(VAULT)
    pasted = vault.get(scope[VISITOR]) if vault is not None else None
    if pasted is not None:
        return pasted
    is_machines = scope.get(NOTE) is True and not is_space()
    return _login_in(scope) or (MACHINE if is_machines else NOBODY)


def _login_in(scope: Scope) -> Identity | None:
    """The login that Gradio has put into the visitor's session, as long as it lasts."""
    found = scope.get("session", {}).get("oauth_info") if is_space() else None
    if not found or found.get("expires_at", float("inf")) < time.time():
        return None
    return Identity("oauth", found["access_token"], found.get("expires_at"), scope=found.get("scope", ""))


def logged_in(scope: Scope) -> str:
    """The name on the Hub of whoever has logged in there; empty for anybody else."""
    if _login_in(scope) is None:
        return ""
    return str(scope["session"]["oauth_info"].get("userinfo", {}).get("preferred_username", ""))


def _place_of(request: gr.Request) -> tuple[str, Vault | None]:
    scope = request.request.scope if request.request is not None else {}
    return scope.get(VISITOR, ""), scope.get(VAULT)


def _named(header: str) -> str:
    """The name in a ``Cookie`` header, where there is one of ours."""
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None and _NAME.fullmatch(found.value) else ""


def _giving(send: Send, visitor: str, is_safe: bool) -> Send:
    """``send`` that puts a cookie on the answer; it ends with the browser, and no script may read it."""
    # Lax, not Strict: a link from elsewhere would otherwise arrive without it, and be given another.
    cookie = f"{COOKIE}={visitor}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if is_safe else "")

    async def give(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", []), (b"set-cookie", cookie.encode())]
            message = {**message, "headers": headers}
        await send(message)

    return give
