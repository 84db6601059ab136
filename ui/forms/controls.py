"""Gradio's own controls for a few settings that stand by themselves on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.schema import Row
from ui.forms.shape import FEW, step
from ui.forms.values import Values


@dataclass(frozen=True)
class Group:
    """Settings that are drawn together: the control of each, by path."""

    rows: tuple[Row, ...]
    controls: dict[str, Component]

    def read(self, answers: Mapping[Component, Any]) -> Values:
        """Their values out of what a handler gets when its inputs are a set."""
        return {path: answers[control] for path, control in self.controls.items() if control in answers}


def group(settings: Sequence[Row], prefix: str = "") -> Group:
    """Draw one control a setting, two beside each other where there is room."""
    controls: dict[str, Component] = {}
    with gr.Row(elem_classes="nr-form"):
        for row in settings:
            with gr.Column(min_width=300, elem_classes=["nr-field", f"nr-field-{row.name}"]):
                controls[row.path] = control(row, prefix)
    return Group(tuple(settings), controls)


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
        build = gr.Radio if len(row.choices) <= FEW else gr.Dropdown
        return build(list(row.choices), value=row.default, **common)
    if row.type is bool:
        return gr.Checkbox(value=row.default, **common)
    if row.type in (int, float):
        return gr.Number(value=row.default, step=step(row), **common)
    return gr.Textbox(value=row.default, max_lines=1, **common)
