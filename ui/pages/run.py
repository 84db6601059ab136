"""The page of one run, at ``/run?id=…``: live while it trains, the judgement when it ends, and the model to try.

The board draws itself in the browser (``assets/static/board.js``) from what ``/api/v1`` says; what people do there comes
back as events of the component, with the run taken from the page's address.
"""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from core.studio import Studio
from ui.page import Page, drawn_by, run_id, sent
from ui.pages import try_it


@dataclass(frozen=True)
class View:
    """The board; it also draws into ``details``, which stands under the model's playground."""

    board: gr.HTML
    details: gr.HTML


def layout(studio: Studio) -> View:
    """The board, the playground (shown by the board while the run has a model), and the details."""
    board = gr.HTML(
        '<div id="ts-board" class="ts-page"></div>',
        apply_default_css=False,
        js_on_load=drawn_by("board.js", "stop", "again", "rename", "remove"),
    )
    with gr.Column(elem_id="ts-try", elem_classes="ts-page"):
        try_it.build(studio)
    details = gr.HTML('<div id="ts-details" class="ts-page"></div>', apply_default_css=False, js_on_load=None)
    return View(board, details)


def wire(view: View, studio: Studio) -> None:
    """What people ask of the run."""

    def stop(request: gr.Request) -> None:
        studio.stop(run_id(request))
        gr.Info("It ends after the present step and keeps the best model so far.", title="Stopping")

    def again(request: gr.Request) -> None:
        studio.again(run_id(request))

    def rename(event: gr.EventData, request: gr.Request) -> None:
        studio.rename(run_id(request), sent(event, "name"))

    def remove(request: gr.Request) -> None:
        studio.delete(run_id(request))

    Page.on_command(view.board, "stop", stop)
    Page.on_command(view.board, "again", again)
    Page.on_command(view.board, "rename", rename)
    Page.on_command(view.board, "remove", remove)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(studio), studio)


PAGE = Page(title="Run", path="run", build=build)
