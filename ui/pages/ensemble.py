"""The page ``/ensemble?with=RUN``: choose runs whose models answer together, and have them judged as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import RunError
from core.studio import RunSummary, Studio
from core.tasks import TASKS
from ui import pieces, words
from ui.languages import tr
from ui.page import Page

GO = "(id) => { if (id) location.href = `./run?id=${encodeURIComponent(id)}`; }"
TITLE = "Let several models answer together"
LEAD = (
    "Models that were trained apart make different mistakes; together they make fewer. The answer takes as long as all "
    "of theirs. They are judged on the same examples that were kept aside for each of them."
)
METHODS = {
    "probabilities": "Average how sure they are\nMost often the best. All of the models are kept and asked each time.",
    "votes": "Let them vote\nEach has one vote; when it is a tie, the surer ones decide.",
    "weights": "Average what they have learned\nMakes one model, as quick as each of them. They must have begun with "
    "the same model.",
}
NOBODY = (
    "No other run fits yet. Train another one on the same table: with another seed, other settings or another model."
)
NOT_NAMED = "Open this page from a run: “More”, then “Combine with other runs”."


@dataclass(frozen=True)
class View:
    """Who can be chosen, how they answer together, and the button."""

    about: gr.HTML
    members: gr.CheckboxGroup
    method: gr.Radio
    start: gr.Button
    made: gr.Textbox
    """Never seen: the id of the new run, to which the browser goes."""


def layout() -> View:
    """Draw the page, with nothing to choose yet."""
    with gr.Column(elem_classes="ts-page ts-narrow"):
        gr.HTML('<link rel="stylesheet" href="./tunesmith/new_run.css">', apply_default_css=False)
        gr.HTML(f"{pieces.tag('h1', TITLE)}{pieces.tag('p', LEAD, 'nr-lead')}", apply_default_css=False)
        about = gr.HTML(apply_default_css=False)
        members = gr.CheckboxGroup([], label="Together with", visible=False, elem_classes="nr-cards")
        method = gr.Radio([], label="How", visible=False, elem_classes="nr-cards")
        start = gr.Button("Judge them together", variant="primary", visible=False)
    return View(about, members, method, start, gr.Textbox(visible=False))


def shown(studio: Studio, run_id: str) -> dict[Any, Any]:
    """What the page offers to the run of its address, as changes by the names of ``View``."""
    if not run_id:
        return {"about": pieces.message(tr("No run is named in this address."), tr(NOT_NAMED))}
    name = studio.summary(run_id).name
    found = studio.partners(run_id)
    if not found:
        return {"about": pieces.card(tr("“{name}” is alone so far", name=name), pieces.tag("p", tr(NOBODY)))}
    names = [one.name for one in found]
    methods = [(tr(METHODS[one]), one) for one in studio.ensemble_methods(run_id)]
    return {
        "about": pieces.tag("p", tr("“{name}” is one of them. Choose the others:", name=name), "nr-note"),
        "members": gr.update(
            visible=True, choices=[(in_words(studio, one, names), one.id) for one in found], value=[found[0].id]
        ),
        "method": gr.update(visible=True, choices=methods, value=methods[0][1]),
        "start": gr.update(visible=True),
    }


def in_words(studio: Studio, run: RunSummary, names: Sequence[str]) -> str:
    """A run as a card: its name, and under it its model and its mark on the validation part. The one on the test part
    is left out: whoever chose by it would make the mark of the ensemble too good.
    """
    name = run.name if names.count(run.name) == 1 else f"{run.name} ({run.id})"
    task = TASKS[studio.config(run.id).task]
    value = ((studio.report(run.id) or {}).get("metrics", {}).get("validation") or {}).get(task.main_metric)
    mark = tr(
        "{metric_label} {value} on the validation examples",
        metric_label=run.metric_label,
        value=words.mark(value, run.metric_style),
    )
    return f"{name}\n{run.checkpoint.rstrip('/').rpartition('/')[2]}; {tr('no mark yet') if value is None else mark}."


def named(request: gr.Request) -> str:
    """The run that the address names, or an empty text."""
    return str(request.query_params.get("with", ""))


def wire(view: View, studio: Studio) -> None:
    """The page is filled for its run; the button makes the new run, and the browser goes there."""

    def load(request: gr.Request) -> dict[Any, Any]:
        return {getattr(view, name): update for name, update in shown(studio, named(request)).items()}

    def start(members: list[str], method: str, request: gr.Request) -> str:
        if not members:
            raise RunError(tr("One model is no ensemble."), tr("Choose at least one run more."))
        return studio.ensemble([named(request), *members], method)

    Page.on_load(load, None, [view.about, view.members, view.method, view.start])
    made = Page.on(view.start.click, start, [view.members, view.method], view.made, concurrency_limit=1)
    Page.on(made.then, None, view.made, js=GO)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(), studio)


PAGE = Page(title="Answer together", path="ensemble", build=build)
