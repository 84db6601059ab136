"""The page ``/kept``: runs kept in a private repository of whoever is signed in, and bringing them back.

``?run=ID`` chooses a run to keep. On a Space the page also says what it can do, and how to have one of one's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errands import Errand
from core.errors import RunError, StudioError
from core.studio import Studio
from ui import kept_words as words
from ui.languages import tr
from ui.page import Page
from ui.pieces import message

LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class View:
    """What is kept, a run to keep, a run to bring back, and what was said of the last that was begun."""

    standing: gr.HTML
    mine: gr.Dropdown
    keep: gr.Button
    always: gr.Checkbox
    kept: gr.Dropdown
    back: gr.Button
    said: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        return [self.standing, self.mine, self.keep, self.always, self.kept, self.back, self.said]


def layout() -> View:
    """Draw it; what is kept is asked of the Hub once the page is there."""
    with gr.Column(elem_classes="ts-page nr-page kept-page"):
        gr.HTML(words.HEADING, apply_default_css=False)
        with gr.Column(elem_classes="nr-card"):
            standing = gr.HTML(words.ASKING, apply_default_css=False, elem_id="kept-standing")
            gr.HTML(words.HOW, apply_default_css=False)
            said = gr.HTML(apply_default_css=False, elem_id="kept-said")
        with gr.Column(elem_classes="nr-card"):
            mine = gr.Dropdown([], value=None, label="A run to keep", elem_id="kept-mine")
            keep = gr.Button(
                "Keep it", variant="primary", interactive=False, elem_id="kept-keep", elem_classes="nr-use"
            )
            always = gr.Checkbox(label=words.KEEP_ALL, info=words.UNTIL, elem_id="kept-always", interactive=False)
        with gr.Column(elem_classes="nr-card"):
            kept = gr.Dropdown([], value=None, label="A run to bring back", elem_id="kept-kept")
            back = gr.Button("Bring it back", interactive=False, elem_id="kept-back", elem_classes="nr-use")
        gr.HTML(words.this_space(), apply_default_css=False, elem_id="kept-space")
    return View(standing, mine, keep, always, kept, back, said)


def wire(view: View, studio: Studio) -> None:
    """What is kept; keeping; bringing back."""

    def look(request: gr.Request) -> dict[Any, Any]:
        return _mine(view, studio, str(request.query_params.get("run", ""))) | _kept(view, studio)

    def keep(run: str | None) -> Iterator[dict[Any, Any]]:
        studio.keep(_chosen(run))
        yield from _followed(view, lambda: studio.keeping(str(run)), tr("Keeping"), tr("{run} is kept.", run=run))
        yield _mine(view, studio, "") | _kept(view, studio)

    def back(run: str | None) -> Iterator[dict[Any, Any]]:
        studio.bring_back(_chosen(run))
        done = tr("{run} is here again.", run=run)
        yield from _followed(view, lambda: studio.bringing_back(str(run)), tr("Bringing back"), done)
        yield _mine(view, studio, "") | _kept(view, studio)

    def always(on: bool) -> dict[Any, Any]:
        studio.keep_all(on)
        return {view.always: studio.keeps_all()}

    Page.on_load(look, outputs=view.outputs)
    Page.on(view.keep.click, keep, view.mine, view.outputs, trigger_mode="once", progress="hidden")
    Page.on(view.back.click, back, view.kept, view.outputs, trigger_mode="once", progress="hidden")
    Page.on(view.always.input, always, view.always, [view.always], progress="hidden")


def _chosen(run: str | None) -> str:
    if not run:
        raise RunError(tr("No run is chosen."), tr("Choose one in the list."))
    return run


def _followed(view: View, told: Callable[[], Errand | None], going: str, done: str) -> Iterator[dict[Any, Any]]:
    """What is said of an errand until it is over. It goes on when the page is closed."""
    before = ""
    while True:
        now = told()
        said = words.progress(now, going, done)
        if said != before:
            yield {view.said: said}
        before = said
        if now is None or now.state != "going":
            return
        time.sleep(LOOK_SECONDS)


def _mine(view: View, studio: Studio, wished: str) -> dict[Any, Any]:
    """The runs that can be kept."""
    over = [run for run in studio.runs() if run.state.is_over]
    choices = [(f"{run.name} ({run.id})" if run.name != run.id else run.id, run.id) for run in over]
    ids = [run.id for run in over]
    value = wished if wished in ids else next(iter(ids), None)
    info = "" if over else tr("No run is over yet. One that is stands here, and can be kept.")
    return {view.mine: gr.update(choices=choices, value=value, info=info)}


def _kept(view: View, studio: Studio) -> dict[Any, Any]:
    """What the Hub says, and what can be done by whoever is signed in."""
    try:
        found = studio.kept_runs()
    except StudioError as exc:
        off = gr.update(interactive=False)
        return {view.standing: message(exc.title, exc.advice), view.keep: off, view.always: off, view.back: off}
    gone = [one.run for one in found.runs if not one.is_here]
    info = "" if gone else tr("All that is kept is here.") if found.runs else tr("Keep a run first.")
    page = studio.hub_page(found.page, found.repo, "model")
    return {
        view.standing: words.standing(found, page),
        view.keep: gr.update(interactive=any(run.state.is_over for run in studio.runs())),
        view.always: gr.update(interactive=True, value=studio.keeps_all()),
        view.kept: gr.update(choices=gone, value=next(iter(gone), None), info=info),
        view.back: gr.update(interactive=bool(gone)),
    }


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(), studio)


PAGE = Page(title="Kept runs", path="kept", build=build)
