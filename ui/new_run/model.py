"""Step 3, Model: the checkpoint to start from, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from core.errors import StudioError
from core.models.types import Checkpoint
from core.studio import Studio
from ui import pieces, words
from ui.new_run.draft import Draft
from ui.new_run.frame import MODEL, Answers, Frame, settled
from ui.page import Page

OTHER = "other"
"""The value of the card that stands for a model typed in."""


@dataclass(frozen=True)
class ModelView:
    """The cards, the field for any other model, and what is known of the chosen one."""

    cards: gr.Radio
    other: gr.Textbox
    about: gr.HTML

    @property
    def inputs(self) -> set[Component]:
        return {self.cards, self.other}

    @property
    def outputs(self) -> list[Component]:
        return [self.cards, self.other, self.about]


def layout() -> ModelView:
    """Draw the step."""
    cards = gr.Radio([], label="Start from a model that already reads", elem_classes="nr-cards", elem_id="model-cards")
    other = gr.Textbox(
        label="Which model?",
        info="A folder on this machine that holds a checkpoint, or the name of a model on the Hugging Face Hub.",
        placeholder="/models/my-bert, or distilbert/distilbert-base-uncased",
        max_lines=1,
        visible=False,
        elem_id="model-other",
    )
    about = gr.HTML(apply_default_css=False, elem_id="model-about")
    return ModelView(cards, other, about)


def enter(studio: Studio, view: ModelView, draft: Draft) -> Answers:
    """What the step shows when the walk comes to it."""
    offered = studio.checkpoints(draft.task)
    known = draft.checkpoint in [checkpoint.id for checkpoint in offered]
    return {
        view.cards: gr.update(choices=choices(offered), value=draft.checkpoint if known else OTHER),
        view.other: gr.update(visible=not known, value="" if known else draft.checkpoint),
        view.about: about(studio, draft)[0],
    }


def choices(offered: Sequence[Checkpoint]) -> list[tuple[str, str]]:
    """The cards: title, and under it one sentence."""
    cards = [(f"{one.title}\n{one.summary}", one.id) for one in offered]
    return [
        *cards,
        ("Another model\nA folder on this machine, or any model of the Hugging Face Hub by its name.", OTHER),
    ]


def read(view: ModelView, draft: Draft, answers: Answers) -> Draft:
    """The draft with the model that stands on the page."""
    chosen = answers[view.cards]
    return draft.with_checkpoint(answers[view.other] or "" if chosen == OTHER else chosen or "")


def about(studio: Studio, draft: Draft) -> tuple[str, bool]:
    """What is known of the chosen checkpoint as HTML, and whether a run can start from it."""
    if not draft.checkpoint:
        return pieces.tag(
            "p", "Type the name of a model or the path of its folder, then press Enter.", "nr-note"
        ), False
    try:
        known = studio.describe(draft.checkpoint)
    except StudioError as exc:
        return pieces.message(exc.title, exc.advice), False
    return describe(known), True


def describe(known: Checkpoint) -> str:
    """What is known of a checkpoint, as HTML."""
    network = "It is downloaded when the run starts, which needs the network." if known.needs_network else ""
    body = pieces.facts(
        [
            ("Parameters", "" if known.parameters is None else words.short(known.parameters)),
            ("Language", ", ".join(known.languages)),
            ("Licence", known.licence),
            ("Size on disk", "" if known.disk_bytes is None else words.size(known.disk_bytes)),
            ("Longest text", "" if known.max_length is None else f"{known.max_length:,} tokens"),
            ("Architecture", known.architecture),
        ]
    )
    return pieces.card(known.title, f"{pieces.tag('p', known.summary)}{body}{pieces.tag('p', network, 'nr-note')}")


def wire(view: ModelView, frame: Frame, studio: Studio) -> None:
    """What is known of a model is shown as soon as it is chosen or typed."""

    def show(answers: Answers) -> Answers:
        words, can_start = about(studio, read(view, answers[frame.draft], answers))
        typed = gr.update(visible=answers[view.cards] == OTHER)
        return {view.other: typed, view.about: words} | settled(frame.why[MODEL], "" if can_start else words)

    triggers = [view.cards.input, view.other.submit, view.other.blur]
    Page.on(triggers, show, {frame.draft} | view.inputs, [frame.why[MODEL], *view.outputs])
