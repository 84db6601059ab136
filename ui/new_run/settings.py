"""Step 5, Settings: the form, with what suits this data and this machine already in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core import presets
from core.config import RunConfig, validate
from core.data.types import Finding
from core.errors import StudioError
from core.models.types import Note
from core.schema import lacking
from core.studio import Studio, Suggestion
from ui import forms, pieces
from ui.forms.form import PRESET, SETTLED, UNDO
from ui.languages import told, tr
from ui.new_run import settings_files, settings_schedule, settings_words, watch
from ui.new_run.draft import WATCHED, Draft
from ui.new_run.frame import SETTINGS, Answers, Frame, settled
from ui.page import Page, sent
from ui.visitors import is_local


@dataclass(frozen=True)
class SettingsView:
    """What will be done to texts and model, the form, and the way back to what was suggested."""

    notes: gr.HTML
    form: forms.Form
    reset: gr.Button
    watched: watch.WatchView
    files: settings_files.FilesView
    suggestions: gr.State
    """The suggestions that the lines under the controls speak of: a tuple of ``Suggestion``."""

    @property
    def inputs(self) -> set[Component]:
        return self.form.inputs | {self.suggestions, self.watched.text}

    @property
    def outputs(self) -> list[Component]:
        return [
            self.notes,
            *self.form.outputs,
            self.suggestions,
            *self.watched.outputs,
            self.files.run,
            self.files.found,
        ]


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
    return SettingsView(notes, form, reset, watch.layout(), settings_files.layout(), gr.State(()))


def enter(studio: Studio, view: SettingsView, draft: Draft, local: bool) -> tuple[Draft, Answers]:
    """What the step shows when the walk comes to it: new suggestions, and what a person changed before."""
    config, suggestions = studio.complete(draft.plain(settings={}))
    draft = draft.with_suggestions(config)
    draft = draft.with_settings(forms.read(draft.task, None, draft.values, local))
    suggestions = [*suggestions, *draft.adjusted]
    shape = view.form.show(draft.task, draft.suggested, local, {"presets": _offered()})
    beside = watch.enter(view.watched, draft) | settings_files.enter(studio, view.files)
    return draft, shape | shown(studio, view, draft, suggestions) | beside


def shown(studio: Studio, view: SettingsView, draft: Draft, suggestions: Sequence[Suggestion]) -> Answers:
    """The values of a draft, and what stands under them, without complaints."""
    return (
        view.form.fill(draft.values)
        | said(studio, view, draft, suggestions, {})
        | {view.suggestions: tuple(suggestions), view.notes: noted(studio, draft)}
    )


def said(
    studio: Studio, view: SettingsView, draft: Draft, suggestions: Sequence[Suggestion], found: Mapping[str, str]
) -> Answers:
    """The lines under the controls. Where all is well, also what the values come to."""
    values = draft.values | _of_the_data(draft)
    suggestions = [one for one in suggestions if one not in draft.adjusted or draft.values.get(one.path) == one.value]
    effects: dict[str, str] = {}
    more: dict[str, Any] = {"preset": _preset(draft)}
    if not found:
        config = validate(draft.plain(draft.values))
        steps = _steps(studio, config)
        effects = settings_words.effects(config.training, steps)
        more["beside"] = {settings_schedule.PLACE: settings_schedule.picture(config.training, steps)}
    return view.form.remarks(draft.task, values, suggestions, found, effects, more, draft.adjusted)


def noted(studio: Studio, draft: Draft) -> str:
    """What will be done to long texts and to the model with these settings, as HTML."""
    try:
        return notes(studio.remarks(validate(draft.plain(draft.values))))
    except StudioError as exc:
        return pieces.message(exc.title, exc.advice, "nr-warning")


def _offered() -> list[dict[str, str]]:
    return [{"id": one.id, "title": told(one.title), "words": told(one.words)} for one in presets.PRESETS.values()]


def notes(found: Sequence[Note]) -> str:
    """What will be done, in words, as HTML; empty when there is nothing to say."""
    told = [Finding("note", note.level, note.title, note.detail) for note in found]
    return pieces.card(tr("What will be done to texts and model"), pieces.findings(told))


def remarked(
    studio: Studio, view: SettingsView, draft: Draft, answers: Answers, local: bool
) -> tuple[Draft, dict[str, str], Answers]:
    """Take the form: the draft, what is wrong by path (empty when all is well), and the lines that say so.

    What stands in the controls is left alone, because a person may be typing.
    """
    draft = draft.with_settings(view.form.read(draft.task, answers, draft.values, local))
    draft = watch.read(view.watched, draft, answers)
    found = forms.problems(draft.plain(draft.values)) or lacking(validate(draft.plain(draft.values)))
    found |= {WATCHED: f"{tr(watch.SETTING.label)}: {words}."} if (words := draft.why_not_watched) else {}
    return draft, found, said(studio, view, draft, answers[view.suggestions], found)


def why_not(task: str, found: Mapping[str, str]) -> str:
    """Why the walk cannot go on from the settings, or an empty text."""
    if not found:
        return ""
    labels = {row.path: tr(row.setting.label) for row in forms.rows_of(task)}
    elsewhere = [sentence for path, sentence in found.items() if path not in labels]
    named = [labels[path] for path in found if path in labels]
    return " ".join([*([tr("Correct first: {named}.", named=", ".join(named))] if named else []), *elsewhere])


def with_preset(studio: Studio, draft: Draft, preset: str) -> Draft:
    """The draft with a preset's changes, in place of an earlier one's; an unknown ``preset`` changes nothing.

    Raises ``StudioError`` where table or model cannot be read.
    """
    if preset not in presets.PRESETS:
        return draft
    draft = draft.without_preset()
    facts = presets.facts(studio, validate(draft.plain(draft.suggested)))
    return draft.with_preset(preset, presets.changes(preset, draft.values, draft.suggested, facts))


def _preset(draft: Draft) -> dict[str, Any] | None:
    """The preset that was chosen, for the script."""
    if not draft.preset:
        return None
    changes = settings_words.changed(draft.task, draft.before_preset, draft.adjusted)
    return {"id": draft.preset, "title": told(presets.PRESETS[draft.preset].title), "changes": changes}


def _of_the_data(draft: Draft) -> dict[str, Any]:
    """What settings may depend on beside each other."""
    return {"data.streaming": draft.more_data.get("streaming")}


def _steps(studio: Studio, config: RunConfig) -> int:
    """Steps of the run; 0 where that cannot be said."""
    try:
        return studio.estimate(config).steps
    except StudioError:
        return 0


def wire(view: SettingsView, frame: Frame, studio: Studio) -> None:
    """The form is looked at again after every change, and the draft takes what was changed."""

    def check(answers: Answers, request: gr.Request) -> Answers:
        draft, found, remarks = remarked(studio, view, answers[frame.draft], answers, is_local(request))
        noticed = {} if found else {view.notes: noted(studio, draft)}
        return remarks | noticed | settled(frame.why[SETTINGS], why_not(draft.task, found))

    def again(draft: Draft, answers: Answers) -> Answers:
        kept = [one for one in answers[view.suggestions] if one not in answers[frame.draft].adjusted]
        return {frame.draft: draft, frame.why[SETTINGS]: ""} | shown(studio, view, draft, [*kept, *draft.adjusted])

    def drafted(answers: Answers, request: gr.Request) -> Draft:
        draft: Draft = answers[frame.draft]
        draft = draft.with_settings(view.form.read(draft.task, answers, draft.values, is_local(request)))
        return watch.read(view.watched, draft, answers)

    def choose(answers: Answers, event: gr.EventData, request: gr.Request) -> Answers:
        return again(with_preset(studio, drafted(answers, request), sent(event, "id")), answers)

    def undo(answers: Answers, request: gr.Request) -> Answers:
        return again(drafted(answers, request).without_preset(), answers)

    def reset(answers: Answers, request: gr.Request) -> Answers:
        return again(drafted(answers, request).reset(), answers)

    inputs, outputs = {frame.draft} | view.inputs, [frame.why[SETTINGS], *view.outputs]
    event = view.form.event
    Page.on(event(SETTLED), check, inputs, outputs, progress="hidden", trigger_mode="always_last")
    changing = [frame.draft, *outputs]
    Page.on(event(PRESET), choose, inputs, changing, progress="hidden")
    Page.on(event(UNDO), undo, inputs, changing, progress="hidden")
    Page.on(view.reset.click, reset, inputs, changing, progress="hidden")
    watch.wire(view.watched, frame, studio)
    settings_files.wire(view.files, frame, view.inputs, studio, drafted)
