"""Taking the model home: its files as one zip, and a copy of it in ONNX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

import gradio as gr

from core.errors import explain
from core.models.adapted import is_adapted
from core.studio import Studio
from core.tasks import TASKS
from ui import pieces
from ui import words as said
from ui.languages import tr
from ui.new_run import found
from ui.new_run.working import Work
from ui.page import Page, run_id
from ui.publish import words

ONNX = "ONNX is a format that many programs read without Python: on phones, in browsers, on servers."
MADE = "There is an ONNX copy. It gives the same answers as the model, and comes along in the zip."


@dataclass(frozen=True)
class View:
    """The zip, and what is known of the ONNX copy."""

    zip: gr.HTML
    onnx: gr.HTML
    make: gr.Button

    @property
    def outputs(self) -> list[Any]:
        return [self.zip, self.onnx, self.make]


def layout() -> View:
    """Draw it, folded."""
    with gr.Accordion("Take it home", open=False, elem_id="pub-home"):
        zipped = gr.HTML(apply_default_css=False, elem_id="pub-zip")
        onnx = gr.HTML(apply_default_css=False, elem_id="pub-onnx", min_height=40)
        make = gr.Button("Make an ONNX copy", elem_classes="nr-small", visible=False)
    return View(zipped, onnx, make)


def shown(view: View, studio: Studio, run: str) -> dict[Any, Any]:
    """What can be taken home now."""
    return {view.zip: download(studio, run) + script(studio, run), **_onnx(view, studio, run)}


def download(studio: Studio, run: str) -> str:
    """The link to the zip, with what is in it, as HTML."""
    kept = ["model", *(["onnx"] if studio.has_onnx(run) else [])]
    size = sum(path.stat().st_size for name in kept for path in (studio.folder(run) / name).glob("*") if path.is_file())
    whole = pieces.tag("p", words.merged(), "nr-note") if TASKS[studio.config(run).task].family != "encoder" else ""
    if is_adapted(studio.folder(run) / "model"):
        whole = pieces.tag("p", words.adapter_alone(), "nr-note")
    return (
        f'<p><a class="ts-button ts-primary" href="./reads/runs/{quote(run)}/model.zip" download>'
        f"{escape(tr('Download the model (zip, about {size})', size=said.size(size)))}</a></p>"
        + pieces.tag("p", tr("The model with its tokenizer, its card, and example code that runs as it is."), "nr-note")
        + whole
    )


def script(studio: Studio, run: str) -> str:
    """The link to the run as a program of its own, as HTML; empty where it has none."""
    if not studio.has_script(run):
        return ""
    return (
        f'<p><a class="ts-button" href="./reads/runs/{quote(run)}/script.zip" download>'
        f"{escape(tr('Download the training as a script (zip)'))}</a></p>" + pieces.tag("p", words.script(), "nr-note")
    )


def _onnx(view: View, studio: Studio, run: str) -> dict[Any, Any]:
    why_not = studio.why_no_onnx(run)
    if why_not is not None:
        known = pieces.prose(str(why_not), "nr-note")
    else:
        known = pieces.tag("p", tr(MADE) if studio.has_onnx(run) else tr(ONNX), "nr-note")
    return {
        view.onnx: known,
        view.make: gr.update(visible=why_not is None and not studio.has_onnx(run)),
    }


def wire(view: View, studio: Studio) -> None:
    """Make the ONNX copy while somebody watches how far it is; who leaves the page ends it."""

    def make(request: gr.Request) -> Iterator[dict[Any, Any]]:
        run = run_id(request)
        work = Work(lambda progress: studio.export_onnx(run, progress))
        for tick in work.ticks():
            yield {view.onnx: found.progress(tick), view.make: gr.update(visible=False)}
        try:
            _ = work.result
        except Exception as exc:  # it is said where the copy would be spoken of
            error = explain(exc)
            failed = pieces.message(error.title, error.advice)
            yield {view.onnx: failed, view.make: gr.update(visible=True)}
        else:
            yield shown(view, studio, run)

    Page.on(view.make.click, make, None, view.outputs, progress="hidden", trigger_mode="once")
