"""Pages that stand outside of Gradio: they answer before anybody is let in."""

from __future__ import annotations

import html

from starlette.responses import HTMLResponse

from ui.languages import current

_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'"
)


def page(title: str, body: str, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """A whole page in the app's look. ``body`` is HTML; nothing in it may be said by people or data unescaped."""
    text = (
        f'<!doctype html><html lang="{current().tag}" data-language="{current().code}"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)} · Tunesmith</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="same-origin"><meta name="robots" content="noindex">'
        '<link rel="icon" type="image/svg+xml" href="./tunesmith/icon.svg">'
        '<link rel="stylesheet" href="./tunesmith/all.css"><link rel="stylesheet" href="./tunesmith/plain.css">'
        '</head><body class="ts-plainly"><script src="./tunesmith/plain.js"></script>'
        f"{body}</body></html>"
    )
    fixed = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return HTMLResponse(text, status_code=status, headers=fixed | (headers or {}))
