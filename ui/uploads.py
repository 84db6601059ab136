"""Files on their way to a page: counted for whoever brings them, and removed again where they do not come whole."""

from __future__ import annotations

import time

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import home
from core.errors import OverLimit
from core.people.brought import Bounds, Brought, bounds_of
from ui.bodies import Refused
from ui.visitors import HOME

_UPLOAD = "/gradio_api/upload"
_DAY = 86_400
"""Seconds after which nobody is still sending a file."""


def forget_halves() -> None:
    """Delete what had come of files when an earlier app was ended without warning. What came whole has a folder."""
    for path in home.shared_temp_dir().glob("tmp*"):
        try:
            if path.is_file() and path.stat().st_mtime < time.time() - _DAY:
                path.unlink()
        except FileNotFoundError:  # another app of this home was quicker
            continue


class Uploads:
    """Stands right before Gradio, where it is known who somebody is. Refuses what is more than they may bring (507)."""

    def __init__(self, app: ASGIApp, brought: Brought | None = None) -> None:
        self.app = app
        self.brought = brought or Brought()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith(_UPLOAD):
            await self.app(scope, receive, send)
            return
        place = scope.get(HOME)
        bounds = await run_in_threadpool(bounds_of, place) if place is not None else None
        told = Headers(scope=scope).get("content-length", "")
        self._count(bounds, 0, expected=int(told) if told.isdecimal() else 0)
        refused: list[Refused] = []
        is_over, came = False, 0

        async def take() -> Message:
            nonlocal is_over, came
            if is_over:
                return await receive()
            try:
                message = await receive()
                if message["type"] != "http.request":
                    raise Refused(400, "The file did not come whole.", "Send it again.")
                came += len(message.get("body", b""))
                self._count(bounds, len(message.get("body", b"")))
            except Refused as exc:
                refused.append(exc)
                # For this alone, Gradio deletes what it has written so far.
                raise MultiPartException(exc.title) from exc
            is_over = not message.get("more_body", False)
            return message

        async def tell(message: Message) -> None:
            if not refused:
                await send(message)

        await self.app(scope, take, tell)
        if refused:
            if bounds:
                self.brought.give_back(bounds, came)
            raise refused[0]

    def _count(self, bounds: Bounds | None, came: int, expected: int = 0) -> None:
        if bounds is None:
            return
        try:
            self.brought.take(bounds, came, expected)
        except OverLimit as exc:
            raise Refused(507, exc.title, exc.advice) from exc
