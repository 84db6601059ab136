"""The settings form, drawn from the one declaration of every setting (``core.schema``).

The upper half is plain functions between a config and what the form holds, a dict of dotted path to value. The lower
half draws the controls: once those that every run has, and a group for each task with its own. Nothing here names a
setting: a new field in ``core.config``, or among the options of a task, appears by itself.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component
from pydantic import ValidationError

from core.config import RunConfig, put, shape_for, shape_of
from core.limits import limits, shown
from core.schema import Row, rows, why_not
from core.studio import Suggestion
from core.tasks import TASKS

ROWS: tuple[Row, ...] = tuple(row for row in rows(RunConfig) if not row.path.startswith("data."))
"""The settings that every run has, in the order of declaration. How data is read is asked where it is brought."""
OPTIONS = "options."
"""How the paths of a task's own settings begin."""

Values = dict[str, Any]
"""What the form holds: dotted path to value, as in ``{"training.learning_rate": 5e-5}``."""


@cache
def own_rows(task: str) -> tuple[Row, ...]:
    """The settings that only this task has."""
    return tuple(row for row in rows(shape_of(task)) if row.path.startswith(OPTIONS))


def rows_of(task: str) -> tuple[Row, ...]:
    """Every setting of a run of this task; of a task that is not known, those that every run has."""
    return (*ROWS, *own_rows(task)) if TASKS.knows(task) else ROWS


def values_from(config: RunConfig) -> Values:
    """What the form shows for ``config``."""
    return {row.path: reduce(getattr, row.path.split("."), config) for row in rows_of(config.task)}


def config_from(draft: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``draft`` (a config as plain data, perhaps incomplete) with the form's values put in; not yet validated."""
    config = copy.deepcopy(dict(draft))
    for row in rows_of(str(config.get("task"))):
        if row.path in values:
            put(config, row.path, _said(row, values[row.path]))
    return config


def problems(config: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each setting of a config, as a sentence that names the remedy; empty when all is well.

    Complaints that belong to no single control stand under the path that pydantic names, or under ``""``.
    """
    try:
        shape_for(config).model_validate(config)
    except ValidationError as exc:
        found: dict[str, str] = {}
        for error in exc.errors():
            path = ".".join(str(part) for part in error["loc"])
            row = next((row for row in rows_of(str(config.get("task"))) if row.path == path), None)
            words = error["msg"].removeprefix("Value error, ")
            if row:
                # What a setting has to say for itself says more than its limits.
                words = f"{_capital(words)}." if error["type"] == "value_error" else f"Give {limits(row)}."
            found.setdefault(path, words)
        return found
    return {}


def applies(row: Row, values: Mapping[str, Any]) -> bool:
    """Whether the setting matters, given the rest of the form and the machine."""
    return not why_not(row, values)


def note(row: Row, values: Mapping[str, Any], suggestion: Suggestion | None = None, problem: str = "") -> str:
    """The line under a control, as HTML: the problem, else why it is not used, else the suggestion and why."""
    if problem:
        return f'<p class="nr-problem" role="alert">{escape(problem)}</p>'
    if reason := why_not(row, values):
        return f'<p class="nr-note">{escape(reason)}</p>'
    if suggestion is None:
        return f'<p class="nr-note">{escape(_capital(limits(row)))}.</p>' if row.minimum is not None else ""
    return (
        f'<p class="nr-note"><b>Suggested: {escape(shown(row, suggestion.value))}.</b> {escape(suggestion.reason)}</p>'
    )


def _said(row: Row, value: Any) -> Any:
    """A control's value as a config takes it: an emptied optional field is None, words lose the blanks around them."""
    if isinstance(value, str):
        value = value.strip()
    if value == "" and row.optional:
        return None
    if row.type is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Group:
    """Settings that are drawn together: the control of each and the line under it, by path."""

    rows: tuple[Row, ...]
    controls: dict[str, Component]
    notes: dict[str, gr.HTML]
    more: gr.Accordion | None = None
    """Where those are folded away that few people need."""

    @property
    def parts(self) -> list[Any]:
        return [*self.controls.values(), *self.notes.values(), *([self.more] if self.more else [])]

    def read(self, answers: Mapping[Component, Any]) -> Values:
        """Their values out of what a handler gets when its inputs are a set."""
        return {path: answers[control] for path, control in self.controls.items() if control in answers}

    def fill(self, values: Values) -> dict[Component, Any]:
        """Put these values into the controls; one that is not used now cannot be changed."""
        changed = {row.path for row in self.rows if values[row.path] != row.default}
        return self._unfolded(changed) | {
            self.controls[row.path]: gr.update(value=values[row.path], interactive=applies(row, values))
            for row in self.rows
        }

    def enable(self, values: Values) -> dict[Component, Any]:
        """Lock and unlock the controls that depend on others, and leave what stands in them."""
        depending = (row for row in self.rows if row.setting.conditions)
        return {self.controls[row.path]: gr.update(interactive=applies(row, values)) for row in depending}

    def remarks(
        self, values: Values, suggestions: Iterable[Suggestion] = (), found: Mapping[str, str] | None = None
    ) -> dict[Component, Any]:
        """The line under every control."""
        by_path = {suggestion.path: suggestion for suggestion in suggestions}
        return self._unfolded(found or {}) | {
            self.notes[row.path]: note(row, values, by_path.get(row.path), (found or {}).get(row.path, ""))
            for row in self.rows
        }

    def _unfolded(self, paths: Iterable[str]) -> dict[Any, Any]:
        """What is folded away comes into sight where one of these settings is there."""
        hidden = {row.path for row in self.rows if row.setting.level != "basic"}
        return {self.more: gr.update(open=True)} if self.more and hidden & set(paths) else {}


@dataclass(frozen=True)
class Form:
    """The settings that every run has, and each task's own, of which those of one task are seen."""

    shared: Group
    own: dict[str, Group]
    """By task; only tasks that have settings of their own."""
    boxes: dict[str, gr.Column]
    """What stands around them, by task."""

    def of(self, task: str) -> list[Group]:
        """The groups that a run of this task has."""
        return [self.shared, *([self.own[task]] if task in self.own else [])]

    @property
    def groups(self) -> list[Group]:
        return [self.shared, *self.own.values()]

    @property
    def inputs(self) -> set[Component]:
        return {control for group in self.groups for control in group.controls.values()}

    @property
    def outputs(self) -> list[Any]:
        """Every part of the form."""
        return [*(part for group in self.groups for part in group.parts), *self.boxes.values()]

    def read(self, task: str, answers: Mapping[Component, Any]) -> Values:
        """The values of a run of this task."""
        return {path: value for group in self.of(task) for path, value in group.read(answers).items()}

    def fill(self, task: str, values: Values) -> dict[Any, Any]:
        """Show the settings of this task with these values in them."""
        seen: dict[Any, Any] = {box: gr.update(visible=name == task) for name, box in self.boxes.items()}
        return reduce(lambda updates, group: updates | group.fill(values), self.of(task), seen)

    def enable(self, task: str, values: Values) -> dict[Component, Any]:
        """Lock and unlock the controls of this task that depend on others."""
        return {control: update for group in self.of(task) for control, update in group.enable(values).items()}

    def remarks(
        self,
        task: str,
        values: Values,
        suggestions: Sequence[Suggestion] = (),
        found: Mapping[str, str] | None = None,
    ) -> dict[Any, Any]:
        """The line under every control of this task."""
        return {
            place: line for group in self.of(task) for place, line in group.remarks(values, suggestions, found).items()
        }

    @property
    def changes(self) -> list[Callable[..., Any]]:
        """Events after which the form should be looked at again: a choice was made, or a field was left."""
        controls = [control for group in self.groups for control in group.controls.values()]
        typed = [one for one in controls if isinstance(one, gr.Number | gr.Textbox)]
        chosen = [one for one in controls if isinstance(one, gr.Radio | gr.Dropdown | gr.Checkbox)]
        return [*(one.blur for one in typed), *(one.submit for one in typed), *(one.input for one in chosen)]


def draw() -> Form:
    """Draw every setting, those of a task under its title and out of sight. Call inside a layout."""
    shared = group(ROWS)
    own: dict[str, Group] = {}
    boxes: dict[str, gr.Column] = {}
    for task in TASKS.values():
        if own_rows(task.id):
            with gr.Column(visible=False, elem_classes="nr-own") as boxes[task.id]:
                gr.HTML(f'<h2 class="nr-h2">{escape(task.title)}</h2>', apply_default_css=False)
                own[task.id] = group(own_rows(task.id), task.id)
    return Form(shared, own, boxes)


def group(settings: Sequence[Row], prefix: str = "") -> Group:
    """Draw one control a setting, two beside each other where there is room; those that few need are folded away."""
    basic = [row for row in settings if row.setting.level == "basic"]
    others = [row for row in settings if row.setting.level != "basic"]
    drawn = _cells(basic, prefix)
    more = None
    if others:
        with gr.Accordion("More settings", open=False, elem_classes="nr-further") as more:
            drawn |= _cells(others, prefix)
    controls = {path: control for path, (control, _) in drawn.items()}
    return Group((*basic, *others), controls, {path: line for path, (_, line) in drawn.items()}, more)


def _cells(settings: Sequence[Row], prefix: str) -> dict[str, tuple[Component, gr.HTML]]:
    """The control of each setting, and the place of the line under it."""
    drawn: dict[str, tuple[Component, gr.HTML]] = {}
    if not settings:
        return drawn
    with gr.Row(elem_classes="nr-form"):
        for row in settings:
            with gr.Column(min_width=300, elem_classes=["nr-field", f"nr-field-{row.name}"]):
                drawn[row.path] = control(row, prefix), gr.HTML(apply_default_css=False, padding=False)
    return drawn


def control(row: Row, prefix: str = "") -> Component:
    """The control of one setting. It gets no limits: errors land on the field with a remedy, not in a toast.

    ``prefix`` tells settings of the same path apart on one page.
    """
    label = f"{row.setting.label} ({row.setting.unit})" if row.setting.unit else row.setting.label
    common: dict[str, Any] = {
        "label": label,
        "info": row.setting.help,
        "elem_id": "-".join(filter(None, ["setting", prefix, *row.path.split(".")])),
    }
    build: Callable[..., Component]
    if row.choices:
        build = gr.Radio if len(row.choices) <= 4 else gr.Dropdown
        return build(list(row.choices), value=row.default, **common)
    if row.type is bool:
        return gr.Checkbox(value=row.default, **common)
    if row.type in (int, float):
        return gr.Number(value=row.default, step=step(row), **common)
    return gr.Textbox(value=row.default, max_lines=1, **common)


def step(row: Row) -> float:
    """What one press of an arrow key adds: 1 for whole numbers, else the size of the default's first digit."""
    if row.type is int or not row.default or row.default >= 1:
        return 1
    return float(10.0 ** math.floor(math.log10(row.default)))
