"""The frame around every page: the bar at the top, the look, the routes beside Gradio's own, and the launch."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable
from hashlib import sha256
from importlib import resources
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from core import ceilings, home, space
from core.people.types import Mode
from core.studio import Studio
from ui import api, demo_words, rest, word_list
from ui.bodies import Bodies
from ui.closed import Closed
from ui.headers import SafeHeaders
from ui.languages import LANGUAGES, Speaking
from ui.opening import Opening
from ui.origins import Origins
from ui.page import Page, drawn_by
from ui.page_states import remember_lightly
from ui.people import administrator, door, lobby
from ui.people.entry import Entry
from ui.people.gate import Gate
from ui.people.lobby import Lobby
from ui.rest import tools
from ui.signing import Signing, Vault
from ui.theme import Tunesmith
from ui.uploads import Uploads, forget_halves
from ui.visitors import LOOPBACK, Visitors

STATIC = home.ASSETS / "static"
MOUNT = "tunesmith"
"""Where our own files are served; relative, so that the app also works behind a proxy's prefix."""
HOUR = 3600


def build(studio: Studio, pages: Iterable[Page], mode: Mode = "local") -> gr.Blocks:
    """All pages as one Gradio app; the page whose path is empty stands at the root."""
    os.environ["GRADIO_TEMP_DIR"] = str(home.shared_temp_dir())
    listed = tuple(page for page in pages if mode == "team" or not page.is_for_administrators)
    demo = gr.Blocks(title="Tunesmith", analytics_enabled=False, fill_width=True, delete_cache=(HOUR, 24 * HOUR))
    for page in sorted(listed, key=lambda page: page.path != ""):
        with demo if page.path == "" else demo.route(page.title, f"/{page.path}", show_in_navbar=False):
            gr.HTML(navigation(listed, page, mode), apply_default_css=False, js_on_load=drawn_by("shell.js"))
            page.build(studio)
    with demo:
        tools.add(studio)
    return demo.queue(max_size=64, default_concurrency_limit=10)


def navigation(pages: Iterable[Page], current: Page, mode: Mode = "local") -> str:
    """The bar at the top, where several use the app with the name of whoever sees it. Links are relative to the page's
    base address.
    """
    links = "".join(
        f'<a href="./{page.path}"{_current(page, current)}{" hidden" if page.is_for_administrators else ""}>'
        f"{html.escape(page.nav)}</a>"
        for page in pages
        if page.nav
    )
    return (
        f'<header class="ts-bar" data-title="{html.escape(current.title)}" data-mode="{mode}"><div>'
        '<nav aria-label="Main">'
        '<a class="ts-brand" href="./"><span aria-hidden="true">◆</span> Tunesmith</a>'
        f'<span class="ts-links">{links}</span></nav>'
        f'<div class="ts-right">{"" if mode == "local" else ME}{_languages()}'
        '<button type="button" class="ts-theme" aria-label="Switch between light and dark">'
        f"{SUN}{MOON}</button></div></div></header>{demo_words.banner() if mode == 'demo' else vanishing()}"
    )


def vanishing() -> str:
    """A quiet line on every page where runs do not outlast a restart, and where to keep them."""
    why = space.vanishing()
    return vanishing_line(why) if why else ""


def vanishing_line(why: str) -> str:
    """The same, for a reason."""
    return (
        f'<p class="ts-vanishing"><span>{html.escape(why)}</span> <span>Runs vanish with it.</span> '
        '<a href="./kept">Keep them</a></p>'
    )


def _languages() -> str:
    """The choice of a language, each in its own words; the page's script marks the one that is spoken."""
    # As an attribute, their names are in no language but their own.
    options = "".join(
        f'<option value="{one.code}" lang="{one.tag}" label="{html.escape(one.name)}"></option>'
        for one in LANGUAGES.values()
    )
    return f'<select class="ts-language" aria-label="Language" name="language" autocomplete="off">{options}</select>'


def _current(page: Page, current: Page) -> str:
    if page is current:
        return ' aria-current="page"'
    # A page without an entry of its own belongs under the root's.
    return ' aria-current="true"' if not current.nav and page.path == "" else ""


ME = '<form class="ts-me" method="post" action="./sign-out" hidden></form>'
"""Filled by the page's script with who is signed in, and the way out."""
SUN = (
    '<svg class="ts-sun" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
    'aria-hidden="true"><circle cx="12" cy="12" r="4"/><path d="M12 2v2m0 16v2M2 12h2m16 0h2M4.9 4.9l1.4 1.4m11.4 11.4 '
    '1.4 1.4m0-14.2-1.4 1.4M6.3 17.7l-1.4 1.4"/></svg>'
)
MOON = (
    '<svg class="ts-moon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linejoin="round" aria-hidden="true"><path d="M20 14.5A8.5 8.5 0 1 1 9.5 4 7 7 0 0 0 20 14.5Z"/></svg>'
)
STYLES = tuple(
    f"{name}.css"
    for name in (
        "tunesmith",
        "report",
        "judge",
        "new_run",
        "settings",
        "data",
        "look",
        "answers",
        "try",
        "publish",
        "account",
        "search",
        "compare",
        "labels",
        "watch",
        "programs",
        "demo",
        "administrator",
    )
)
ALL_STYLES = "all.css"
"""All of these as one file: a page waits for one answer instead of one each."""
HEAD = (
    f'<link rel="icon" type="image/svg+xml" href="./{MOUNT}/icon.svg">'
    + f'<link rel="stylesheet" href="./{MOUNT}/{ALL_STYLES}">'
    + f'<script type="module" src="./{MOUNT}/shell.js"></script>'
)


def routes(studio: Studio, entry: Entry | None = None) -> list[BaseRoute]:
    """What is served beside Gradio: what programs ask, what the pages read, our own files and, where several use the
    app, its door.
    """
    return [
        *(_door(studio, entry) if entry else []),
        Mount(rest.ADDRESS, rest.build(studio)),
        Mount(api.ADDRESS, api.build(studio)),
        Route(f"/{MOUNT}/plotly.min.js", _plotly),
        Route(f"/{MOUNT}/{ALL_STYLES}", _styles),
        Route(f"/{MOUNT}/words/{{code}}.json", _words),
        Mount(f"/{MOUNT}", Revalidated(directory=STATIC)),
    ]


def _door(studio: Studio, entry: Entry) -> list[Route]:
    """Where people sign in; in a demo, where nobody does, what stands in the place of pages that it has not."""
    if entry.mode != "demo":
        return [*door.routes(entry), *administrator.routes(studio, entry)]
    from ui.pages import PAGES, PAGES_OF_A_DEMO

    return lobby.routes([page.path for page in PAGES if page not in PAGES_OF_A_DEMO])


class Revalidated(StaticFiles):
    """Files that a browser keeps but asks about again, so that an update of the app is seen at once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _styles(request: Request) -> Response:
    text = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in STYLES)
    return _asked_again(request, text, "text/css")


def _words(request: Request) -> Response:
    """What our scripts say, in one language."""
    code = request.path_params["code"]
    if code not in LANGUAGES:
        return Response(status_code=404)
    return _asked_again(request, word_list.for_scripts(code), "application/json")


def _asked_again(request: Request, text: str, kind: str) -> Response:
    """A text that a browser keeps, and asks about again."""
    tag = f'"{sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=kind, headers=headers)


def _plotly(request: Request) -> Response:
    """The copy of plotly.js inside the plotly package; its address carries a version, so it may be kept for good."""
    path = resources.files("plotly") / "package_data" / "plotly.min.js"
    return FileResponse(str(path), headers={"Cache-Control": "public, max-age=31536000, immutable"})


def launch(
    demo: gr.Blocks,
    studio: Studio,
    host: str = "127.0.0.1",
    port: int | None = None,
    allowed_hosts: Iterable[str] = (),
    mcp: bool = False,
    entry: Entry | None = None,
) -> str:
    """Start serving in the background; returns the app's address.

    Only requests under the app's own names and from its own pages are answered (``ui.origins``). ``allowed_hosts`` are
    names under which a proxy shows the app: where there are any, nobody counts as sitting in front of this machine. Nor
    does anybody where several people use the app, who come in by ``entry``. ``mcp``: assistants may use the app too.
    """
    forget_halves()
    proxied = list(allowed_hosts)
    _, address, _ = demo.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        inbrowser=False,
        show_error=False,
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        mcp_server=mcp,
        footer_links=[],
        max_file_size=ceilings.most("upload"),
        state_session_capacity=ceilings.most("pages"),
        favicon_path=str(STATIC / "icon.svg"),
        theme=Tunesmith(),
        head=HEAD,
        app_kwargs={
            "routes": routes(studio, entry),
            "middleware": [
                Middleware(SafeHeaders),
                Middleware(Speaking),
                Middleware(Origins, host=host, allowed=proxied),
                Middleware(Bodies),
                Middleware(Visitors, private=host in LOOPBACK and not proxied and entry is None),
                *([Middleware(Lobby if entry.mode == "demo" else Gate, entry=entry)] if entry else []),
                Middleware(Signing, vault=Vault()),
                Middleware(Opening),
                Middleware(Closed),
                Middleware(Uploads),
            ],
        },
    )
    remember_lightly(demo)
    return address
