"""What every answer tells the browser to forbid: programs of other sites, frames around the app, guesses at a file's
kind.

Gradio's pages hold scripts in themselves and make functions of texts, so that ``unsafe-inline`` and ``unsafe-eval``
cannot be left out; that no text of data becomes a tag is settled where it is drawn (``dom.js``, ``html.escape``). What
the policy adds: a script that got in all the same can neither be fetched from elsewhere nor send anything there.
"""

from __future__ import annotations

import os

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HUB_FRAMES = "https://huggingface.co https://*.hf.space"
"""A Space is shown inside of the Hub's own page."""
_SPACE_SCRIPTS = "https://cdnjs.cloudflare.com"
"""From here Gradio takes the script that tells the Hub's page how high a Space is."""
_FILES = "/gradio_api/file"
_ALONE = b"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; sandbox"
"""For files that somebody gave: should one be shown after all, no program in it runs."""
FETCHED = ("=http:", "=https:", "/http:", "/https:")


def policy(is_space: bool) -> str:
    """The Content-Security-Policy of pages."""
    scripts, reached = (f" {_SPACE_SCRIPTS}", " https://huggingface.co") if is_space else ("", "")
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:{scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' data: blob:{reached}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors 'self'{f' {HUB_FRAMES}' if is_space else ''}",
        )
    )


class SafeHeaders:
    """Puts them on every answer, and fetches nothing from elsewhere in a visitor's name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._is_space = os.environ.get("SYSTEM") == "spaces"
        told = {
            "x-content-type-options": "nosniff",
            # Not "no-referrer": a browser that hides the page from its own app would call it null, and be refused.
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin-allow-popups",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        }
        if not self._is_space:  # this header cannot name a site; frame-ancestors can
            told["x-frame-options"] = "SAMEORIGIN"
        self._told = [(name.encode(), value.encode()) for name, value in told.items()]
        self._policy = policy(self._is_space).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_file = _FILES in scope["path"]  # below the prefix of a proxy too
        added = [*self._told, (b"content-security-policy", _ALONE if is_file else self._policy)]

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", []) if not _is_replaced(pair[0], added)]
                message = {**message, "headers": [*kept, *added]}
            await send(message)

        await self.app(scope, receive, pass_on)


def _is_replaced(name: bytes, added: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == other for other, _ in added)
