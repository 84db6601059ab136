"""Doors of Gradio's that no page of this app goes through: shut, so that nobody else does.

One gives a file that somebody sends to a program for films, if there is one; one asks twenty times a second whether a
file was changed, for each who listens; one writes what it is asked for into the app's own log.
"""

from __future__ import annotations

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

DOORS = ("process_recording", "dev/reload", "custom_component/", "vibe-", "undo-vibe-", "deep_link")
"""How what stands behind ``/gradio_api/`` begins."""
_CLOSED = re.compile(rf"[^=]*/gradio_api/(?:{'|'.join(map(re.escape, DOORS))})")
"""What stands before it is the prefix of a proxy; ``file=`` and a path is none."""


class Closed:
    """Answers 404 for them. It stands inside of the door, so that whoever is nobody hears what they hear anywhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _CLOSED.match(scope["path"]):
            told = {"title": "There is nothing here.", "advice": "Open the app's page."}
            await JSONResponse(told, status_code=404)(scope, receive, send)
            return
        await self.app(scope, receive, send)
