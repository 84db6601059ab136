"""The form as a component. A page with a hundred of Gradio's own controls is heavy, so ours is data and one script.

Three parts, each written by one side: ``shape`` (what settings there are) and ``said`` (what stands under them) by the
server, ``held`` (the values) by the browser, and by the server only when it puts other values in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.studio import Suggestion
from ui.forms.remarks import applies, lines
from ui.forms.shape import shape
from ui.forms.values import Values, read, rows_of
from ui.page import drawn_by

SETTLED, PRESET, UNDO = "settled", "preset", "undo"
"""What the script tells: a value was changed; a preset is wanted; a preset is to be taken back."""


@dataclass(frozen=True)
class Form:
    """Every setting of a run: drawn by ``assets/static/settings.js``."""

    shape: gr.HTML
    said: gr.HTML
    held: gr.HTML

    @property
    def inputs(self) -> set[Component]:
        return {self.held}

    @property
    def outputs(self) -> list[Any]:
        return [self.shape, self.said, self.held]

    def event(self, name: str) -> Callable[..., Any]:
        """An event that the script triggers, by its name."""
        trigger: Callable[..., Any] = self.shape.__getattr__(name)
        return trigger

    def read(self, task: str, answers: Mapping[Any, Any], known: Mapping[str, Any], local: bool) -> Values:
        """The values of a run of this task, out of what a handler gets when its inputs are a set."""
        return read(task, answers.get(self.held), known, local)

    def show(self, task: str, base: Mapping[str, Any], local: bool, more: Mapping[str, Any] | None = None) -> Any:
        """Show the settings of this task. ``more`` is for the script beside them."""
        return {self.shape: {**shape(task, base, local), **(more or {})}}

    def fill(self, values: Values) -> dict[Any, Any]:
        """Put these values into the controls."""
        return {self.held: dict(values)}

    def remarks(
        self,
        task: str,
        values: Values,
        suggestions: Sequence[Suggestion] = (),
        found: Mapping[str, str] | None = None,
        effects: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        chosen: Collection[Suggestion] = (),
    ) -> dict[Any, Any]:
        """The lines under every control of this task, and which of them are locked. ``more`` is for the script;
        ``chosen`` are those suggestions that are a preset's.
        """
        wrong, said = found or {}, effects or {}
        by_path: dict[str, list[Suggestion]] = {}
        for one in suggestions:
            by_path.setdefault(one.path, []).append(one)
        settings = rows_of(task)
        told = {
            row.path: lines(
                row, values, by_path.get(row.path, ()), wrong.get(row.path, ""), said.get(row.path, ""), chosen
            )
            for row in settings
        }
        return {
            self.said: {
                "lines": {path: one for path, one in told.items() if one},
                "locked": [row.path for row in settings if not applies(row, values)],
                **(more or {}),
            }
        }


def draw() -> Form:
    """Put the form on the page. Call inside a layout."""
    shape = _part("shape", SETTLED, PRESET, UNDO)
    return Form(shape, _part("said"), _part("held"))


def _part(name: str, *events: str) -> gr.HTML:
    return gr.HTML(
        None,
        html_template=f'<div class="st-{name}"></div>',
        apply_default_css=False,
        elem_id=f"settings-{name}",
        elem_classes="" if name == "shape" else "nr-desk",
        js_on_load=drawn_by("settings.js", *events),
    )
