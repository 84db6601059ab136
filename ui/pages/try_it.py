"""The playground on a run's page: ask the model and see the answer, talk with it, or have a whole table answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.errors import StudioError
from core.studio import Studio
from core.tasks.base import Role
from ui.page import Page, drawn_by, run_id
from ui.try_it import beside, conversation, examples, fields, question, reasons, table
from ui.try_it.examples import Example
from ui.try_it.fields import Group
from ui.try_it.seats import asked_roles

NOTICE_WHEN_SEEN = f"""
{drawn_by("names.js")}
new IntersectionObserver((entries, watcher) => {{
  if (entries.some((entry) => entry.isIntersecting)) {{ watcher.disconnect(); trigger("load"); }}
}}).observe(element);
"""


@dataclass(frozen=True)
class View:
    """Two rooms, of which a run shows one, and what both share."""

    seen: gr.HTML
    """Notices when the playground comes into sight: a run may get its model long after the page was opened."""
    question: question.View
    conversation: conversation.View
    examples: gr.Radio
    reasons: reasons.View
    beside: beside.View
    table: table.View

    @property
    def groups(self) -> dict[str, Group]:
        """The fields of every task."""
        return {**self.question.groups, **self.conversation.groups}

    @property
    def fields(self) -> list[Component]:
        return [field for group in self.groups.values() for field in group.inputs.values()]

    @property
    def appearing(self) -> list[Any]:
        """What depends on the task of the run."""
        boxes = [box for group in self.groups.values() for box in group.boxes]
        return [self.question.room, self.conversation.room, *boxes, *self.fields]


def layout() -> View:
    """Draw it: a question beside its answer or a conversation, and below it all else there is to try."""
    with gr.Column(elem_classes="nr-card nr-try"):
        seen = gr.HTML('<h2 class="nr-h2">Try it</h2>', apply_default_css=False, js_on_load=NOTICE_WHEN_SEEN)
        asking = question.layout()
        talking = conversation.layout()
        rows = gr.Radio(
            [],
            label="Or take a row of the test part",
            visible=False,
            elem_classes="nr-chips",
            elem_id="try-examples",
        )
        why = reasons.layout()
        other = beside.layout()
        whole = table.layout()
    return View(seen, asking, talking, rows, why, other, whole)


def wire(view: View, studio: Studio) -> None:
    """What people ask of the model."""
    taken = _wire_examples(view, studio)
    _wire_appearing(view, studio)
    question.wire(view.question, view.beside, studio, taken)
    conversation.wire(view.conversation, view.beside, studio, taken)
    asked_again = [view.question.ask.click, *question.submits(view.question)]
    reasons.wire(view.reasons, view.question.groups, studio, (asked_again, taken.then))
    _wire_beside(view, studio)
    table.wire(view.table, studio)


def _wire_appearing(view: View, studio: Studio) -> None:
    """The room and the fields of the run's task, and what its model can be compared with."""

    def appear(request: gr.Request) -> dict[Any, Any]:
        try:
            task, roles = asked_roles(studio, run_id(request))
        except StudioError:
            return {view.question.room: gr.skip()}  # the board says what is wrong with the address
        talks = fields.is_talk(task)
        boxes = {box: gr.update(visible=name == task.id) for name, group in view.groups.items() for box in group.boxes}
        return {
            view.question.room: gr.update(visible=not talks),
            view.conversation.room: gr.update(visible=talks),
            **boxes,
            **fields.shown(view.groups[task.id], task, roles),
        }

    def offer(request: gr.Request) -> dict[Any, Any]:
        studio.warm_up()
        run = run_id(request)
        task, roles = asked_roles(studio, run)
        choices = examples.choices(_examples(studio, run, roles))
        return {
            view.examples: gr.update(choices=choices, visible=bool(choices), value=None),
            **beside.appear(view.beside, studio, task, run),
            **reasons.appear(view.reasons, studio, task, run),
        }

    Page.on_load(appear, None, view.appearing)
    parts = [view.beside.before, view.beside.why_not, view.beside.other]
    Page.on(view.seen.load, offer, None, [view.examples, *parts, *view.reasons.appearing], progress="hidden")


def _wire_examples(view: View, studio: Studio) -> Any:
    """Rows of the test part to take. Returns the event of taking one."""

    def take(place: int | None, request: gr.Request) -> dict[Any, Any]:
        run = run_id(request)
        task, roles = asked_roles(studio, run)
        found = _examples(studio, run, roles)
        row = found[place] if place is not None and place < len(found) else {}
        inputs = view.groups[task.id].inputs
        return {view.examples: gr.skip(), **{inputs[role]: gr.update(value=text) for role, text in row.items()}}

    outputs = [*view.fields, view.examples]
    return Page.on(view.examples.input, take, view.examples, outputs, progress="hidden")


def _examples(studio: Studio, run: str, roles: list[Role]) -> list[Example]:
    return examples.rows(studio.report(run), roles)


def _wire_beside(view: View, studio: Studio) -> None:
    """Another model joins or leaves: one at a time, and what it has not answered is not there."""
    choice, asking, talking = view.beside, view.question, view.conversation

    def change(values: dict[Component, Any], request: gr.Request) -> dict[Any, Any]:
        run = run_id(request)
        task, _ = asked_roles(studio, run)
        seats = beside.chosen(choice, studio, run, values)
        if fields.is_talk(task):
            return conversation.redrawn(talking, seats, task, values[talking.held])
        return question.empty(asking, seats)

    outputs = [*asking.answers, asking.second, *conversation.parts(talking)]
    inputs = {choice.before, choice.other, talking.held}
    for control, other, nothing in ((choice.before, choice.other, ""), (choice.other, choice.before, False)):
        alone = Page.on(control.input, lambda nothing=nothing: nothing, None, other, progress="hidden")
        Page.on(alone.then, change, inputs, outputs, progress="hidden")


def build(studio: Studio) -> None:
    """The playground, laid out and wired, inside the run's page."""
    wire(layout(), studio)
