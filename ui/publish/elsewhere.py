"""The part “Use it elsewhere” of a run's page, below the playground: publish, demo, example code, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.studio import Studio
from ui import pieces
from ui.page import Page, run_id
from ui.publish import code, demo, form, progress, take_home, words
from ui.visitors import is_local

WHEN_SEEN = """
new IntersectionObserver((entries, watcher) => {
  if (entries.some((entry) => entry.isIntersecting)) { watcher.disconnect(); trigger("load"); }
}).observe(element);
"""
LEAD = "The model is yours: show it to others, call it from a program, or take its files with you."


@dataclass(frozen=True)
class View:
    """How far publishing has come, where the model stands, and four ways out, each folded."""

    seen: gr.HTML
    progress: gr.HTML
    standing: gr.HTML
    form: form.View
    demo: demo.View
    code: code.View
    home: take_home.View

    @property
    def changing(self) -> list[Any]:
        """What may differ once something was published."""
        return [self.standing, *self.demo.outputs, *self.code.outputs, *self.home.outputs]


def layout() -> View:
    """Draw it."""
    with gr.Column(elem_classes="nr-card nr-try"):
        seen = gr.HTML(
            '<h2 class="nr-h2">Use it elsewhere</h2>' + pieces.tag("p", LEAD, "nr-note"),
            apply_default_css=False,
            js_on_load=WHEN_SEEN,
        )
        attempt = progress.layout()
        standing = gr.HTML(apply_default_css=False, elem_id="pub-standing", elem_classes="pub-said")
        return View(seen, attempt, standing, form.layout(), demo.layout(), code.layout(), take_home.layout())


def shown(view: View, studio: Studio, run: str, local: bool) -> dict[Any, Any]:
    """Everything that this machine knows by itself: no Hub is asked."""
    published = studio.published(run)
    pages = {one.url: studio.hub_page(one.url, one.repo, one.kind) for one in published}
    return {
        view.standing: words.standing(published, pages),
        **demo.shown(view.demo, studio, run),
        **code.shown(view.code, studio, run, local),
        **take_home.shown(view.home, studio, run),
    }


def wire(view: View, studio: Studio) -> None:
    """Fill it once it is seen, and again when something was published."""

    def appear(request: gr.Request) -> dict[Any, Any]:
        run = run_id(request)
        if studio.is_shown(run):
            return {view.standing: gr.skip()}  # whoever shows it keeps its files
        return shown(view, studio, run, is_local(request)) | form.shown(view.form, studio, run)

    def renew(request: gr.Request) -> dict[Any, Any]:
        return shown(view, studio, run_id(request), is_local(request))

    Page.on(view.seen.load, appear, None, [*view.changing, *view.form.lasting], progress="hidden")
    Page.on(view.progress.over, renew, None, view.changing, progress="hidden")
    progress.wire(view.progress, studio)
    form.wire(view.form, studio)
    demo.wire(view.demo, studio)
    code.wire(view.code, studio)
    take_home.wire(view.home, studio)


def build(studio: Studio) -> None:
    """The part, laid out and wired, inside the run's page."""
    wire(layout(), studio)
