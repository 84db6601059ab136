"""Below an answer: which words moved it, and which training examples are nearest to the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.studio import Studio
from core.tasks.base import Role, Task
from ui import languages, pieces
from ui.languages import tr
from ui.page import Page, run_id
from ui.try_it import drawing, fields, reasons_drawn
from ui.try_it.fields import Group
from ui.try_it.seats import asked_roles

ANSWERED = ""
ITSELF = "The answer that it gives"
Values = Mapping[Component, Any]


@dataclass(frozen=True)
class View:
    """Two buttons, each with the place of what it finds, and why one of them is not there."""

    room: gr.Accordion
    why_not: gr.HTML
    why: gr.Button
    target: gr.Dropdown
    words: gr.HTML
    near_not: gr.HTML
    near: gr.Button
    rows: gr.HTML

    @property
    def appearing(self) -> list[Any]:
        """What depends on the run."""
        return [self.room, self.why_not, self.why, self.target, self.words, self.near_not, self.near, self.rows]


def layout() -> View:
    """Draw it, folded; ``appear`` says what a run has of it."""
    with gr.Accordion("Why this answer?", open=False, visible=False, elem_id="try-reasons") as room:
        why_not = gr.HTML(apply_default_css=False, visible=False)
        with gr.Row(equal_height=False, elem_classes="why-asked"):
            target = gr.Dropdown(
                [(ITSELF, ANSWERED)],
                value=ANSWERED,
                label="What is explained",
                info="Another class shows what speaks for that one instead.",
                elem_id="why-target",
            )
            why = gr.Button("Why this answer?", size="sm", elem_id="why-ask", elem_classes="nr-small")
        words = gr.HTML(apply_default_css=False, elem_id="why-words")
        near_not = gr.HTML(apply_default_css=False, visible=False)
        near = gr.Button(
            "Training examples nearest to this", size="sm", elem_id="near-ask", elem_classes="nr-small why-near"
        )
        rows = gr.HTML(apply_default_css=False, elem_id="near-rows", min_height=40)
    return View(room, why_not, why, target, words, near_not, near, rows)


def appear(view: View, studio: Studio, task: Task, run: str) -> dict[Any, Any]:
    """What can be told of this run's answers. A conversation is about more than one question."""
    if fields.is_talk(task):
        return {view.room: gr.update(visible=False)}
    no_why, no_near = studio.why_not_explained(run), studio.why_no_neighbours(run)
    classes = studio.classes(run) if not no_why else []
    return {
        view.room: gr.update(visible=True),
        view.why_not: gr.update(visible=bool(no_why), value=pieces.tag("p", languages.told(no_why), "nr-note")),
        view.why: gr.update(visible=not no_why),
        view.target: gr.update(
            visible=bool(classes), choices=[(tr(ITSELF), ANSWERED), *((name, name) for name in classes)], value=ANSWERED
        ),
        view.near_not: gr.update(visible=bool(no_near), value=pieces.tag("p", languages.told(no_near), "nr-note")),
        view.near: gr.update(visible=not no_near),
    }


def wire(view: View, groups: Mapping[str, Group], studio: Studio, asked_again: tuple[Any, ...]) -> None:
    """Asking for either; ``asked_again`` are events after which neither speaks of the answer that is shown."""
    inputs: set[Component] = {field for group in groups.values() for field in group.inputs.values()}

    def told(values: Values, request: gr.Request, ask: Callable[[str, Task, list[Role], dict[str, str]], str]) -> str:
        try:
            run = run_id(request)
            task, roles = asked_roles(studio, run)
            said = fields.given(roles, {role: values[field] for role, field in groups[task.id].inputs.items()})
            if missing := fields.missing(task, roles, said):
                return drawing.problem(missing)
            return ask(run, task, roles, said)
        except Exception as exc:
            return drawing.explained(exc)

    def why(values: dict[Component, Any], request: gr.Request) -> str:
        target = str(values[view.target] or ANSWERED)
        return told(values, request, lambda run, task, roles, said: reasons_drawn.words(studio.why(run, said, target)))

    def near(
        values: dict[Component, Any],
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> str:
        def say(share: float, words: str) -> None:
            progress(share, desc=words)

        return told(
            values, request, lambda run, task, roles, said: reasons_drawn.neighbours(studio.near(run, said, say))
        )

    Page.on(view.why.click, why, inputs | {view.target}, view.words)
    Page.on(view.near.click, near, inputs, view.rows, progress="full")
    for event in asked_again:
        Page.on(event, lambda: ("", ""), None, [view.words, view.rows], progress="hidden")
