"""A dataset of the Hugging Face Hub: search, look at it before anything is fetched, choose what of it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.data_config import StreamingConfig
from core.schema import rows
from ui import forms
from ui.languages import tr
from ui.new_run.hub_words import filters

ANY = ""
"""The value of a choice that narrows nothing, or names no split."""
STREAMING = tuple(rows(StreamingConfig))
HOW_STREAMED = (
    '<p class="nr-note">Rows are read from the Hub while the model learns, and never come whole to this disk. What '
    "that costs: learning is counted in steps, not in epochs; the order of the rows is only half by chance; the data "
    "check sees the first rows alone; the model is judged on a bounded number of rows; and the network is needed until "
    "the end.</p>"
)


@dataclass(frozen=True)
class HubView:
    """The search, and what is known of the dataset that was chosen."""

    query: gr.Textbox
    author: gr.Textbox
    task: gr.Dropdown
    language: gr.Dropdown
    size: gr.Dropdown
    note: gr.HTML
    """How the search went."""
    results: gr.Radio
    looked: gr.State
    """The ``Looked`` that the rest shows, or None."""
    about: gr.HTML
    choices: gr.Column
    """Around all that follows."""
    few: gr.Radio
    many: gr.Dropdown
    """Two ways to draw the subsets, of which one is seen."""
    train: gr.Dropdown
    validation: gr.Dropdown
    test: gr.Dropdown
    revision: gr.Textbox
    first_rows: gr.HTML
    stream: gr.Checkbox
    streaming: forms.Group
    stream_box: gr.Column
    cost: gr.HTML
    use: gr.Button

    @property
    def asked(self) -> set[Component]:
        """What the search depends on."""
        return {self.query, self.author, self.task, self.language, self.size}

    @property
    def inputs(self) -> set[Component]:
        """What is chosen of a dataset."""
        chosen = {self.results, self.few, self.many, self.train, self.validation, self.test, self.revision, self.stream}
        return {self.looked, *chosen, *self.streaming.controls.values()}

    @property
    def outputs(self) -> list[Any]:
        """What changes with the dataset and what is chosen of it."""
        chosen = [self.few, self.many, self.train, self.validation, self.test, self.revision]
        shown = [self.about, self.choices, self.first_rows, self.stream, self.stream_box, self.cost, self.use]
        return [self.looked, *chosen, *shown]


def layout() -> HubView:
    """Draw the way through the Hub."""
    query = gr.Textbox(
        label="Search the Hugging Face Hub",
        info="By the name of a dataset or of its author. The Hub is a public library at huggingface.co.",
        placeholder="glue",
        max_lines=1,
        elem_id="hub-query",
    )
    narrowing = _narrowing()
    note = gr.HTML(apply_default_css=False, elem_id="hub-note")
    results = gr.Radio([], label="Datasets", visible=False, elem_classes="nr-cards", elem_id="hub-results")
    looked = gr.State(None)
    about = gr.HTML(apply_default_css=False, elem_id="hub-about")
    with gr.Column(visible=False, elem_classes="nr-card", elem_id="hub-choices") as choices:
        gr.HTML('<h2 class="nr-h2">What of it</h2>', apply_default_css=False)
        few = gr.Radio([], label="Subset", elem_classes="nr-chips", elem_id="hub-subsets")
        many = gr.Dropdown([], label="Subset", visible=False, elem_id="hub-subset")
        parts = _parts()
        with gr.Accordion("A certain version of it", open=False, elem_classes="nr-further"):
            revision = gr.Textbox(
                label="Revision",
                info="The name of a branch or a tag, or a commit; then press Enter. Left empty: the newest.",
                placeholder="main",
                max_lines=1,
                elem_id="hub-revision",
            )
        first_rows = gr.HTML(apply_default_css=False, elem_id="hub-rows", min_height=40)
        cost = gr.HTML(apply_default_css=False, elem_id="hub-cost")
        stream = gr.Checkbox(
            label="Stream it instead of downloading it",
            info="For a dataset that is too large for this disk.",
            elem_id="hub-stream",
        )
        with gr.Column(visible=False, elem_id="hub-streaming") as stream_box:
            gr.HTML(HOW_STREAMED, apply_default_css=False)
            streaming = forms.group(STREAMING, "streaming")
        use = gr.Button("Use this dataset", variant="primary", elem_id="hub-use", elem_classes="nr-use")
    train, validation, test = parts
    return HubView(
        query,
        *narrowing,
        note=note,
        results=results,
        looked=looked,
        about=about,
        choices=choices,
        few=few,
        many=many,
        train=train,
        validation=validation,
        test=test,
        revision=revision,
        first_rows=first_rows,
        stream=stream,
        streaming=streaming,
        stream_box=stream_box,
        cost=cost,
        use=use,
    )


def _narrowing() -> tuple[gr.Textbox, gr.Dropdown, gr.Dropdown, gr.Dropdown]:
    known = filters()
    folded = gr.Accordion(tr("Narrow the search"), open=False, elem_classes="nr-further", elem_id="hub-filters")
    with folded, gr.Row(elem_classes="nr-form"):
        author = gr.Textbox(label=tr("Author"), placeholder="stanfordnlp", max_lines=1, elem_id="hub-author")
        task = _dropdown(tr("Made for"), "anything", known["tasks"], "hub-task")
        language = _dropdown(tr("Language"), tr("any language"), known["languages"], "hub-language")
        size = _dropdown(tr("Size"), tr("any size"), known["sizes"], "hub-size")
    return author, task, language, size


def _dropdown(label: str, anything: str, known: dict[str, str], elem_id: str) -> gr.Dropdown:
    choices = [(anything, ANY), *((said, name) for name, said in known.items())]
    return gr.Dropdown(choices, value=ANY, label=label, elem_id=elem_id)


def _parts() -> tuple[gr.Dropdown, gr.Dropdown, gr.Dropdown]:
    with gr.Row(elem_classes="hub-parts"):
        train = gr.Dropdown([], label=tr("To learn from"), min_width=200, elem_id="hub-train")
        validation = gr.Dropdown([], label=tr("To check while learning"), min_width=200, elem_id="hub-validation")
        test = gr.Dropdown([], label=tr("For the final mark"), min_width=200, elem_id="hub-test")
    return train, validation, test
