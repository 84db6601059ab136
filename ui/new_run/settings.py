"""Step 5, Settings: the form, with what suits this data and this machine already in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from core.config import validate
from core.data.types import Finding
from core.errors import StudioError
from core.models.types import Note
from core.studio import Studio, Suggestion
from ui import forms, pieces
from ui.new_run.draft import Draft
from ui.new_run.frame import SETTINGS, Answers, Frame, settled
from ui.page import Page


@dataclass(frozen=True)
class SettingsView:
    """What will be done to texts and model, the form, and the way back to what was suggested."""

    notes: gr.HTML
    form: forms.Form
    reset: gr.Button
    suggestions: gr.State
    """The suggestions that the lines under the controls speak of: a tuple of ``Suggestion``."""

    @property
    def inputs(self) -> set[Component]:
        return self.form.inputs | {self.suggestions}

    @property
    def outputs(self) -> list[Component]:
        return [self.notes, *self.form.outputs, self.suggestions]


def layout() -> SettingsView:
    """Draw the step."""
    gr.HTML(
        '<p class="nr-lead">Every setting is filled in with what suits your data and this machine. '
        "You can leave them all as they are.</p>",
        apply_default_css=False,
    )
    form = forms.draw()
    notes = gr.HTML(apply_default_css=False, elem_id="settings-notes", min_height=40)
    with gr.Row():
        reset = gr.Button("Back to the suggested values", size="sm", elem_id="settings-reset", elem_classes="nr-small")
    return SettingsView(notes, form, reset, gr.State(()))


def enter(studio: Studio, view: SettingsView, draft: Draft) -> tuple[Draft, Answers]:
    """What the step shows when the walk comes to it: new suggestions, and what a person changed before."""
    config, suggestions = studio.complete(draft.plain(settings={}))
    draft = draft.with_suggestions(config)
    return draft, shown(view, draft, suggestions) | {view.notes: noted(studio, draft)}


def shown(view: SettingsView, draft: Draft, suggestions: Sequence[Suggestion]) -> Answers:
    """The form for a draft, without complaints."""
    form = view.form
    lines = form.remarks(draft.task, draft.values, suggestions)
    return form.fill(draft.task, draft.values) | lines | {view.suggestions: tuple(suggestions)}


def noted(studio: Studio, draft: Draft) -> str:
    """What will be done to long texts and to the model with these settings, as HTML."""
    try:
        return notes(studio.remarks(validate(draft.plain(draft.values))))
    except StudioError as exc:
        return pieces.message(exc.title, exc.advice, "nr-warning")


def notes(found: Sequence[Note]) -> str:
    """What will be done, in words, as HTML; empty when there is nothing to say."""
    said = [Finding("note", note.level, note.title, note.detail) for note in found]
    return pieces.card("What will be done to texts and model", pieces.findings(said))


def remarked(view: SettingsView, draft: Draft, answers: Answers) -> tuple[Draft, dict[str, str], Answers]:
    """Take the form: the draft, what is wrong by path (empty when all is well), and the lines that say so.

    What stands in the controls is left alone, because a person may be typing.
    """
    task = draft.task
    draft = draft.with_settings(view.form.read(task, answers))
    found = forms.problems(draft.plain(draft.values))
    remarks = view.form.remarks(task, draft.values, answers[view.suggestions], found)
    return draft, found, view.form.enable(task, draft.values) | remarks


def why_not(task: str, found: Mapping[str, str]) -> str:
    """Why the walk cannot go on from the settings, or an empty text."""
    if not found:
        return ""
    labels = {row.path: row.setting.label for row in forms.rows_of(task)}
    elsewhere = [sentence for path, sentence in found.items() if path not in labels]
    named = [labels[path] for path in found if path in labels]
    return " ".join([*([f"Correct first: {', '.join(named)}."] if named else []), *elsewhere])


def wire(view: SettingsView, frame: Frame, studio: Studio) -> None:
    """The form is looked at again after every change. The draft takes it on leaving."""

    def check(answers: Answers) -> Answers:
        draft, found, remarks = remarked(view, answers[frame.draft], answers)
        said = {} if found else {view.notes: noted(studio, draft)}
        return remarks | said | settled(frame.why[SETTINGS], why_not(draft.task, found))

    def reset(answers: Answers) -> Answers:
        draft: Draft = answers[frame.draft]
        draft = draft.with_settings(view.form.read(draft.task, answers)).reset()
        said = {frame.why[SETTINGS]: "", view.notes: noted(studio, draft)}
        return said | shown(view, draft, answers[view.suggestions])

    inputs, outputs = {frame.draft} | view.inputs, [frame.why[SETTINGS], *view.outputs]
    Page.on(view.form.changes, check, inputs, outputs, progress="hidden", trigger_mode="always_last")
    Page.on(view.reset.click, reset, inputs, outputs, progress="hidden")
