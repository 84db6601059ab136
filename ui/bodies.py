"""What is sent to the app: never more than is taken, never slower than a person's line, and nothing to be fetched.

A request that waits for its own body holds a place that others want, and one that is read whole holds memory: both are
ended with an answer that says why.
"""

from __future__ import annotations

import asyncio
import json
import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import ceilings, home
from core.errors import StudioError
from ui.languages import told

IDLE_SECONDS = 60.0
"""So long a body may stand still on its way."""
_GRADIO = "/gradio_api/"
_UPLOADS = ("/gradio_api/upload", "/api/v1/uploads")
_AROUND_A_FILE = 1_000_000
"""Bytes of a form that are not its files."""
_LOOKED_AT = 16_000_000
"""Bytes of a file between two looks at what the disk has free."""
_FETCHED = re.compile(r"/gradio_api/(?:file[=/]|proxy=)\s*(?:\w+:|//)", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*\w+:/|\s*//", re.ASCII)
_MAY_NAME_A_FILE = (b"FileData", b"\\u")
"""One of these stands in an event that names a file: as it is, or in JSON's other way to write letters."""


class Refused(StudioError):
    """A request that is not taken, with the status that says so."""

    def __init__(self, status: int, title: str, advice: str) -> None:
        super().__init__(title, advice)
        self.status = status


class Bodies:
    """Refuses requests that are too large (413), stand still (408), have no room on the disk (507), or name a file on
    the web that the app should fetch (403).
    """

    def __init__(self, app: ASGIApp, idle_seconds: float | None = None) -> None:
        self.app = app
        self.idle_seconds = idle_seconds or IDLE_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def tell(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            if _FETCHED.search(scope["path"]):
                raise Refused(403, "The app fetches nothing from the web for a visitor.", "Download it yourself.")
            body = _Body(scope, receive, self.idle_seconds)
            await self.app(scope, await body.ready(), tell)
        except Refused as exc:
            if has_begun:
                raise
            words = {"title": told(exc.title), "advice": told(exc.advice), "detail": told(str(exc))}
            await JSONResponse(words, status_code=exc.status, headers={"Connection": "close"})(scope, receive, send)


class _Body:
    """The body of one request on its way."""

    def __init__(self, scope: Scope, receive: Receive, idle_seconds: float) -> None:
        headers = Headers(scope=scope)
        self._receive = receive
        self._idle_seconds = idle_seconds
        self._is_over = False
        self._taken = 0
        self._limit = "upload" if scope["path"].endswith(_UPLOADS) else "request"
        self._most = ceilings.most(self._limit) + (_AROUND_A_FILE if self._limit == "upload" else 0)
        self._is_event = _GRADIO in scope["path"] and self._limit == "request" and scope["method"] == "POST"
        told = headers.get("content-length", "")
        self._told = int(told) if told.isdecimal() else 0

    async def ready(self) -> Receive:
        """What the app receives from. Raises ``Refused`` for what is known at once."""
        self._need_small(self._told)
        self._need_free(self._told)
        if not self._is_event:
            return self._next
        whole = await self._whole()
        return _replayed(whole, self._receive)

    def _need_free(self, needed: int) -> None:
        if self._limit == "upload":
            try:
                # Who it is, and what they may have of it, is known farther in.
                ceilings.need_free(home.shared_temp_dir(), needed, "This file")
            except StudioError as exc:
                raise Refused(507, exc.title, exc.advice) from exc

    async def _next(self) -> Message:
        if self._is_over:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._idle_seconds)
        except TimeoutError:
            raise Refused(
                408, "What was sent stood still on its way.", "Check the connection, then send it again."
            ) from None
        before, self._taken = self._taken, self._taken + len(message.get("body", b""))
        self._need_small(self._taken)
        if before // _LOOKED_AT != self._taken // _LOOKED_AT:
            self._need_free(0)  # others may bring theirs at the same time
        self._is_over = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def _whole(self) -> list[Message]:
        """All of it, which is bounded, so that it can be looked at before anybody acts on it."""
        found: list[Message] = []
        while not self._is_over:
            found.append(await self._next())
        body = b"".join(message.get("body", b"") for message in found)
        if any(mark in body for mark in _MAY_NAME_A_FILE) and await asyncio.to_thread(names_a_file_on_the_web, body):
            raise Refused(403, "A file of an event has to be uploaded first.", "Download it yourself, then bring it.")
        return found

    def _need_small(self, size: int) -> None:
        if size > self._most:
            what = "The file" if self._limit == "upload" else "What was sent"
            raise Refused(
                413,
                f"{what} is larger than {ceilings.in_words(self._limit)}, which is the most that is taken.",
                ceilings.advice(self._limit),
            )


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = list(reversed(messages))

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def names_a_file_on_the_web(body: bytes) -> bool:
    """Whether an event brings a file that lies on the web: Gradio would fetch it, whole into its memory."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        return False  # whoever reads it says that it is no JSON
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("path"), str) and _ADDRESS.match(value["path"]) and "meta" in value:
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False
