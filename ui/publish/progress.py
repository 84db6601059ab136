"""How far an attempt to publish has come: what the page's script is told, and the place where it draws that.

The script (``assets/static/publish.js``) asks by itself, so a page that was closed and opened again finds the attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.errors import RunError
from core.publishing.types import Publication, Publishing
from core.studio import Studio
from ui import languages
from ui.languages import tr
from ui.page import Page, drawn_by, run_id

STAGES = {
    "preparing": "Preparing the files",
    "uploading": "Sending the files",
    "committing": "The Hub is putting them in place",
}


def layout() -> gr.HTML:
    """The place that the script draws into."""
    return gr.HTML(
        '<div class="pub-progress"></div>',
        apply_default_css=False,
        js_on_load=drawn_by("publish.js", "cancel", "again", "over"),
        elem_id="pub-progress",
    )


def told(publication: Publication | None, safe_page: Callable[[str, str, Any], str]) -> dict[str, Any] | None:
    """An attempt as the script draws it: plain words and numbers, and no address that is not one of the Hub's."""
    if publication is None:
        return None
    wanted, result = publication.wanted, publication.result
    return {
        "stage": publication.stage,
        "is_over": publication.is_over,
        "heading": heading(publication),
        "words": _words(publication),
        "done_bytes": publication.done_bytes,
        "total_bytes": publication.total_bytes,
        "advice": languages.told(publication.advice),
        "cause": publication.cause,
        "repo": wanted.repo,
        "page": safe_page(result.url, result.repo, result.kind) if result else "",
    }


def heading(publication: Publication) -> str:
    """The attempt in a few words."""
    wanted = publication.wanted
    what = tr("the demo {repo}", repo=wanted.repo) if wanted.demo_of else wanted.repo
    match publication.stage:
        case "done":
            return f"{_upper(what)} {_done(publication)}"
        case "failed":
            return languages.told(publication.title) or tr("{what} could not be published.", what=_upper(what))
        case "cancelled":
            return tr("Publishing {what} was stopped.", what=what)
    return tr("Publishing {what}", what=what)


def _words(publication: Publication) -> str:
    return languages.told(publication.words) or (tr(STAGES[publication.stage]) if publication.stage in STAGES else "")


def _done(publication: Publication) -> str:
    result = publication.result
    if result is not None and result.as_pull_request:
        return tr("was proposed: it is there once its owner takes it.")
    if result is None:
        return tr("is on the Hub.")
    return tr("is on the Hub, {more}.", more=tr("private") if result.private else tr("open to everyone"))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("the ") else text


def last_wanted(studio: Studio, run: str) -> Publishing:
    """What was wanted by the newest attempt. Raises ``RunError`` where nothing was."""
    publication = studio.publication(run)
    if publication is None:
        raise RunError(tr("Nothing was published since the app was started."), tr("Choose what to publish, and where."))
    return publication.wanted


def wire(place: gr.HTML, studio: Studio) -> None:
    """Stop what goes on, and try again what did not come to its end."""

    def cancel(request: gr.Request) -> None:
        studio.cancel_publication(run_id(request))

    def again(request: gr.Request) -> None:
        run = run_id(request)
        studio.publish(run, last_wanted(studio, run))

    Page.on_command(place, "cancel", cancel)
    Page.on_command(place, "again", again)
