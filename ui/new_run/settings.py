"""Step 4, Settings: the form, with what suits this data and this machine already in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from core.studio import Studio, Suggestion
from ui import forms
from ui.new_run.draft import Draft
from ui.new_run.frame import SETTINGS, Answers, Frame, settled
from ui.page import Page


@dataclass(frozen=True)
class SettingsView:
    """The form, and the way back to what was suggested."""

    form: forms.Form
    reset: gr.Button
    suggestions: gr.State
    """The suggestions that the lines under the controls speak of: a tuple of ``Suggestion``."""

    @property
    def inputs(self) -> set[Component]:
        return self.form.inputs | {self.suggestions}

    @property
    def outputs(self) -> list[Component]:
        return [*self.form.outputs, self.suggestions]


def layout() -> SettingsView:
    """Draw the step."""
    gr.HTML(
        '<p class="nr-lead">Every setting is filled in with what suits your data and this machine. '
        "You can leave them all as they are.</p>",
        apply_default_css=False,
    )
    form = forms.draw()
    with gr.Row():
        reset = gr.Button("Back to the suggested values", size="sm", elem_id="settings-reset", elem_classes="nr-small")
    return SettingsView(form, reset, gr.State(()))


def enter(studio: Studio, view: SettingsView, draft: Draft) -> tuple[Draft, Answers]:
    """What the step shows when the walk comes to it: new suggestions, and what a person changed before."""
    config, suggestions = studio.complete(draft.plain(settings={}))
    draft = draft.with_suggestions(config)
    return draft, shown(view, draft, suggestions)


def shown(view: SettingsView, draft: Draft, suggestions: Sequence[Suggestion]) -> Answers:
    """The form for a draft, without complaints."""
    form = view.form
    return form.fill(draft.values) | form.remarks(draft.values, suggestions) | {view.suggestions: tuple(suggestions)}


def remarked(view: SettingsView, draft: Draft, answers: Answers) -> tuple[Draft, dict[str, str], Answers]:
    """Take the form: the draft, what is wrong by path (empty when all is well), and the lines that say so.

    What stands in the controls is left alone, because a person may be typing.
    """
    draft = draft.with_settings(view.form.read(answers))
    found = forms.problems(draft.plain(draft.values))
    remarks = view.form.remarks(draft.values, answers[view.suggestions], found)
    return draft, found, view.form.enable(draft.values) | remarks


def why_not(found: Mapping[str, str]) -> str:
    """Why the walk cannot go on from the settings, or an empty text."""
    if not found:
        return ""
    labels = {row.path: row.setting.label for row in forms.ROWS}
    elsewhere = [sentence for path, sentence in found.items() if path not in labels]
    named = [labels[path] for path in found if path in labels]
    return " ".join([*([f"Correct first: {', '.join(named)}."] if named else []), *elsewhere])


def wire(view: SettingsView, frame: Frame) -> None:
    """The form is looked at again after every change. The draft takes it on leaving."""

    def check(answers: Answers) -> Answers:
        _, found, remarks = remarked(view, answers[frame.draft], answers)
        return remarks | settled(frame.why[SETTINGS], why_not(found))

    def reset(answers: Answers) -> Answers:
        draft = answers[frame.draft].with_settings(view.form.read(answers)).reset()
        return {frame.why[SETTINGS]: ""} | shown(view, draft, answers[view.suggestions])

    inputs, outputs = {frame.draft} | view.inputs, [frame.why[SETTINGS], *view.outputs]
    Page.on(view.form.changes, check, inputs, outputs, progress="hidden", trigger_mode="always_last")
    Page.on(view.reset.click, reset, inputs, outputs, progress="hidden")
