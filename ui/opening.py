"""What a page says while the browser still reads the programs that draw it, and what it may read ahead meanwhile.

Gradio's page is empty until its own scripts have started; on a busy machine that takes seconds. What is put into the
page here needs no script and no other file, in light and in dark.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import home
from ui.languages import ENGLISH, current, tr
from ui.translated import translated

STATIC = home.ASSETS / "static"
_SCRIPT = re.compile(rb"\./tunesmith/([\w-]+\.js)")
_IMPORT = re.compile(r'from "\./([\w-]+\.js)"')
"""What is imported by ``import()`` may never be needed."""

_LOOK = (STATIC / "opening.css").read_text(encoding="utf-8")
_THEME = (STATIC / "opening.js").read_text(encoding="utf-8")


class Opening:
    """Puts the waiting words into each page that Gradio serves."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or "." in scope["path"].rpartition("/")[2]:
            return await self.app(scope, receive, send)
        begun: Message | None = None
        parts: list[bytes] = []

        async def pass_on(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _is_page(message):
                begun = message
            elif begun is None:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    page = opened(b"".join(parts))
                    headers = [pair for pair in begun["headers"] if pair[0].lower() != b"content-length"]
                    headers.append((b"content-length", str(len(page)).encode()))
                    await send({**begun, "headers": headers})
                    await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, pass_on)


def opened(page: bytes) -> bytes:
    """A page of Gradio's with the waiting words, and with what it will ask for next said at its top."""
    if b"<gradio-app" not in page:
        return page
    ahead = "".join(f'<link rel="modulepreload" href="./tunesmith/{name}">' for name in scripts(_entries(page)))
    language = current()
    if language is not ENGLISH:
        ahead += f'<link rel="preload" as="fetch" crossorigin href="./tunesmith/words/{language.code}.json">'
    top = f"<style>{_LOOK}</style><script>{_THEME}</script>{ahead}</head>".encode()
    page = page.replace(b"</head>", top, 1)
    page = page.replace(b"<gradio-app", _words().encode() + b"<gradio-app", 1)
    return translated(page, language.code)


def _words() -> str:
    said = (
        tr("Opening Tunesmith …"),
        tr("The machine is busy, so this takes longer than usual. A training that goes on is not disturbed."),
        tr("This page needs JavaScript: allow it in the settings of your browser."),
    )
    opening, busy, scripts = (html.escape(words) for words in said)
    return (
        f'<div id="ts-opening" role="status"><i aria-hidden="true"></i><p>{opening}</p>'
        f"<small>{busy}</small><noscript><p>{scripts}</p></noscript></div>"
    )


def _is_page(message: Message) -> bool:
    kinds = [value for name, value in message["headers"] if name.lower() == b"content-type"]
    return message["status"] == 200 and any(kind.startswith(b"text/html") for kind in kinds)


def _entries(page: bytes) -> tuple[str, ...]:
    return tuple(sorted({name.decode() for name in _SCRIPT.findall(page)}))


@lru_cache(maxsize=64)
def scripts(entries: tuple[str, ...]) -> tuple[str, ...]:
    """These scripts of ours and all that they import, so that a browser need not find them one behind the other."""
    found: list[str] = []
    waiting = list(entries)
    while waiting:
        name = waiting.pop(0)
        path = STATIC / name
        if name in found or not path.is_file():
            continue
        found.append(name)
        waiting += _IMPORT.findall(path.read_text(encoding="utf-8"))
    return tuple(found)
