"""The room for one question and its answer: a text to sort, to fill in, to write on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Task
from ui.languages import tr
from ui.page import Page, run_id
from ui.try_it import beside, drawing, fields
from ui.try_it.answering import Answering, Stops, answer
from ui.try_it.fields import Group
from ui.try_it.seats import Seat, asked_roles

Updates = dict[Any, Any]


@dataclass(frozen=True)
class View:
    """The fields of every task that is asked one question at a time, and the places of two answers."""

    room: gr.Row
    groups: dict[str, Group]
    ask: gr.Button
    stop: gr.Button
    answers: tuple[gr.HTML, gr.HTML]
    second: gr.Column


def layout() -> View:
    """Draw it: the question, and one or two answers beside it."""
    with gr.Row(equal_height=False, visible=False, elem_classes="try-question") as room:
        with gr.Column(min_width=300, elem_classes="try-asked"):
            tasks = [task for task in TASKS.values() if not fields.is_talk(task)]
            groups, (ask, stop) = fields.groups(tasks, _buttons)
        with gr.Column(min_width=300):
            first = gr.HTML(drawing.EMPTY, apply_default_css=False, elem_id="try-answer")
        with gr.Column(min_width=300, visible=False, elem_classes="try-second") as second:
            other = gr.HTML(drawing.EMPTY, apply_default_css=False, elem_id="try-answer-beside")
    return View(room, groups, ask, stop, (first, other), second)


def _buttons() -> tuple[gr.Button, gr.Button]:
    with gr.Row():
        return (
            gr.Button(tr("Try it"), variant="primary", elem_id="try-ask"),
            gr.Button(tr("Stop"), visible=False, elem_id="try-stop"),
        )


def empty(view: View, seats: list[Seat]) -> Updates:
    """Nothing was answered yet by these models."""
    drawn = [drawing.heading(seat.title) + drawing.empty() for seat in seats]
    return {**dict(zip(view.answers, drawn, strict=False)), view.second: gr.update(visible=len(seats) > 1)}


def answers(
    studio: Studio,
    stops: Stops,
    session: str | None,
    seats: list[Seat],
    inputs: Mapping[str, Any],
    knobs: Mapping[str, Any],
) -> Iterator[list[str]]:
    """What stands in the place of each answer, as it grows; or what is missing, or what went wrong."""
    headings = [drawing.heading(seat.title) for seat in seats]
    try:
        task, roles = asked_roles(studio, seats[0].run)
        question = fields.given(roles, inputs)
        settings = fields.knob_values(task, knobs)
        missing = fields.missing(task, roles, question)
        asked = [partial(answer, studio, seat, _for_seat(studio, seat, question), settings) for seat in seats]
    except Exception as exc:
        yield [drawing.explained(exc), *headings[1:]]
        return
    if missing:
        yield [headings[0] + drawing.problem(missing), *headings[1:]]
        return
    answering = Answering(asked)
    with stops.may_stop(session, answering):
        for said in answering.watch():
            yield [head + drawing.answer(task.output, one) for head, one in zip(headings, said, strict=True)]


def _for_seat(studio: Studio, seat: Seat, question: Mapping[str, str]) -> dict[str, str]:
    """What this model reads of the question: another run may have learned from less."""
    names = {role.name for role in asked_roles(studio, seat.run)[1]}
    return {name: text for name, text in question.items() if name in names}


def wire(view: View, choice: beside.View, studio: Studio, taken: Any) -> None:
    """Asking, stopping, and asking about a row that was ``taken`` from the test part."""
    stops = Stops()

    def ask(values: dict[Component, Any], request: gr.Request) -> Iterator[Updates]:
        run = run_id(request)
        try:
            task = asked_roles(studio, run)[0]
            seats = beside.chosen(choice, studio, run, values)
        except Exception as exc:
            yield {view.answers[0]: drawing.explained(exc)}
            return
        group = view.groups.get(task.id)
        if group is None:  # a row was taken in the other room
            yield {view.stop: gr.skip()}
            return
        writing = _while_writing(view, task)
        yield writing
        inputs = {role: values[field] for role, field in group.inputs.items()}
        knobs = {path: values[knob] for path, knob in group.knobs.items()}
        for drawn in answers(studio, stops, request.session_hash, seats, inputs, knobs):
            # Told with each picture: a busy browser may miss the first, and the Stop button must be there.
            yield {**writing, **dict(zip(view.answers, drawn, strict=False))}
        yield {view.ask: gr.update(interactive=True), view.stop: gr.update(visible=False)}

    def stop(request: gr.Request) -> None:
        stops.stop(request.session_hash)

    controls = [control for group in view.groups.values() for control in group.controls]
    inputs = {*controls, *choice.controls}
    outputs = [*view.answers, view.ask, view.stop]
    Page.on([view.ask.click, *submits(view)], ask, inputs, outputs, progress="hidden")
    Page.on(taken.then, ask, inputs, outputs, progress="hidden")
    Page.on(view.stop.click, stop, None, None, progress="hidden")


def submits(view: View) -> list[Any]:
    """Events of pressing Enter in a field."""
    return [submit for group in view.groups.values() for submit in group.submits]


def _while_writing(view: View, task: Task) -> Updates:
    """An answer that is written takes its time, so it can be stopped; any other is there in a moment."""
    return {
        view.answers[0]: drawing.loading(),
        view.ask: gr.update(interactive=False),
        view.stop: gr.update(visible=task.write is not None),
    }
