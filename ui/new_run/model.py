"""Step 4, Model: what to start from, and what is known of it. ``model_choosing`` has what people do there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from core import home
from core.config import STARTER
from core.errors import StudioError
from core.hub.types import Recommendation
from core.models.hub import looks_like_id
from core.models.types import Checkpoint
from core.studio import Studio
from core.tasks import TASKS
from ui import pieces
from ui.languages import tr
from ui.new_run import check, model_hub, model_words
from ui.new_run.draft import Draft
from ui.new_run.frame import Answers
from ui.new_run.model_asking import CHOOSE_FIRST, Looked

HUB, OTHER = "hub", "other"
"""The values of the cards that stand for a search, and for a model typed in."""
ANOTHER = "Another model"
SEARCH = "Search the Hub\nMany more: find one on the Hugging Face Hub, a public library of models at huggingface.co."
HUB_ONLY = "The name of a model on the Hugging Face Hub, a public library of models at huggingface.co."
ANY_PLACE = (
    "The folder of a trained model on this machine. Or: the name of a model on the Hugging Face Hub, a public library "
    "of models at huggingface.co."
)
NOT_HERE = "Folders of this machine can only be used by somebody who sits in front of it."
ALL_FAR = "All models that are offered for this task have to be downloaded first."
HOW_NEAR = (
    "The download begins with the run and needs the network once. Without a network, copy the folder of such a model "
    "to this machine and name it under “Another model”."
)
IN_A_DEMO = "A demo downloads none. Go back and choose what another task is for, such as sorting texts into classes."
INSTALL_FIRST = "Install this model first, or choose another one."


@dataclass(frozen=True)
class ModelView:
    """The cards, the search, the field for any other model, what is known of the chosen one, and what can be done."""

    far: gr.HTML
    """Says where no model can be had without a network."""
    cards: gr.Radio
    search: model_hub.SearchView
    other: gr.Textbox
    about: gr.HTML
    again: gr.Button
    install: gr.Button
    version: gr.Accordion
    revision: gr.Textbox
    looked: gr.State
    """The ``Looked`` of the model that the Hub was asked about last, or None."""

    @property
    def inputs(self) -> set[Component]:
        return {self.cards, self.search.results, self.other, self.revision, self.looked}

    @property
    def shown(self) -> list[Any]:
        """What changes with the choice."""
        known = [self.about, self.again, self.install, self.version, self.revision, self.looked]
        return [self.search.box, self.other, *known]

    @property
    def outputs(self) -> list[Any]:
        return [self.far, self.cards, self.search.note, self.search.results, *self.shown]


def layout() -> ModelView:
    """Draw the step."""
    far = gr.HTML(apply_default_css=False, elem_id="model-far")
    cards = gr.Radio([], label="Start from a model that already reads", elem_classes="nr-cards", elem_id="model-cards")
    search = model_hub.layout()
    other = gr.Textbox(
        label="Which model?",
        info=HUB_ONLY,
        placeholder="distilbert/distilbert-base-uncased",
        max_lines=1,
        visible=False,
        elem_id="model-other",
    )
    about = gr.HTML(apply_default_css=False, elem_id="model-about")
    again = gr.Button("Ask the Hub again", visible=False, size="sm", elem_id="model-again", elem_classes="nr-small")
    install = gr.Button("Install it", visible=False, size="sm", elem_id="model-install", elem_classes="nr-small")
    folded = gr.Accordion(
        "A certain version of it", open=False, visible=False, elem_classes="nr-further", elem_id="model-version"
    )
    with folded as version:
        revision = gr.Textbox(
            label="Revision",
            info="The name of a branch or a tag, or a commit; then press Enter. Left empty: the newest.",
            placeholder="main",
            max_lines=1,
            elem_id="model-revision",
        )
    return ModelView(far, cards, search, other, about, again, install, version, revision, gr.State(None))


def may_name(checkpoint: str, local: bool) -> bool:
    """Whether a visitor may name this model: a folder only who sits in front of this machine."""
    is_folder = not looks_like_id(checkpoint) or Path(checkpoint).exists()
    return local or checkpoint in ("", STARTER) or not is_folder or is_learned_here(checkpoint)


def is_learned_here(checkpoint: str) -> bool:
    """Whether a folder is the model of a run, which everybody sees who may use this app."""
    place = Path(checkpoint).resolve()
    return place.name == "model" and place.parent.parent == home.runs_dir().resolve()


def is_on_hub(checkpoint: str) -> bool:
    """Whether a name means a model of the Hub, and neither a folder nor a starter."""
    is_starter = checkpoint.startswith("starter/")
    return looks_like_id(checkpoint) and not is_starter and not Path(checkpoint).expanduser().exists()


def settle(studio: Studio, draft: Draft) -> Draft:
    """The draft with a model for its task: the one that was chosen for it, else the first that can be used here."""
    offered = studio.checkpoints(draft.task)
    if draft.has_chosen_model or draft.checkpoint in [one.id for one in offered]:
        return draft
    advised = [one.checkpoint for one in recommended(studio, draft)]
    here = [one.id for one in offered if not one.needs_network and not one.install]
    first = [name for name in advised if name in here]
    return draft.with_checkpoint([*first, *here, *advised, *(one.id for one in offered), draft.checkpoint][0])


def recommended(studio: Studio, draft: Draft) -> list[Recommendation]:
    """The short list for a draft's task, the language of its texts and its rows, as far as these are known."""
    language, rows = read_from(studio, draft)
    return studio.recommended(draft.task, language, rows)


def read_from(studio: Studio, draft: Draft) -> tuple[str, int | None]:
    """The code of the language that a draft's texts are in, and its rows to learn from, as far as these are known."""
    try:
        config = check.config_of(draft)
        return studio.language(config), studio.parts(config).train.num_rows
    except StudioError:
        return "", None


def enter(studio: Studio, view: ModelView, draft: Draft, local: bool) -> Answers:
    """What the step shows when the walk comes to it."""
    offered = studio.checkpoints(draft.task)
    cards = choices(recommended(studio, draft), offered, local)
    if studio.is_demo:
        cards = [(one.title, one.id) for one in offered if not one.needs_network and not one.install]
    known = draft.checkpoint in [value for _, value in cards]
    found = not known and is_on_hub(draft.checkpoint)
    far = bool(offered) and all(one.needs_network for one in offered)
    how = tr(HOW_NEAR) if local else HOW_NEAR.partition(" Without")[0]
    how = tr(IN_A_DEMO) if studio.is_demo else how
    return {
        view.far: pieces.message(tr(ALL_FAR), how, "nr-warning") if far else "",
        view.cards: gr.update(choices=cards, value=draft.checkpoint if known else HUB if found else OTHER),
        view.search.box: gr.update(visible=found and not studio.is_demo),
        view.other: gr.update(
            visible=not known and not found and not studio.is_demo,
            value="" if known or found else draft.checkpoint,
            info=tr(ANY_PLACE if local else HUB_ONLY),
        ),
        **model_hub.chosen_before(view.search, draft.checkpoint if found else ""),
        **shown(view, about(studio, draft, local)),
        **shown_version(view, draft),
    }


def choices(advised: Sequence[Recommendation], offered: Sequence[Checkpoint], local: bool) -> list[tuple[str, str]]:
    """The cards: title, and under it one sentence. After the recommended ones come those that are here already."""
    listed = {one.checkpoint for one in advised}
    more = [one for one in offered if one.id not in listed and (not advised or not one.needs_network)]
    return [
        *((model_words.recommended(one), one.checkpoint) for one in advised),
        *((model_words.offered(one), one.id) for one in more),
        (tr(SEARCH), HUB),
        (f"{tr(ANOTHER)}\n{tr(ANY_PLACE if local else HUB_ONLY)}", OTHER),
    ]


def read(view: ModelView, draft: Draft, answers: Answers) -> Draft:
    """The draft with the model that stands on the page. A revision belongs to the model it was typed for."""
    chosen = answers[view.cards] or ""
    chosen = {HUB: answers[view.search.results], OTHER: answers[view.other]}.get(chosen, chosen)
    looked: Looked | None = answers[view.looked]
    draft = draft.with_checkpoint(chosen or "")
    if looked is not None and looked.checkpoint == draft.checkpoint:
        return replace(draft, revision=(answers[view.revision] or "").strip() or None)
    return draft


@dataclass(frozen=True)
class About:
    """What is known of a checkpoint as HTML, why no run can start from it (or empty), the words of the button that
    installs it (or empty), and whether the Hub may be asked again.
    """

    html: str
    why_not: str = ""
    install: str = ""
    may_ask_again: bool = False


def about(studio: Studio, draft: Draft, local: bool, looked: Looked | None = None) -> About:
    """What is to be said of the chosen checkpoint at once: ``looked`` is what the Hub has said, of this or another."""
    if not draft.checkpoint:
        return About(pieces.tag("p", _missing(local), "nr-note"), CHOOSE_FIRST)
    if not may_name(draft.checkpoint, local):
        advice = tr("Choose one of the models above, or one of the Hugging Face Hub.")
        return About(pieces.message(tr(NOT_HERE), advice), CHOOSE_FIRST)
    if looked is not None and looked.is_of(draft):
        return About(looked.html, looked.why_not, may_ask_again=looked.may_ask_again)
    try:
        known = studio.describe(draft.checkpoint)
    except StudioError as exc:
        return About(pieces.message(exc.title, exc.advice), CHOOSE_FIRST)
    language, _ = read_from(studio, draft)
    html = model_words.unlike(known, TASKS[draft.task], language) + model_words.describe(known, local)
    if not known.install:
        return About(html)
    if not local:
        return About(html, tr(INSTALL_FIRST))
    size = re.search(r"\d+ [MG]B", known.install)
    return About(html, tr(INSTALL_FIRST), tr("Install it ({size})", size=size[0]) if size else tr("Install it"))


def _missing(local: bool) -> str:
    typed = tr("type the name of a model or the path of its folder") if local else tr("type the name of a model")
    return tr("Choose a model above, or {typed}, then press Enter.", typed=typed)


def shown(view: ModelView, found: About) -> Answers:
    """What is known of the chosen model; only who sits in front of this machine may install it."""
    seen = gr.update(visible=True, value=found.install) if found.install else gr.update(visible=False)
    return {view.about: found.html, view.install: seen, view.again: gr.update(visible=found.may_ask_again)}


def shown_version(view: ModelView, draft: Draft) -> Answers:
    """The field for a version of a model of the Hub, with the one that is chosen."""
    return {view.version: gr.update(visible=is_on_hub(draft.checkpoint)), view.revision: draft.revision or ""}
