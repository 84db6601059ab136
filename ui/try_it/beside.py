"""The choice of a second model that answers the same questions: the one before training, or that of another run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.studio import Studio
from core.tasks.base import Task
from ui.languages import tr
from ui.try_it.seats import Seat, others, seats

NOT_NEEDED = (
    '<p class="nr-note">There is nothing to compare with from before the training: the layer that answers was new then '
    "and would have answered by chance.</p>"
)
NO_OTHERS = "No other run of this kind has a model yet"


@dataclass(frozen=True)
class View:
    """The switch, why there is none, and the list of runs."""

    fold: gr.Accordion
    before: gr.Checkbox
    why_not: gr.HTML
    other: gr.Dropdown

    @property
    def controls(self) -> list[Component]:
        return [self.before, self.other]


def layout() -> View:
    """Draw it; ``appear`` says what a run has of it."""
    with gr.Accordion("Side by side with another model", open=False, elem_id="try-beside") as fold:
        before = gr.Checkbox(
            label="Beside the model before training",
            info="The same question goes to both, so that you see what the training changed.",
            visible=False,
        )
        why_not = gr.HTML(NOT_NEEDED, apply_default_css=False, visible=False)
        other = gr.Dropdown(
            [("No other run", "")],
            value="",
            label="Beside another run",
            info="The same question goes to the models of both runs.",
        )
    return View(fold, before, why_not, other)


def appear(view: View, studio: Studio, task: Task, run: str) -> dict[Any, Any]:
    """What this run can be compared with."""
    found = others(studio, run)
    none = tr("No other run") if found else tr(NO_OTHERS)
    return {
        view.before: gr.update(visible=task.starts_able, value=False),
        view.why_not: gr.update(visible=not task.starts_able),
        view.other: gr.update(choices=[(none, ""), *found], value="", interactive=bool(found)),
    }


def chosen(view: View, studio: Studio, run: str, answers: Mapping[Component, Any]) -> list[Seat]:
    """Who answers, as the controls stand now."""
    return seats(studio, run, bool(answers.get(view.before)), answers.get(view.other))
