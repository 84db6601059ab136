"""The room for a task that is talked with: bubbles, a field for the next message, and what can be done over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Role, Task
from ui.languages import tr
from ui.page import Page, run_id
from ui.try_it import beside, drawing, fields, talk
from ui.try_it.answering import Answering, Stops, answer
from ui.try_it.fields import Group
from ui.try_it.seats import Seat, asked_roles
from ui.try_it.talk import Talk

SEED = "seed"
"""The knob where chance begins, by the name that it has in all libraries."""
Updates = dict[Any, Any]
Values = Mapping[Component, Any]


@dataclass(frozen=True)
class View:
    """The places of two conversations, and what a person does in them. ``held`` carries their messages, unseen."""

    room: gr.Column
    groups: dict[str, Group]
    said: tuple[gr.HTML, gr.HTML]
    second: gr.Column
    held: gr.Textbox
    problem: gr.HTML
    send: gr.Button
    stop: gr.Button
    again: gr.Button
    anew: gr.Button


def layout() -> View:
    """Draw it: what was said, and below it what comes next."""
    with gr.Column(visible=False, elem_classes="try-talk") as room:
        with gr.Row(equal_height=False):
            with gr.Column(min_width=300):
                first = gr.HTML(talk.NOTHING_YET, apply_default_css=False, elem_id="try-said")
            with gr.Column(min_width=300, visible=False) as second:
                other = gr.HTML(talk.NOTHING_YET, apply_default_css=False, elem_id="try-said-beside")
        problem = gr.HTML(apply_default_css=False, padding=False)
        tasks = [task for task in TASKS.values() if fields.is_talk(task)]
        groups, (send, stop, again, anew) = fields.groups(tasks, _buttons)
        held = gr.Textbox(visible=False)
    return View(room, groups, (first, other), second, held, problem, send, stop, again, anew)


def _buttons() -> tuple[gr.Button, gr.Button, gr.Button, gr.Button]:
    with gr.Row(elem_classes="try-buttons"):
        return (
            gr.Button(tr("Send"), variant="primary", elem_id="try-send"),
            gr.Button(tr("Stop"), visible=False, elem_id="try-stop-talk"),
            gr.Button(tr("Try again"), visible=False),
            gr.Button(tr("Start anew"), visible=False),
        )


def parts(view: View) -> list[Component | gr.Column]:
    """What ``drawn`` says something about."""
    return [*view.said, view.second, view.held, view.send, view.stop, view.again, view.anew]


def redrawn(view: View, seats: list[Seat], task: Task, held: str | None) -> Updates:
    """The conversations that the page holds, when others answer than before: they go on from what was said."""
    return drawn(view, seats, talk.fitted(talk.read(held), seats), task)


def drawn(view: View, seats: list[Seat], talks: list[Talk], task: Task) -> Updates:
    """The conversations at rest, and what can be done with them."""
    said = [talk.drawn(one, seat.title, task.output) for one, seat in zip(talks, seats, strict=True)]
    begun = any(one.messages for one in talks)
    return {
        **dict(zip(view.said, said, strict=False)),
        view.second: gr.update(visible=len(seats) > 1),
        view.held: talk.written(talks),
        view.again: gr.update(visible=begun),
        view.anew: gr.update(visible=begun),
        view.send: gr.update(interactive=True),
        view.stop: gr.update(visible=False),
    }


def replies(
    studio: Studio,
    stops: Stops,
    session: str | None,
    seats: list[Seat],
    asked: list[tuple[Talk, dict[str, str]]],
    knobs: Mapping[str, Any],
) -> Iterator[tuple[list[str], list[Talk]]]:
    """(what stands in the place of each conversation, the conversations with what has been answered) as it grows.

    ``asked`` are the conversations, each with the question that its model is put.
    """
    task = asked_roles(studio, seats[0].run)[0]
    answering = Answering(
        [partial(answer, studio, seat, question, knobs) for seat, (_, question) in zip(seats, asked, strict=True)]
    )
    with stops.may_stop(session, answering):
        for said in answering.watch():
            yield (
                [
                    talk.drawn(one, seat.title, task.output, what)
                    for (one, _), seat, what in zip(asked, seats, said, strict=True)
                ],
                [
                    one.with_answer(str(what.record["text"])) if what.record and not what.problem else one
                    for (one, _), what in zip(asked, said, strict=True)
                ],
            )


@dataclass(frozen=True)
class Room:
    """What happens in the room of one app."""

    view: View
    choice: beside.View
    studio: Studio
    stops: Stops

    def send(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Put the next message."""
        _, role, group = self._task(request)
        if role is None or group is None:
            yield {self.view.problem: gr.skip()}
            return
        message = group.inputs[role.name]
        words = str(values.get(message) or "").strip()
        if not words:
            yield {self.view.problem: drawing.problem(tr("Write a message first."))}
            return
        for number, updates in enumerate(self._go_on(values, request, lambda one: one.with_question(words))):
            yield {**updates, **({message: ""} if number == 0 and self.view.held in updates else {})}

    def again(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Have the last message answered once more, and otherwise: chance begins at the next number, where it plays."""
        _, _, group = self._task(request)
        seed = group.knobs.get(SEED) if group else None
        if seed is not None and isinstance(values.get(seed), int | float):
            values = {**values, seed: values[seed] + 1}
            yield {seed: values[seed]}
        yield from self._go_on(values, request, Talk.without_answer)

    def anew(self, values: Values, request: gr.Request) -> Updates:
        """Begin from nothing."""
        task, _, group = self._task(request)
        if group is None:
            return {self.view.problem: gr.skip()}
        seats = beside.chosen(self.choice, self.studio, run_id(request), values)
        return {**redrawn(self.view, seats, task, None), self.view.problem: ""}

    def stop(self, request: gr.Request) -> None:
        self.stops.stop(request.session_hash)

    def _task(self, request: gr.Request) -> tuple[Task, Role | None, Group | None]:
        task = asked_roles(self.studio, run_id(request))[0]
        return task, fields.talk_role(task), self.view.groups.get(task.id)

    def _go_on(self, values: Values, request: gr.Request, step: Callable[[Talk], Talk]) -> Iterator[Updates]:
        """Take a step in every conversation, and have it answered."""
        view, run = self.view, run_id(request)
        task, roles = asked_roles(self.studio, run)
        group, role = view.groups[task.id], fields.talk_role(task)
        assert role is not None, tr("this room is for tasks that are talked with")
        try:
            seats = beside.chosen(self.choice, self.studio, run, values)
            knobs = fields.knob_values(task, {path: values[knob] for path, knob in group.knobs.items()})
        except Exception as exc:
            yield {view.problem: drawing.explained(exc)}
            return
        talks = [step(one) for one in talk.fitted(talk.read(values[view.held]), seats)]
        others = fields.given([one for one in roles if one is not role], _inputs(group, values))
        instructions = str(values.get(group.system) or "") if group.system else ""
        asked = [(one, {**others, role.name: talk.question(one, instructions)}) for one in talks]
        yield {**_while_writing(view), view.held: talk.written(talks)}
        for places, so_far in replies(self.studio, self.stops, request.session_hash, seats, asked, knobs):
            # Told with each picture: a busy browser may miss the first, and the Stop button must be there.
            yield {**_while_writing(view), **dict(zip(view.said, places, strict=False))}
            talks = so_far
        at_rest = drawn(view, seats, talks, task)
        # What was drawn last says more than the words: that it was stopped, or what went wrong.
        yield {part: update for part, update in at_rest.items() if part not in view.said}


def _inputs(group: Group, values: Values) -> dict[str, Any]:
    return {name: values.get(field) for name, field in group.inputs.items()}


def _while_writing(view: View) -> Updates:
    return {
        view.problem: "",
        view.send: gr.update(interactive=False),
        view.again: gr.update(visible=False),
        view.anew: gr.update(visible=False),
        view.stop: gr.update(visible=True),
    }


def wire(view: View, choice: beside.View, studio: Studio, taken: Any) -> None:
    """Sending, stopping, doing over; a row that was ``taken`` from the test part opens a conversation."""
    room = Room(view, choice, studio, Stops())
    controls = [control for group in view.groups.values() for control in group.controls]
    messages = [field for group in view.groups.values() for field in group.inputs.values()]
    inputs = {*controls, *choice.controls, view.held}
    seeds = [group.knobs[SEED] for group in view.groups.values() if SEED in group.knobs]
    outputs = [*parts(view), view.problem, *messages, *seeds]
    submits = [submit for group in view.groups.values() for submit in group.submits]
    Page.on([view.send.click, *submits], room.send, inputs, outputs, progress="hidden")
    Page.on(view.again.click, room.again, inputs, outputs, progress="hidden")
    Page.on(view.anew.click, room.anew, inputs, outputs, progress="hidden")
    Page.on(view.stop.click, room.stop, None, None, progress="hidden")
    emptied = Page.on(taken.then, room.anew, inputs, outputs, progress="hidden")
    Page.on(emptied.then, room.send, inputs, outputs, progress="hidden")
