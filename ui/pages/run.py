"""The page of one run, at ``/run?id=…``: live while it trains, the judgement when it ends, the model to try, and the
ways to use it elsewhere.

The board draws itself in the browser (``assets/static/board.js``) from what ``/api/v1`` says; what people do there
comes back as events of the component, with the run taken from the page's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.config import RunConfig, put, validate
from core.errors import RunError
from core.studio import Studio
from ui.page import Page, drawn_by, run_id, sent
from ui.pages import try_it
from ui.publish import elsewhere

GO = "(id) => { if (id) location.href = `./run?id=${encodeURIComponent(id)}`; }"


@dataclass(frozen=True)
class View:
    """The board; it also draws into ``details``, which stands under the model's playground."""

    board: gr.HTML
    details: gr.HTML
    made: gr.Textbox
    """Never seen: carries the id of a run that was made from this one to the browser, which goes there."""


def layout(studio: Studio) -> View:
    """The board; the playground and what leads elsewhere, shown by the board while the run has a model; the details."""
    board = gr.HTML(
        '<div id="ts-board" class="ts-page"></div>',
        apply_default_css=False,
        js_on_load=drawn_by("board.js", "stop", "again", "rename", "remove", "mend"),
    )
    with gr.Column(elem_id="ts-try", elem_classes="ts-page"):
        try_it.build(studio)
    with gr.Column(elem_id="ts-elsewhere", elem_classes="ts-page"):
        elsewhere.build(studio)
    details = gr.HTML('<div id="ts-details" class="ts-page"></div>', apply_default_css=False, js_on_load=None)
    return View(board, details, gr.Textbox(visible=False))


def mended(config: RunConfig, live: Mapping[str, Any]) -> RunConfig:
    """``config`` with the change that the run's failure names as its remedy."""
    failure = next((event for event in reversed(live.get("events", ())) if event["kind"] == "failed"), None)
    remedy = failure["remedy"] if failure else {}
    if not remedy:
        raise RunError("No change is known that would help this run.", "Use it again and change its settings by hand.")
    draft = config.model_dump(mode="json")
    for path, value in remedy.items():
        put(draft, path, value)
    return validate(draft)


def wire(view: View, studio: Studio) -> None:
    """What people ask of the run."""

    def stop(request: gr.Request) -> None:
        studio.stop(run_id(request))

    def again(request: gr.Request) -> None:
        studio.again(run_id(request))

    def rename(event: gr.EventData, request: gr.Request) -> None:
        studio.rename(run_id(request), sent(event, "name"))

    def remove(request: gr.Request) -> None:
        studio.delete(run_id(request))

    def mend(request: gr.Request) -> str:
        return studio.start(mended(studio.config(run_id(request)), studio.live(run_id(request))))

    Page.on_command(view.board, "stop", stop)
    Page.on_command(view.board, "again", again)
    Page.on_command(view.board, "rename", rename)
    Page.on_command(view.board, "remove", remove)
    made = Page.on(view.board.mend, mend, None, view.made, progress="hidden")
    Page.on(made.then, None, view.made, js=GO)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(studio), studio)


PAGE = Page(title="Run", path="run", build=build)
