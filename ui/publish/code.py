"""The model in a program: example code to copy, from the Hub once it stands there, else from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import gradio as gr

from core.publishing.types import Published
from core.studio import Studio
from core.usage.types import Snippet
from ui import pieces
from ui.languages import told, tr
from ui.page import Page, run_id
from ui.visitors import is_local

LANGUAGES: dict[str, Literal["python", "shell"]] = {"python": "python", "bash": "shell"}
FROM_FOLDER = "It is read from its folder on this machine. Once the model stands on the Hub, the code names it there."
ELSEWHERE = "The folder is on the machine where Tunesmith runs. Elsewhere, take the model home or publish it first."
NONE = Snippet("", "python", "", "There is no example code for models of this kind yet.")


@dataclass(frozen=True)
class View:
    """Which way, what has to be known before, and the code."""

    place: gr.HTML
    ways: gr.Radio
    note: gr.HTML
    code: gr.Code

    @property
    def outputs(self) -> list[Any]:
        return [self.place, self.ways, self.note, self.code]


def layout() -> View:
    """Draw it, folded."""
    with gr.Accordion("Use it from a program", open=False, elem_id="pub-code"):
        place = gr.HTML(apply_default_css=False)
        ways = gr.Radio([], label="How", elem_classes="nr-chips", elem_id="pub-ways")
        note = gr.HTML(apply_default_css=False, elem_classes="pub-said")
        code = gr.Code(
            language="python",
            interactive=False,
            label="Example code",
            lines=3,
            wrap_lines=True,
            show_line_numbers=False,
            buttons=["copy"],
        )
    return View(place, ways, note, code)


def latest_model(published: Sequence[Published]) -> Published | None:
    """The repository in which the model stands; a pull request is not one yet."""
    return next((one for one in published if one.kind == "model" and not one.as_pull_request), None)


def shown(view: View, studio: Studio, run: str, local: bool, chosen: str | None = None) -> dict[Any, Any]:
    """The ways, and the code of one: the ``chosen`` where it is there, else the first."""
    there = latest_model(studio.published(run))
    found = studio.snippets(run, there.repo, there.private) if there else studio.snippets(run)
    one = next((snippet for snippet in found if snippet.title == chosen), next(iter(found), NONE))
    return {
        view.place: _place(there, local) if found else "",
        view.ways: gr.update(
            choices=[(told(snippet.title), snippet.title) for snippet in found], value=one.title, visible=len(found) > 1
        ),
        **_of(view, one),
    }


def _place(there: Published | None, local: bool) -> str:
    if there is None:
        return pieces.tag("p", tr(FROM_FOLDER) if local else tr(ELSEWHERE), "nr-note")
    said = escape(tr("The model is taken from {repo} on the Hub."))
    return f'<p class="nr-note">{said.replace("{repo}", f"<b>{escape(there.repo)}</b>")}</p>'


def _of(view: View, one: Snippet) -> dict[Any, Any]:
    note = pieces.prose(one.note, "nr-note") if one.note else ""
    shown = gr.update(value=one.code, language=LANGUAGES[one.language], visible=bool(one.code))
    return {view.note: note, view.code: shown}


def wire(view: View, studio: Studio) -> None:
    """Another way is shown when it is chosen."""

    def choose(way: str | None, request: gr.Request) -> dict[Any, Any]:
        return shown(view, studio, run_id(request), is_local(request), way)

    Page.on(view.ways.input, choose, view.ways, view.outputs, progress="hidden")
