"""The run that is being set up as a file: to take away, to bring along, to hold against another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from core.comparing import Difference, differences
from core.config import RunConfig, load, validate
from core.data.joined import named_files
from core.errors import ConfigError, RunError, StudioError
from core.studio import Studio
from core.tasks import TASKS
from ui import forms, pieces
from ui.languages import told, tr
from ui.new_run import from_files, model
from ui.new_run.draft import Draft
from ui.new_run.frame import Answers, Frame
from ui.page import Page, warn

LARGEST = 1_000_000
"""Bytes. A file of settings has a few thousand."""
ENDINGS = [".yaml", ".yml"]
NONE = ""
RUNS = 200
"""So many runs, the newest, can be compared with."""
SAVE = (
    "(text) => { if (!text) return; const link = document.createElement('a');"
    " link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' })); link.download = 'run.yaml';"
    " link.click(); setTimeout(() => URL.revokeObjectURL(link.href), 1000); }"
)
BRING = "Have the settings of a run as a file (run.yaml)? It fills in all steps."
COMPARE = '<p class="nr-note">Or hold these settings against those of another run: only what differs is shown.</p>'


@dataclass(frozen=True)
class FilesView:
    """The way out, the way in, and what these settings are compared with."""

    save: gr.Button
    text: gr.Textbox
    """The file's text on its way into the browser. Never seen; a script saves it."""
    bring: gr.UploadButton
    run: gr.Dropdown
    other: gr.UploadButton
    found: gr.HTML


def layout_bring(name: str) -> gr.UploadButton:
    """The button that takes a file of settings."""
    return gr.UploadButton(
        "Use a settings file",
        file_types=ENDINGS,
        size="sm",
        elem_id=f"{name}-bring",
        elem_classes="nr-small",
    )


def layout_first() -> gr.UploadButton:
    """The same on the first step, with what it is for."""
    with gr.Accordion("Or begin with a settings file", open=False, elem_classes="nr-further", elem_id="data-settings"):
        gr.HTML(f'<p class="nr-note">{escape(BRING)}</p>', apply_default_css=False)
        return layout_bring("data")


def layout() -> FilesView:
    """Draw the part under the form."""
    with gr.Accordion("These settings as a file", open=False, elem_classes="nr-further", elem_id="settings-files"):
        with gr.Row():
            save = gr.Button("Save as run.yaml", size="sm", elem_id="settings-save", elem_classes="nr-small")
            bring = layout_bring("settings")
        gr.HTML(COMPARE, apply_default_css=False)
        with gr.Row(equal_height=False):
            run = gr.Dropdown([("choose a run", NONE)], value=NONE, label="Compare with a run", elem_id="settings-run")
            other = gr.UploadButton(
                "Compare with a file", file_types=ENDINGS, size="sm", elem_id="settings-other", elem_classes="nr-small"
            )
        found = gr.HTML(apply_default_css=False, elem_id="settings-differences")
        text = gr.Textbox(visible="hidden", label="These settings")
    return FilesView(save, text, bring, run, other, found)


def enter(studio: Studio, view: FilesView) -> Answers:
    """The runs that there are."""
    runs = [(f"{one.name} ({one.id})", one.id) for one in studio.runs()[:RUNS]]
    return {view.run: gr.update(choices=[(tr("choose a run"), NONE), *runs], value=NONE), view.found: ""}


def opened(path: Path) -> tuple[RunConfig, dict[str, Any]]:
    """The config in a file that was brought, and what the file itself says of it.

    Raises ``ConfigError``, which names the file as the person does.
    """
    name = path.name
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(
                tr("“{name}” is too large for a file of settings.", name=name), tr("Bring the run.yaml of a run.")
            )
        data = load(path)
        task = data.get("task")
        if isinstance(task, str) and task not in TASKS:
            # A task's import path is a program, and no page runs those.
            raise ConfigError(
                tr("“{name}” is for a task that is not here.", name=name),
                tr("The tasks are: {tasks}.", tasks=", ".join(TASKS)),
            )
        config = validate(data)
    except ConfigError as exc:
        raise ConfigError(exc.title.replace(str(path), f"“{name}”"), exc.advice, field=exc.field) from exc
    except RecursionError as exc:
        raise ConfigError(
            tr("“{name}” is not a readable YAML file.", name=name), tr("Its lists are nested too deeply.")
        ) from exc
    if config.custom.is_used or config.ensemble.is_used or config.distribution.launcher:
        raise ConfigError(
            tr("“{name}” is for a run that no page can start.", name=name), tr("Use it from the command line.")
        )
    return config, data


def draft_of(studio: Studio, path: Path, local: bool) -> Draft:
    """The draft that a file fills in; what it leaves out will be suggested.

    Raises ``ConfigError`` for what cannot be, or what this visitor may not name.
    """
    config, data = opened(path)
    draft = Draft.of(config)
    draft = draft.with_settings({name: value for name, value in draft.values.items() if _says(data, name)})
    if not _may_open(studio, config, local):
        raise ConfigError(
            tr("This file names a table on this machine."), tr("Upload the table itself, then set it up here.")
        )
    if not model.may_name(draft.checkpoint, local):
        raise ConfigError(model.NOT_HERE, tr("Name a model of the Hugging Face Hub in the file instead."))
    allowed = {row.path for row in forms.rows_for(config.task, local)}
    for row in forms.rows_of(config.task):
        if row.path not in allowed and draft.values.get(row.path, row.default) != row.default:
            raise ConfigError(forms.why_closed(row), tr("Take {path} out of the file.", path=row.path), field=row.path)
    return draft


def _may_open(studio: Studio, config: RunConfig, local: bool) -> bool:
    """Whether a visitor may name all tables of a config. Those beside it are looked for only if the first is theirs."""
    if not from_files.may_open(studio, config.data.source, local):
        return False
    return all(from_files.may_open(studio, origin.source, local) for _, origin in named_files(config.data))


def _says(data: Any, path: str) -> bool:
    """Whether a file says anything of a setting."""
    for name in path.split("."):
        if not isinstance(data, dict) or name not in data:
            return False
        data = data[name]
    return True


def table(found: Sequence[Difference], other: str) -> str:
    """The differences, as HTML."""
    if not found:
        same = tr("Nothing differs from {other}.", other=other)
        return f'<p class="nr-note" role="status">{escape(same)}</p>'
    rows = [(told(one.label), one.path, told(one.first), told(one.second)) for one in found]
    return pieces.table(
        (tr("Setting"), tr("Name"), tr("Here"), other[:1].upper() + other[1:]),
        rows,
        tr("What differs from {other}", other=other),
    )


def wire(view: FilesView, frame: Frame, asked: set[Any], studio: Studio, drafted: Callable[..., Draft]) -> None:
    """Save, and compare. ``drafted`` makes of the answers to ``asked`` and the request the draft as the step stands."""

    def present(answers: Answers, request: gr.Request) -> RunConfig:
        draft = drafted(answers, request)
        return validate(draft.plain(draft.values))

    def save(answers: Answers, request: gr.Request) -> str:
        try:
            return present(answers, request).to_yaml()
        except StudioError as exc:
            warn(exc)
            return ""

    def against(answers: Answers, request: gr.Request, other: Callable[[], tuple[RunConfig, str]]) -> str:
        try:
            config, name = other()
            return table(differences(present(answers, request), config), name)
        except StudioError as exc:
            return pieces.message(exc.title, exc.advice)

    def with_run(answers: Answers, request: gr.Request) -> str:
        run = answers[view.run]
        if not run:
            return ""
        return against(answers, request, lambda: (studio.config(run), f"“{_name(studio, run)}”"))

    def with_file(answers: Answers, request: gr.Request) -> str:
        path = Path(answers[view.other])
        return against(answers, request, lambda: (opened(path)[0], f"“{path.name}”"))

    inputs: set[Any] = {frame.draft} | asked
    saved = Page.on(view.save.click, save, inputs, view.text)
    Page.on(saved.then, None, view.text, js=SAVE)
    Page.on(view.run.input, with_run, inputs | {view.run}, view.found)
    Page.on(view.other.upload, with_file, inputs | {view.other}, view.found)


def _name(studio: Studio, run: str) -> str:
    try:
        return studio.summary(run).name
    except RunError:
        return run
