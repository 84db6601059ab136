"""What a person is asked for by one task: its inputs, and how it writes. One group a task, of which a run shows one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import gradio as gr
from gradio.components import Component
from pydantic import ValidationError

from core.errors import ConfigError
from core.limits import limits
from core.said import in_a_row
from core.schema import Row, rows
from core.tasks.base import Role, Task
from ui import forms, widgets
from ui.languages import tr

T = TypeVar("T")
INSTRUCTIONS = "Instructions for the model"


@dataclass(frozen=True)
class Group:
    """The controls of one task: inputs by role, knobs by path; ``system`` is there for conversations only."""

    boxes: tuple[gr.Column, gr.Column]
    """Around the inputs, and around all else."""
    inputs: dict[str, Component]
    knobs: dict[str, Component]
    system: gr.Textbox | None = None

    @property
    def controls(self) -> list[Component]:
        return [*self.inputs.values(), *self.knobs.values(), *([self.system] if self.system else [])]

    @property
    def submits(self) -> list[Any]:
        """Events of pressing Enter in a field."""
        return [field.submit for field in self.inputs.values() if isinstance(field, gr.Textbox | gr.Number)]


def is_talk(task: Task) -> bool:
    """Whether it is talked with, message by message."""
    return talk_role(task) is not None


def talk_role(task: Task) -> Role | None:
    """The input that holds a conversation."""
    return next((role for role in task.asked if role.kind == "chat"), None)


def groups(tasks: Iterable[Task], buttons: Callable[[], T]) -> tuple[dict[str, Group], T]:
    """Draw the inputs of these tasks, the buttons under them, and below those, folded, what few people change.

    All unseen until a run of the task is looked at. Raises ``NotDrawable``.
    """
    found = list(tasks)
    above = [_inputs(task) for task in found]
    drawn = buttons()
    return {task.id: _with_more(task, *upper) for task, upper in zip(found, above, strict=True)}, drawn


def _inputs(task: Task) -> tuple[gr.Column, dict[str, Component]]:
    widgets.check(task)
    with gr.Column(visible=False) as box:
        return box, {role.name: widgets.ask(role) for role in task.asked}


def _with_more(task: Task, above: gr.Column, inputs: dict[str, Component]) -> Group:
    system, knobs = None, {}
    with gr.Column(visible=False) as below:
        if is_talk(task):
            with gr.Accordion(tr("{instructions} (system prompt)", instructions=tr(INSTRUCTIONS)), open=False):
                system = gr.Textbox(
                    label=tr(INSTRUCTIONS),
                    info=tr("They stand above the whole conversation: who the model is, how it should answer."),
                    lines=2,
                    max_lines=widgets.LINES_AT_MOST,
                )
        if settings := list(rows(task.knobs)):
            with gr.Accordion(tr("How it writes"), open=False), gr.Row(elem_classes="try-knobs"):
                knobs = {row.path: forms.control(row, "try") for row in settings}
    return Group((above, below), inputs, knobs, system)


def shown(group: Group, task: Task, roles: Sequence[Role]) -> dict[Component, Any]:
    """Show the inputs of these roles. What a run was trained with must be filled in, so no label says otherwise."""
    names = {role.name: role for role in roles}
    return {
        field: gr.update(visible=True, **({} if task.asks else {"label": tr(names[name].label)}))
        if name in names
        else gr.update(visible=False)
        for name, field in group.inputs.items()
    }


def given(roles: Sequence[Role], values: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, as text by role; empty fields are left out."""
    texts = {role.name: "" if values.get(role.name) is None else str(values[role.name]) for role in roles}
    return {name: text for name, text in texts.items() if text.strip()}


def missing(task: Task, roles: Sequence[Role], filled: Mapping[str, str]) -> str:
    """What must be filled in first, as a sentence; empty when nothing is missing."""
    lacking = [role for role in roles if role.name not in filled and (role.required or not task.asks)]
    return tr("Type something first: {join}.", join=in_a_row(*map(_named, lacking))) if lacking else ""


def _named(role: Role) -> str:
    """Within a sentence; what is written large there in another language stays so."""
    label = tr(role.label)
    return label.lower() if label == role.label else label


def knob_values(task: Task, values: Mapping[str, Any]) -> dict[str, Any]:
    """The knobs as the worker takes them. Raises ``ConfigError`` that says what may stand in a field."""
    by_path: dict[str, Row] = {row.path: row for row in rows(task.knobs)}
    said = {path: None if value == "" and by_path[path].optional else value for path, value in values.items()}
    try:
        settings: dict[str, Any] = json.loads(task.knobs.model_validate(said).model_dump_json())
    except ValidationError as exc:
        error = exc.errors()[0]
        row = by_path.get(".".join(str(part) for part in error["loc"]))
        if row is None:
            raise ConfigError(error["msg"].removeprefix("Value error, ")) from exc
        raise ConfigError(
            tr("“{label}” cannot be used so.", label=row.setting.label), tr("Give {row}.", row=limits(row))
        ) from exc
    return settings
