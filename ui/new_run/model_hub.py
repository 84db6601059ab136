"""A model of the Hugging Face Hub: a search as one types, narrowed to what suits the task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from core.errors import StudioError
from core.hub.identity import current
from core.hub.types import HubModel
from core.studio import Studio
from ui import pieces, words
from ui.languages import told, tr
from ui.new_run import model_words
from ui.new_run.frame import Answers
from ui.new_run.hub_words import filters

FOUND = 20
ADDRESS = "https://huggingface.co/"
NOTHING = "No model of the Hub that suits this task fits."
WIDER = (
    "Try fewer letters or another word, or narrow the search less. Listed are models for the library transformers, in "
    "the form safetensors, that can do this task; any other one can be named under “Another model”."
)
STILL = "The models above can be used all the same."
SEARCHING = '<p class="nr-loading" role="status">Asking the Hub.</p>'


@dataclass(frozen=True)
class SearchView:
    """The search, and what was found."""

    box: gr.Column
    query: gr.Textbox
    author: gr.Textbox
    language: gr.Dropdown
    licence: gr.Dropdown
    size: gr.Dropdown
    note: gr.HTML
    """How the search went."""
    results: gr.Radio

    @property
    def asked(self) -> set[Component]:
        """What the search depends on."""
        return {self.query, self.author, self.language, self.licence, self.size}


def layout() -> SearchView:
    """Draw the search."""
    with gr.Column(visible=False, elem_id="model-search") as box:
        query = gr.Textbox(
            label="Search the Hugging Face Hub",
            info="By the name of a model or of its author. The Hub is a public library at huggingface.co.",
            placeholder="distilbert",
            max_lines=1,
            elem_id="model-query",
        )
        folded = gr.Accordion("Narrow the search", open=False, elem_classes="nr-further", elem_id="model-filters")
        with folded, gr.Row(elem_classes="nr-form"):
            author = gr.Textbox(label="Author", placeholder="FacebookAI", max_lines=1, elem_id="model-author")
            language = _dropdown("Language", "any language", filters()["languages"], "model-language")
            licence = _dropdown("Licence", "any licence", filters()["licences"], "model-licence")
            size = _dropdown("Numbers inside", "any size", filters()["model_sizes"], "model-size")
        note = gr.HTML(apply_default_css=False, elem_id="model-note")
        results = gr.Radio([], label="Models", visible=False, elem_classes="nr-cards", elem_id="model-results")
    return SearchView(box, query, author, language, licence, size, note, results)


def search(studio: Studio, view: SearchView, task: str, answers: Answers, local: bool) -> Answers:
    """The models that fit what stands in the fields; why there are none, where there are none."""
    narrowed = {
        "author": (answers[view.author] or "").strip(),
        "language": answers[view.language] or "",
        "licence": answers[view.licence] or "",
        "size": answers[view.size] or "",
    }
    # A name with its author, pasted from the Hub's own page, is one too.
    query = (answers[view.query] or "").strip().removeprefix(ADDRESS).strip("/")
    try:
        listed = studio.search_models(query, task=task, **narrowed, limit=FOUND)
    except StudioError as exc:
        return _listed(view, pieces.message(exc.title, f"{told(exc.advice)} {tr(STILL)}", "nr-warning"), {})
    seen = [one for one in listed if may_see(one, local)]
    if not seen:
        return _listed(view, pieces.message(tr(NOTHING), tr(WIDER), "nr-info"), {})
    count = tr("The first {found} models", found=FOUND) if len(listed) == FOUND else words.plural(len(seen), "model")
    said = tr("{count} that can do this task, the most downloaded first.", count=count)
    return _listed(view, pieces.tag("p", said, "nr-note"), {one.id: model_words.line(one) for one in seen})


def chosen_before(view: SearchView, checkpoint: str) -> Answers:
    """A model that was found before as the only one of a search."""
    return _listed(view, "", {checkpoint: checkpoint} if checkpoint else {}, checkpoint or None)


def may_see(one: HubModel, local: bool) -> bool:
    """Whether a visitor may see this model: one that is private only who sits in front of this machine, or has signed
    in as somebody who may.
    """
    return local or one.access != "private" or current().kind in ("token", "oauth")


def _listed(view: SearchView, note: str, lines: Mapping[str, str], value: str | None = None) -> Answers:
    choices = [(line, name) for name, line in lines.items()]
    return {view.note: note, view.results: gr.update(choices=choices, value=value, visible=bool(choices))}


def _dropdown(label: str, anything: str, known: Mapping[str, str], elem_id: str) -> gr.Dropdown:
    choices = [(anything, ""), *((said, name) for name, said in known.items())]
    return gr.Dropdown(choices, value="", label=label, elem_id=elem_id)
