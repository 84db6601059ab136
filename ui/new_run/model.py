"""Step 3, Model: what to start from, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.components import Component

from core.config import STARTER
from core.errors import StudioError
from core.models.hub import looks_like_id
from core.models.types import Checkpoint
from core.studio import Studio
from ui import pieces, words
from ui.new_run.draft import Draft
from ui.new_run.frame import MODEL, Answers, Frame, settled
from ui.page import Page
from ui.visitors import is_local

OTHER = "other"
"""The value of the card that stands for a model typed in."""
HUB_ONLY = "The name of a model on the Hugging Face Hub, a public library of models at huggingface.co."
ANY_PLACE = f"The folder of a trained model on this machine. Or: {HUB_ONLY[:1].lower()}{HUB_ONLY[1:]}"
NOT_HERE = "Folders of this machine can only be used by somebody who sits in front of it."
HELP = {
    "Numbers inside": "What it learned is held in them, its parameters. More can know more, and are slower.",
    "Reads at most": "A token is a word or a piece of one. Longer texts are cut.",
    "Family": "How it is built inside, its architecture.",
}


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
        info=HUB_ONLY,
        placeholder="distilbert/distilbert-base-uncased",
        max_lines=1,
        visible=False,
        elem_id="model-other",
    )
    about = gr.HTML(apply_default_css=False, elem_id="model-about")
    return ModelView(cards, other, about)


def may_name(checkpoint: str, local: bool) -> bool:
    """Whether a visitor may name this model: a folder only who sits in front of this machine."""
    is_folder = not looks_like_id(checkpoint) or Path(checkpoint).exists()
    return local or checkpoint in ("", STARTER) or not is_folder


def enter(studio: Studio, view: ModelView, draft: Draft, local: bool) -> Answers:
    """What the step shows when the walk comes to it."""
    offered = studio.checkpoints(draft.task)
    known = draft.checkpoint in [checkpoint.id for checkpoint in offered]
    return {
        view.cards: gr.update(choices=choices(offered, local), value=draft.checkpoint if known else OTHER),
        view.other: gr.update(
            visible=not known, value="" if known else draft.checkpoint, info=ANY_PLACE if local else HUB_ONLY
        ),
        view.about: about(studio, draft, local)[0],
    }


def choices(offered: Sequence[Checkpoint], local: bool) -> list[tuple[str, str]]:
    """The cards: title, and under it one sentence."""
    cards = [(f"{one.title}\n{one.summary}", one.id) for one in offered]
    return [*cards, (f"Another model\n{ANY_PLACE if local else HUB_ONLY}", OTHER)]


def read(view: ModelView, draft: Draft, answers: Answers) -> Draft:
    """The draft with the model that stands on the page."""
    chosen = answers[view.cards]
    return draft.with_checkpoint(answers[view.other] or "" if chosen == OTHER else chosen or "")


def about(studio: Studio, draft: Draft, local: bool) -> tuple[str, bool]:
    """What is known of the chosen checkpoint as HTML, and whether a run can start from it."""
    if not draft.checkpoint:
        asked = "Type the name of a model or the path of its folder" if local else "Type the name of a model"
        return pieces.tag("p", f"{asked}, then press Enter.", "nr-note"), False
    if not may_name(draft.checkpoint, local):
        return pieces.message(NOT_HERE, "Choose one of the models above, or one of the Hugging Face Hub."), False
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
            ("Numbers inside", "" if known.parameters is None else words.short(known.parameters)),
            ("Language", ", ".join(known.languages)),
            ("Licence", known.licence),
            ("Size on disk", "" if known.disk_bytes is None else words.size(known.disk_bytes)),
            ("Reads at most", "" if known.max_length is None else f"{known.max_length:,} tokens"),
            ("Family", known.architecture),
        ],
        HELP,
    )
    return pieces.card(known.title, f"{pieces.tag('p', known.summary)}{body}{pieces.tag('p', network, 'nr-note')}")


def wire(view: ModelView, frame: Frame, studio: Studio) -> None:
    """What is known of a model is shown as soon as it is chosen or typed."""

    def show(answers: Answers, request: gr.Request) -> Answers:
        words, can_start = about(studio, read(view, answers[frame.draft], answers), is_local(request))
        typed = gr.update(visible=answers[view.cards] == OTHER)
        return {view.other: typed, view.about: words} | settled(frame.why[MODEL], "" if can_start else words)

    triggers = [view.cards.input, view.other.submit, view.other.blur]
    Page.on(triggers, show, {frame.draft} | view.inputs, [frame.why[MODEL], *view.outputs])
