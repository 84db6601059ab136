"""The page ``/labels?run=RUN``: rows whose labels a model disputes, one after the other, to be agreed with or mended.

It draws itself in the browser (``assets/static/labels.js``) from what ``/reads`` says; what people decide comes back
as events of the component.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr

from core.errors import RunError, StudioError
from core.labels_room import KIND
from core.studio import Studio
from ui.languages import tr
from ui.page import CHANGED, Page, drawn_by, sent, waiting

GO = "(id) => { if (id) location.href = `./run?id=${encodeURIComponent(id)}`; }"

UNDO = "undo"


@dataclass(frozen=True)
class View:
    """What the script draws into, and the id of a run that was begun, to which the browser goes."""

    labels: gr.HTML
    made: gr.Textbox


def layout() -> View:
    """One component; its script draws the rest."""
    labels = gr.HTML(
        waiting("ts-labels", "Reading the labels …"),
        apply_default_css=False,
        js_on_load=drawn_by("labels.js", "begin", "cancel", "decide", "train"),
    )
    return View(labels, gr.Textbox(visible=False))


def run_of(request: gr.Request) -> str:
    """The run that the page's address names."""
    return str(request.query_params.get("run", ""))


def decide(studio: Studio, run_id: str, decisions: Sequence[Mapping[str, str]]) -> None:
    """Write decisions down, all that can be. Raises the first ``StudioError`` of those that cannot."""
    problem: StudioError | None = None
    for one in decisions:
        key, what = one["key"], one["what"]
        try:
            if what == UNDO:
                studio.undecide(run_id, key)
            else:
                studio.decide(run_id, key, what)
        except StudioError as exc:
            problem = problem or exc
    if problem is not None:
        raise problem


def wire(view: View, studio: Studio) -> None:
    """What people ask of the labels."""

    def begin(request: gr.Request, event: gr.EventData) -> None:
        studio.find_suspects(run_of(request), "thorough" if sent(event, "way") == "thorough" else "quick")

    def cancel(request: gr.Request) -> None:
        studio.cancel_errand(run_of(request), KIND)

    def decided(request: gr.Request, event: gr.EventData) -> None:
        try:
            decisions = json.loads(sent(event, "list"))
        except ValueError as exc:
            raise RunError(tr("The page said something that is not known."), tr("Load the page anew.")) from exc
        decide(studio, run_of(request), decisions)

    def train(request: gr.Request) -> str:
        return studio.train_mended(run_of(request))

    Page.on_command(view.labels, "begin", begin)
    Page.on_command(view.labels, "cancel", cancel)
    Page.on_command(view.labels, "decide", decided)
    made = Page.on(view.labels.train, train, None, view.made, progress="hidden")
    Page.on(made.then, None, view.made, js=GO)
    Page.on(made.then, None, js=CHANGED)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(), studio)


PAGE = Page(title="Check the labels", path="labels", build=build)
