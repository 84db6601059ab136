"""A demo for everyone: a small page on the Hub (a Space) on which anybody tries the published model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from core.errors import RunError
from core.publishing.types import Published, Publishing
from core.studio import Studio
from core.tasks import TASKS
from ui.languages import tr, tr_html
from ui.page import CHANGED, Page, run_id
from ui.publish import asking, words
from ui.publish.asking import Answers
from ui.publish.code import latest_model

ENDING = "-demo"
FIRST = (
    '<p class="nr-note">A demo is a page of its own on the Hub: people type something and see what the model answers, '
    "with nothing to install. It serves the published model, so publish the model first.</p>"
)
NONE = '<p class="nr-note">There is no demo for models of this kind yet.</p>'
OPEN = "Everyone can open it, as the model."
CLOSED = (
    "It is private, as the model is: only you and those you invite can open it. So that it can load the model, add a "
    "token that may read it as a secret called <code>HF_TOKEN</code>, under Settings of the demo."
)


@dataclass(frozen=True)
class View:
    """What it will be, and the button."""

    about: gr.HTML
    publish: gr.Button
    asking: asking.View

    @property
    def outputs(self) -> list[Any]:
        return [self.about, self.publish]


def layout() -> View:
    """Draw it, folded."""
    with gr.Accordion("A demo for everyone", open=False, elem_id="pub-demo"):
        about = gr.HTML(FIRST, apply_default_css=False)
        ask = asking.layout("Yes, publish the demo")
        publish = gr.Button("Publish a demo", variant="primary", visible=False, elem_classes="pub-start")
    return View(about, publish, ask)


def wanted(published: Sequence[Published]) -> Publishing | None:
    """The demo of the model that was published last, seen by whoever may see the model; None without such a model."""
    model = latest_model(published)
    if model is None:
        return None
    owner, _, name = model.repo.partition("/")
    name = name[: words.LONGEST_NAME - len(ENDING)].rstrip("-._")
    return Publishing(repo=f"{owner}/{name}{ENDING}", private=model.private, demo_of=model.repo)


def shown(view: View, studio: Studio, run: str) -> Answers:
    """What would be published now."""
    if TASKS[studio.config(run).task].serving is None:
        return {view.about: tr_html(NONE), view.publish: gr.update(visible=False)}
    demo = wanted(studio.published(run))
    return {view.about: describe(demo), view.publish: gr.update(visible=demo is not None)}


def describe(demo: Publishing | None) -> str:
    """What the demo will be, as HTML."""
    if demo is None:
        return tr_html(FIRST)
    seen = tr_html(CLOSED) if demo.private else tr(OPEN)
    return (
        f'<p class="nr-note">A page of its own on the Hub, <b>{escape(demo.repo)}</b>: people type something and see '
        f"what <b>{escape(demo.demo_of)}</b> answers, with nothing to install. {seen}</p>"
    )


def wire(view: View, studio: Studio) -> None:
    """One click publishes it."""

    def publish(request: gr.Request) -> Iterator[Answers]:
        run = run_id(request)
        demo = wanted(studio.published(run))
        if demo is None:
            raise RunError(tr("There is no published model to show."), tr("Publish the model first."))
        yield from asking.press(view.asking, studio, run, demo)

    begun = Page.on(view.publish.click, publish, None, view.asking.outputs, progress="hidden")
    Page.on(begun.then, None, js=CHANGED)
    asking.wire(view.asking, studio)
