"""Before something is published: what is wrong with it, and what has to be said yes to. Then it begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from core.errors import StudioError
from core.publishing.types import Publishing
from core.studio import Studio
from ui.page import CHANGED, Page, run_id
from ui.publish import words

Answers = dict[Any, Any]


@dataclass(frozen=True)
class View:
    """What is said before it begins, and the second button."""

    said: gr.HTML
    box: gr.Column
    words: gr.HTML
    yes: gr.Button
    no: gr.Button
    wanted: gr.State
    """What would be published with a yes: as it was when the question came up."""

    @property
    def outputs(self) -> list[Any]:
        return [self.said, self.box, self.words, self.wanted]


def layout(yes: str) -> View:
    """Draw it; nothing is asked yet."""
    said = gr.HTML(apply_default_css=False, elem_classes="pub-said")
    with gr.Column(visible=False, elem_classes="pub-confirm") as box:
        question = gr.HTML(apply_default_css=False)
        with gr.Row(elem_classes="pub-buttons"):
            agreed = gr.Button(yes, variant="primary")
            turned_down = gr.Button("Not yet")
    return View(said, box, question, agreed, turned_down, gr.State(None))


def quiet(view: View) -> Answers:
    """Nothing is said or asked."""
    return {view.said: "", view.box: gr.update(visible=False), view.wanted: None}


def press(view: View, studio: Studio, run: str, wanted: Publishing) -> Iterator[Answers]:
    """Begin to publish this, or say why not, or ask first where something is replaced or shown to everyone."""
    owner, _, name = wanted.repo.partition("/")
    wrong = words.problem(owner, name)
    if wrong:
        yield quiet(view) | {view.said: why_not(wrong)}
        return
    yield quiet(view) | {view.said: words.looking()}
    try:
        yield _begun_or_asked(view, studio, run, wanted)
    except StudioError as exc:
        yield quiet(view) | {view.said: words.trouble(exc.title, exc.advice)}


def _begun_or_asked(view: View, studio: Studio, run: str, wanted: Publishing) -> Answers:
    account = studio.account()
    if account is None:
        return quiet(view) | {view.said: words.nobody()}
    wrong = words.not_theirs(account, wanted)
    if wrong:
        return quiet(view) | {view.said: why_not(wrong)}
    there = studio.standing(wanted.repo, wanted.kind)
    if there is None and wanted.as_pull_request:
        return quiet(view) | {view.said: why_not(words.nothing_to_propose_to(wanted.repo))}
    question = words.to_confirm(wanted, there)
    if question:
        asked = {view.words: f"<p>{escape(question)}</p>", view.box: gr.update(visible=True), view.wanted: wanted}
        return {view.said: ""} | asked
    studio.publish(run, wanted)
    return quiet(view)


def why_not(sentence: str) -> str:
    """The sentence above the button that says what has to be changed."""
    return f'<p class="nr-problem" role="alert">{escape(sentence)}</p>'


def wire(view: View, studio: Studio) -> None:
    """A yes publishes what was asked about, a no takes the question away."""

    def agree(wanted: Publishing | None, request: gr.Request) -> Answers:
        if wanted is None:
            return quiet(view)
        try:
            studio.publish(run_id(request), wanted)
        except StudioError as exc:
            return quiet(view) | {view.said: words.trouble(exc.title, exc.advice)}
        return quiet(view)

    begun = Page.on(view.yes.click, agree, view.wanted, view.outputs)
    Page.on(begun.then, None, js=CHANGED)
    Page.on(view.no.click, lambda: quiet(view), None, view.outputs, progress="hidden")
