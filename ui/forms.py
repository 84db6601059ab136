"""The settings form, drawn from the one declaration of every setting (``core.schema``).

The upper half is plain functions between a config and what the form holds, a dict of dotted path to value. The lower
half draws the controls. Nothing here names a setting: a new field in ``core.config`` appears by itself.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component
from pydantic import ValidationError

from core.config import RunConfig, put
from core.schema import Row, rows
from core.studio import Suggestion

ROWS: tuple[Row, ...] = tuple(rows(RunConfig))
"""Every setting of the form, in the order of declaration."""

Values = dict[str, Any]
"""What the form holds: dotted path to value, as in ``{"training.learning_rate": 5e-5}``."""


def values_from(config: RunConfig) -> Values:
    """What the form shows for ``config``."""
    return {row.path: reduce(getattr, row.path.split("."), config) for row in ROWS}


def config_from(draft: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``draft`` (a config as plain data, perhaps incomplete) with the form's values put in; not yet validated."""
    config = copy.deepcopy(dict(draft))
    for row in ROWS:
        if row.path in values:
            put(config, row.path, _said(row, values[row.path]))
    return config


def problems(config: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each setting of a config, as a sentence that names the remedy; empty when all is well.

    Complaints that belong to no single control stand under the path that pydantic names, or under ``""``.
    """
    try:
        RunConfig.model_validate(config)
    except ValidationError as exc:
        found: dict[str, str] = {}
        for error in exc.errors():
            path = ".".join(str(part) for part in error["loc"])
            row = next((row for row in ROWS if row.path == path), None)
            found.setdefault(path, f"Give {limits(row)}." if row else error["msg"].removeprefix("Value error, "))
        return found
    return {}


def applies(row: Row, values: Mapping[str, Any]) -> bool:
    """Whether the setting matters, given the rest of the form."""
    when = row.setting.when
    return when is None or values.get(_sibling(row, when.field)) in when.values


def limits(row: Row) -> str:
    """What may stand in this field, in words: ``a whole number from 8 to 1,000``."""
    if row.choices:
        return "one of: " + ", ".join(words for words, _ in row.choices)
    kind = {int: "a whole number", float: "a number", bool: "yes or no"}.get(row.type, "some words")
    low, high = row.minimum, row.maximum
    if low is not None and high is not None and not row.exclusive_minimum and not row.exclusive_maximum:
        return f"{kind} from {in_words(low)} to {in_words(high)}"
    bounds = [
        "" if low is None else f"{'above' if row.exclusive_minimum else 'at least'} {in_words(low)}",
        "" if high is None else f"{'below' if row.exclusive_maximum else 'at most'} {in_words(high)}",
    ]
    return " ".join([kind, " and ".join(bound for bound in bounds if bound)]).strip()


def in_words(value: Any) -> str:
    """A value as people write it: ``10,000``, ``0.00005``, ``after each epoch``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    if float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) < 1e-6:
        return f"{value:g}".replace("e-0", "e-")
    return f"{value:,.10f}".rstrip("0")


def shown(row: Row, value: Any) -> str:
    """A setting's value as the form words it."""
    return next((words for words, choice in row.choices if choice == value), in_words(value))


def note(row: Row, values: Mapping[str, Any], suggestion: Suggestion | None = None, problem: str = "") -> str:
    """The line under a control, as HTML: the problem, else why it is not used, else the suggestion and why."""
    if problem:
        return f'<p class="nr-problem" role="alert">{escape(problem)}</p>'
    if not applies(row, values) and row.setting.when:
        return f'<p class="nr-note">{escape(row.setting.when.otherwise)}</p>'
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


def _sibling(row: Row, name: str) -> str:
    return f"{row.path.removesuffix(row.name)}{name}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Form:
    """The controls of the form and the line under each, by path."""

    controls: dict[str, Component]
    notes: dict[str, gr.HTML]

    @property
    def inputs(self) -> set[Component]:
        return set(self.controls.values())

    @property
    def outputs(self) -> list[Component]:
        """Every part of the form."""
        return [*self.controls.values(), *self.notes.values()]

    def read(self, answers: Mapping[Component, Any]) -> Values:
        """The form's values out of what a handler gets when its inputs are a set."""
        return {path: answers[control] for path, control in self.controls.items() if control in answers}

    def fill(self, values: Values) -> dict[Component, Any]:
        """Put these values into the controls; one that is not used now cannot be changed."""
        return {
            self.controls[row.path]: gr.update(value=values[row.path], interactive=applies(row, values)) for row in ROWS
        }

    def enable(self, values: Values) -> dict[Component, Any]:
        """Lock and unlock the controls that depend on others, and leave what stands in them."""
        return {
            self.controls[row.path]: gr.update(interactive=applies(row, values)) for row in ROWS if row.setting.when
        }

    def remarks(
        self, values: Values, suggestions: Iterable[Suggestion] = (), found: Mapping[str, str] | None = None
    ) -> dict[Component, Any]:
        """The line under every control."""
        by_path = {suggestion.path: suggestion for suggestion in suggestions}
        return {
            self.notes[row.path]: note(row, values, by_path.get(row.path), (found or {}).get(row.path, ""))
            for row in ROWS
        }

    @property
    def changes(self) -> list[Callable[..., Any]]:
        """Events after which the form should be looked at again: a choice was made, or a field was left."""
        typed = [one for one in self.controls.values() if isinstance(one, gr.Number | gr.Textbox)]
        chosen = [one for one in self.controls.values() if isinstance(one, gr.Radio | gr.Dropdown | gr.Checkbox)]
        return [*(one.blur for one in typed), *(one.submit for one in typed), *(one.input for one in chosen)]


def draw() -> Form:
    """Draw one control a setting, two beside each other where there is room. Call inside a layout."""
    controls: dict[str, Component] = {}
    notes: dict[str, gr.HTML] = {}
    with gr.Row(elem_classes="nr-form"):
        for row in ROWS:
            with gr.Column(min_width=300, elem_classes=["nr-field", f"nr-field-{row.name}"]):
                controls[row.path] = control(row)
                notes[row.path] = gr.HTML(apply_default_css=False, padding=False)
    return Form(controls, notes)


def control(row: Row) -> Component:
    """The control of one setting. It gets no limits: errors land on the field with a remedy, not in a toast."""
    label = f"{row.setting.label} ({row.setting.unit})" if row.setting.unit else row.setting.label
    common: dict[str, Any] = {
        "label": label,
        "info": row.setting.help,
        "elem_id": f"setting-{row.path.replace('.', '-')}",
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
