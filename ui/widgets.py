"""How each kind of thing is asked for and shown. A new task needs no line here; a new kind needs one."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
from gradio.components import Component

from core.tasks.base import Kind, Role, Task
from ui import answers
from ui.answers import Answer

LINES_AT_MOST = 16
"""A field begins with one line, so that Enter sends it, and grows with its text up to this."""


class NotDrawable(Exception):
    """A task asks for a kind of thing that no widget draws yet. Raised while the page is built, never to a visitor."""


def ask(role: Role) -> Component:
    """The control in which a person gives one input of a task."""
    build = INPUTS.get(role.kind)
    if build is None:
        raise NotDrawable(f"ui/widgets.py has no input for the kind {role.kind!r} (role {role.name!r}).")
    return build(role)


def show(kind: Kind) -> Callable[[Answer], str]:
    """The function that draws an answer of this kind as HTML."""
    draw = OUTPUTS.get(kind)
    if draw is None:
        raise NotDrawable(f"ui/widgets.py has no output for the kind {kind!r}.")
    return draw


def check(task: Task) -> None:
    """Raise ``NotDrawable`` unless everything that goes into and comes out of the task can be drawn."""
    for role in task.inputs:
        if role.kind not in INPUTS:
            raise NotDrawable(f"ui/widgets.py has no input for the kind {role.kind!r} (task {task.id!r}).")
    show(task.output)


def _text_input(role: Role) -> Component:
    return gr.Textbox(label=_label(role), placeholder="Type or paste a text", lines=1, max_lines=LINES_AT_MOST)


def _message_input(role: Role) -> Component:
    """The next message only: the page keeps the conversation."""
    return gr.Textbox(label=_label(role), placeholder="Write a message", lines=1, max_lines=LINES_AT_MOST)


def _line_input(role: Role) -> Component:
    return gr.Textbox(label=_label(role), max_lines=1)


def _number_input(role: Role) -> Component:
    return gr.Number(label=_label(role), value=None)


def _label(role: Role) -> str:
    return role.label if role.required else f"{role.label} (if there is one)"


INPUTS: dict[Kind, Callable[[Role], Component]] = {
    "text": _text_input,
    "label": _line_input,
    "number": _number_input,
    "chat": _message_input,
}
OUTPUTS: dict[Kind, Callable[[Answer], str]] = {
    "label": answers.label,
    "labels": answers.labels,
    "number": answers.number,
    "spans": answers.spans,
    "answer": answers.answer,
    "fills": answers.fills,
    "text": answers.text,
    "chat": answers.text,
}
