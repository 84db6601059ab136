"""The first page: all runs, newest first, and the trash.

The list draws itself in the browser (``assets/static/runs.js``) from what ``/reads`` says; what people do there comes
back as events of the component, with the run's id.
"""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from core.studio import Studio
from ui import demo_words, words
from ui.languages import tr
from ui.page import Page, drawn_by, sent, tell, waiting


@dataclass(frozen=True)
class View:
    """The list with the trash below it, or the first steps while there is nothing to list."""

    runs: gr.HTML


def layout() -> View:
    """One component; its script draws the rest."""
    return View(
        gr.HTML(
            waiting("ts-runs", "Reading the list of runs …"),
            apply_default_css=False,
            js_on_load=drawn_by("runs.js", "rename", "remove", "restore", "empty", "move"),
        )
    )


def wire(view: View, studio: Studio) -> None:
    """What people ask of the list."""

    def rename(event: gr.EventData) -> None:
        studio.rename(sent(event, "id"), sent(event, "name"))

    def remove(event: gr.EventData) -> None:
        studio.delete(sent(event, "id"))

    def restore(event: gr.EventData) -> None:
        studio.restore(sent(event, "id"))

    def empty() -> None:
        gone = studio.empty_trash()
        tell(tr("The trash is empty"), tr("{gone} deleted for good.", gone=words.plural(gone, "run")))

    def move(event: gr.EventData) -> None:
        studio.move(sent(event, "id"), int(sent(event, "place")))

    Page.on_command(view.runs, "move", move)
    Page.on_command(view.runs, "rename", rename)
    Page.on_command(view.runs, "remove", remove)
    Page.on_command(view.runs, "restore", restore)
    Page.on_command(view.runs, "empty", empty)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    if studio.is_demo:
        gr.HTML(demo_words.showcase(studio.shown()), apply_default_css=False)
    wire(layout(), studio)


PAGE = Page(title="Runs", path="", build=build, nav="Runs")
