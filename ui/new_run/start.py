"""Step 6, Start: the run in words, what was decided and why, and the button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.components import Component

from core import space
from core.config import RunConfig, validate
from core.data.columns import in_words, several
from core.errors import RunError, StudioError
from core.figures import HOUR
from core.limits import shown
from core.models.types import Note
from core.people.quotas import DISK, HOURS, Use
from core.studio import Checkup, Estimate, Studio, Suggestion
from core.tasks import TASKS
from core.tasks.base import Task
from ui import forms, pieces, words
from ui.languages import told, tr
from ui.limits_words import used
from ui.new_run import renting
from ui.new_run.draft import Draft
from ui.new_run.frame import START, Frame, why_not
from ui.new_run.renting import RentingView
from ui.new_run.settings import notes
from ui.page import Page

GO = "(address) => { if (address) window.location.href = address }"
COMMAND = "python -m core.cli train run.yaml"


@dataclass(frozen=True)
class StartView:
    """The summary, the same run as a file, and where the browser goes next."""

    summary: gr.HTML
    renting: RentingView
    file: gr.Code
    address: gr.Textbox
    """The address of the run that was started. Never seen; a script reads it."""

    @property
    def outputs(self) -> list[Component]:
        return [self.summary, *self.renting.outputs, self.file]


def layout() -> StartView:
    """Draw the step."""
    summary = gr.HTML(apply_default_css=False, elem_id="start-summary", min_height=40)
    rented = renting.layout()
    with gr.Accordion("The same run from the command line", open=False, elem_id="start-yaml"):
        gr.HTML(f'<p class="nr-note">Save this as run.yaml, then: <code>{COMMAND}</code></p>', apply_default_css=False)
        file = gr.Code(language="yaml", interactive=False, show_label=False, lines=5, wrap_lines=True)
    address = gr.Textbox(visible="hidden", label="Address of the new run")
    return StartView(summary, rented, file, address)


def enter(studio: Studio, view: StartView, draft: Draft, suggestions: Sequence[Suggestion]) -> dict[Component, Any]:
    """What the step shows when the walk comes to it."""
    config = validate(draft.plain(draft.values))
    checkup, estimate = studio.checkup(config), studio.estimate(config)
    model = studio.describe(config.model.checkpoint).title
    remarks = [*space.before_start(), *studio.remarks(config)]
    return {
        view.summary: limits(studio.my_uses(), estimate, elsewhere=config.job.is_rented)
        + describe(config, draft, model, checkup, estimate, suggestions, remarks),
        view.file: config.to_yaml(),
        **renting.enter(studio, view.renting, draft, estimate.seconds),
    }


def begin(studio: Studio, draft: Draft, agreed: float | None = None) -> Draft:
    """Start the run of this draft; a draft that was started already gives the same run again. ``agreed``: the sum that
    was agreed to, for one on a rented machine.
    """
    if draft.run_id:
        return draft
    config = validate(draft.plain(draft.values))
    if config.job.is_rented and agreed is None:
        raise RunError(renting.not_agreed())
    return replace(draft, run_id=studio.start(config, agreed))


def address(run_id: str) -> str:
    """The run's page, relative to this one."""
    return f"run?id={quote(run_id)}"


def describe(
    config: RunConfig,
    draft: Draft,
    model: str,
    checkup: Checkup,
    estimate: Estimate,
    suggestions: Sequence[Suggestion],
    remarks: Sequence[Note] = (),
) -> str:
    """The whole run in words, as HTML."""
    task = TASKS[config.task]
    roles = [_chosen(task, role, column) for role, column in config.data.columns.items()]
    body = (
        f'<p class="nr-sentence">{sentence(checkup, estimate)}</p>'
        + (
            ""
            if estimate.fits
            else pieces.message(tr("This may not fit on this machine."), told(estimate.advice), "nr-warning")
        )
        + pieces.facts(
            [
                (tr("Task"), tr(task.title)),
                (tr("Table"), draft.title or config.data.source),
                (tr("Columns"), "; ".join(roles)),
                (tr("Changes to the table"), changes(config)),
                (tr("Model"), model),
                (tr("Chosen for this task"), "; ".join(own_choices(config))),
                (tr("Sentences to watch"), words.count(len(config.watch.sentences)) if config.watch.sentences else ""),
            ]
        )
        + f'<p class="nr-note">{escape(basis(estimate))}</p>'
    )
    why = pieces.reasons({**guessed(draft), **decided(config, suggestions)})
    ready = pieces.card(tr("Ready to start"), body, "nr-ready") + notes(remarks)
    return ready + pieces.card(tr("What was decided for you, and why"), why)


def limits(uses: Sequence[Use], estimate: Estimate, elsewhere: bool = False) -> str:
    """What the person uses of what they may, as HTML, with a warning where this run would come to the end of it; empty
    where one person has the app. ``elsewhere``: it takes no device of this machine.
    """
    if not uses:
        return ""
    said = pieces.prose(tr("Of what you may use: ") + " · ".join(used(use) for use in uses) + ".", "nr-note")
    left = {use.name: max(0.0, use.most - use.used) for use in uses}
    short = [
        words_
        for name, needed, words_ in (
            (
                HOURS,
                0.0 if elsewhere else estimate.seconds / HOUR,
                tr("It takes more time than you have left: it is stopped then, and its best model kept."),
            ),
            (
                DISK,
                estimate.disk_bytes,
                tr(
                    "It takes more disk space than you have left: no other run can be started and "
                    "no file brought until you delete something."
                ),
            ),
        )
        if needed > left[name]
    ]
    warnings = [pieces.message(tr("This run comes to one of your limits."), one, "nr-warning") for one in short]
    return f'<div class="nr-limits">{said}{"".join(warnings)}</div>'


def changes(config: RunConfig, most: int = 5) -> str:
    """What is changed of the table each time it is read, in words; empty where nothing is."""
    said = [told(step.words).replace("`", "") for step in config.data.steps]
    first = "; ".join(said[:most])
    return tr("{changes}; and {count} more", changes=first, count=len(said) - most) if len(said) > most else first


def own_choices(config: RunConfig) -> list[str]:
    """The task's own settings that are not as they come, in words."""
    values = forms.values_from(config)
    return [
        tr("{name}: {value}", name=tr(row.setting.label), value=told(shown(row, values[row.path])))
        for row in forms.own_rows(config.task)
        if values[row.path] != row.default and forms.applies(row, values)
    ]


def sentence(checkup: Checkup, estimate: Estimate) -> str:
    """``About 4 minutes on this machine; needs 1.1 GB; 10,202 examples to learn from, …`` as HTML."""
    time = words.about(estimate.seconds)
    gaps = {"time": time[:1].upper() + time[1:], "memory": words.size(estimate.memory_bytes)}
    parts = checkup.parts
    if parts is None:
        return _bold(tr("{time} on this machine; needs {memory} of memory."), gaps)
    gaps |= {
        "examples": words.plural(parts.train, "example"),
        "check": words.count(parts.validation),
        "kept": words.count(parts.test),
    }
    said = tr(
        "{time} on this machine; needs {memory} of memory; {examples} to learn from, {check} to check, {kept} kept "
        "aside for the final mark."
    )
    return _bold(said, gaps)


def _bold(said: str, gaps: Mapping[str, str]) -> str:
    """A text whose gaps are filled with what stands out, as HTML."""
    said = escape(said)
    for name, value in gaps.items():
        said = said.replace(f"{{{name}}}", f"<b>{escape(value)}</b>")
    return said


def basis(estimate: Estimate) -> str:
    """Where the numbers come from, and what else the run takes."""
    return (
        tr(
            "{basis} {steps} in all; while it trains it takes up to {disk_bytes} of disk space, and {kept_bytes} "
            "once it is done.",
            basis=estimate.basis,
            steps=words.plural(estimate.steps, "step"),
            disk_bytes=words.size(estimate.disk_bytes),
            kept_bytes=words.size(estimate.kept_bytes),
        )
    ).strip()


def _chosen(task: Task, role: str, column: str | tuple[str, ...]) -> str:
    return tr("{name}: {value}", name=tr(task.role(role).label), value=in_words(column))


def guessed(draft: Draft) -> dict[str, str]:
    """Columns that were guessed and still play their role, each with its reason."""
    guess = draft.guess_for(draft.task)
    if guess is None:
        return {}
    return {
        _chosen(TASKS[draft.task], role, column): told(guess.reasons.get(role, ""))
        for role, column in draft.columns.items()
        if several(guess.columns.get(role)) == several(column)
    }


def decided(config: RunConfig, suggestions: Sequence[Suggestion]) -> Mapping[str, str]:
    """Choices that were made by the app and still stand, in words, each with its reason."""
    values = forms.values_from(config)
    lines: dict[str, str] = {}
    for row in forms.rows_of(config.task):
        for suggestion in suggestions:
            if suggestion.path == row.path and values[row.path] == suggestion.value and forms.applies(row, values):
                lines[f"{tr(row.setting.label)} {told(shown(row, suggestion.value))}"] = told(suggestion.reason)
    return lines


def wire(view: StartView, frame: Frame, studio: Studio) -> None:
    """The button starts the run once, and the browser goes to the run's page."""

    def press(draft: Draft, ticked: bool, most: float | None) -> tuple[Draft, str, str]:
        try:
            started = begin(studio, draft, renting.agreed(draft, ticked, most))
        except StudioError as exc:
            return draft, "", why_not(str(exc))
        return started, address(started.run_id), ""

    renting.wire(view.renting, frame, studio)
    asked: list[Component] = [frame.draft, view.renting.agree, view.renting.most]
    outputs = [frame.draft, view.address, frame.why[START]]
    begun = Page.on(frame.next[START].click, press, asked, outputs, concurrency_limit=1)
    Page.on(begun.then, None, view.address, js=GO)
