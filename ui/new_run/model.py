"""Step 4, Model: what to start from, and what is known of it."""

from __future__ import annotations

import re
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
from core.tasks import TASKS
from core.tasks.base import Task
from ui import pieces, words
from ui.new_run.draft import Draft
from ui.new_run.frame import MODEL, Answers, Frame, settled
from ui.page import Page, tell
from ui.visitors import is_local

OTHER = "other"
"""The value of the card that stands for a model typed in."""
HUB_ONLY = "The name of a model on the Hugging Face Hub, a public library of models at huggingface.co."
ANY_PLACE = f"The folder of a trained model on this machine. Or: {HUB_ONLY[:1].lower()}{HUB_ONLY[1:]}"
NOT_HERE = "Folders of this machine can only be used by somebody who sits in front of it."
FAMILIES = {
    "encoder": "reads a text whole",
    "decoder": "writes on from a text",
    "seq2seq": "writes one text from another",
}
NOT_INSTALLED = "It has to be installed first, by somebody who sits in front of this machine."
ALL_FAR = "All models that are offered for this task have to be downloaded first."
HOW_NEAR = (
    "The download begins with the run and needs the network once. Without a network, copy the folder of such a model "
    "to this machine and name it under “Another model”."
)
CHOOSE_FIRST = "Choose a model that can be read first."
INSTALL_FIRST = "Install this model first, or choose another one."
HELP = {
    "Numbers inside": "What it learned is held in them, its parameters. More can know more, and are slower.",
    "Reads at most": "A token is a word or a piece of one. Longer texts are cut.",
    "Family": "How it is built inside, its architecture.",
}


@dataclass(frozen=True)
class ModelView:
    """The cards, the field for any other model, what is known of the chosen one, and the way to install it."""

    far: gr.HTML
    """Says where no model can be had without a network."""
    cards: gr.Radio
    other: gr.Textbox
    about: gr.HTML
    install: gr.Button

    @property
    def inputs(self) -> set[Component]:
        return {self.cards, self.other}

    @property
    def outputs(self) -> list[Component]:
        return [self.far, self.cards, self.other, self.about, self.install]


def layout() -> ModelView:
    """Draw the step."""
    far = gr.HTML(apply_default_css=False, elem_id="model-far")
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
    install = gr.Button("Install it", visible=False, size="sm", elem_id="model-install", elem_classes="nr-small")
    return ModelView(far, cards, other, about, install)


def may_name(checkpoint: str, local: bool) -> bool:
    """Whether a visitor may name this model: a folder only who sits in front of this machine."""
    is_folder = not looks_like_id(checkpoint) or Path(checkpoint).exists()
    return local or checkpoint in ("", STARTER) or not is_folder


def settle(studio: Studio, draft: Draft) -> Draft:
    """The draft with a model for its task: the one that was chosen for it, else the first that can be used here."""
    offered = studio.checkpoints(draft.task)
    if draft.chosen_for == draft.task or draft.checkpoint in [one.id for one in offered]:
        return draft
    here = [one.id for one in offered if not one.needs_network and not one.install]
    return draft.with_checkpoint([*here, *(one.id for one in offered), draft.checkpoint][0])


def enter(studio: Studio, view: ModelView, draft: Draft, local: bool) -> Answers:
    """What the step shows when the walk comes to it."""
    offered = studio.checkpoints(draft.task)
    known = draft.checkpoint in [checkpoint.id for checkpoint in offered]
    far = bool(offered) and all(one.needs_network for one in offered)
    return {
        view.far: pieces.message(ALL_FAR, HOW_NEAR if local else HOW_NEAR.partition(" Without")[0], "nr-warning")
        if far
        else "",
        view.cards: gr.update(choices=choices(offered, local), value=draft.checkpoint if known else OTHER),
        view.other: gr.update(
            visible=not known, value="" if known else draft.checkpoint, info=ANY_PLACE if local else HUB_ONLY
        ),
    } | shown(view, about(studio, draft, local))


def choices(offered: Sequence[Checkpoint], local: bool) -> list[tuple[str, str]]:
    """The cards: title, and under it one sentence."""
    cards = [(f"{one.title}\n{one.summary}", one.id) for one in offered]
    return [*cards, (f"Another model\n{ANY_PLACE if local else HUB_ONLY}", OTHER)]


def read(view: ModelView, draft: Draft, answers: Answers) -> Draft:
    """The draft with the model that stands on the page."""
    chosen = answers[view.cards]
    return draft.with_checkpoint(answers[view.other] or "" if chosen == OTHER else chosen or "")


@dataclass(frozen=True)
class About:
    """What is known of a checkpoint as HTML, why no run can start from it (or empty), and the words of the button that
    installs it (or empty)."""

    html: str
    why_not: str = ""
    install: str = ""


def about(studio: Studio, draft: Draft, local: bool) -> About:
    """What is to be said of the chosen checkpoint."""
    if not draft.checkpoint:
        asked = "Type the name of a model or the path of its folder" if local else "Type the name of a model"
        return About(pieces.tag("p", f"{asked}, then press Enter.", "nr-note"), CHOOSE_FIRST)
    if not may_name(draft.checkpoint, local):
        advice = "Choose one of the models above, or one of the Hugging Face Hub."
        return About(pieces.message(NOT_HERE, advice), CHOOSE_FIRST)
    try:
        known = studio.describe(draft.checkpoint)
    except StudioError as exc:
        return About(pieces.message(exc.title, exc.advice), CHOOSE_FIRST)
    html = unlike(known, TASKS[draft.task]) + describe(known, local)
    if not known.install:
        return About(html)
    if not local:
        return About(html, INSTALL_FIRST)
    size = re.search(r"\d+ [MG]B", known.install)
    return About(html, INSTALL_FIRST, f"Install it ({size[0]})" if size else "Install it")


def shown(view: ModelView, found: About) -> Answers:
    """What is known of the chosen model; only who sits in front of this machine may install it."""
    seen = gr.update(visible=True, value=found.install) if found.install else gr.update(visible=False)
    return {view.about: found.html, view.install: seen}


def unlike(known: Checkpoint, task: Task) -> str:
    """A warning where the checkpoint is of another family than the task is made for."""
    if known.family in (None, task.family):
        return ""
    return pieces.message(
        f"This model {FAMILIES[known.family]}.",
        f"“{task.title}” is made for a model that {FAMILIES[task.family]}. This one may learn it badly, or the run may "
        "end before it begins.",
        "nr-warning",
    )


def describe(known: Checkpoint, local: bool = True) -> str:
    """What is known of a checkpoint, as HTML."""
    network = "It is downloaded when the run starts, which needs the network." if known.needs_network else ""
    if known.install:
        network = known.install if local else NOT_INSTALLED
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
        found = about(studio, read(view, answers[frame.draft], answers), is_local(request))
        typed = gr.update(visible=answers[view.cards] == OTHER)
        return {view.other: typed} | shown(view, found) | settled(frame.why[MODEL], found.why_not)

    def install(answers: Answers, request: gr.Request, progress: gr.Progress = gr.Progress()) -> Answers:  # noqa: B008
        if not is_local(request):
            raise StudioError(NOT_INSTALLED)
        draft = read(view, answers[frame.draft], answers)
        progress(0, desc="Installing")
        studio.install(draft.checkpoint, lambda line: progress(0, desc=line))
        tell("The model was installed.")
        return shown(view, about(studio, draft, True)) | {frame.why[MODEL]: ""}

    triggers = [view.cards.input, view.other.submit, view.other.blur]
    inputs, outputs = {frame.draft} | view.inputs, [frame.why[MODEL], *view.outputs]
    Page.on(triggers, show, inputs, outputs)
    places = [frame.why[MODEL], view.about, view.install]
    Page.on(view.install.click, install, inputs, places, progress="full", concurrency_limit=1)
