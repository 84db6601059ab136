"""The card “Judge it on other rows” of a run's page: what to judge, how far it is, and what was judged before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.data.accepted import ACCEPTED
from core.errors import RunError, StudioError
from core.studio import Studio
from core.tasks import TASKS
from ui import pieces
from ui.languages import tr
from ui.page import CHANGED, Page, drawn_by, run_id, sent
from ui.publish.elsewhere import WHEN_SEEN

LEAD = (
    "How good is it on last month's texts, or on those of another shop? Give rows with their right answers: the same "
    "report is made of them, beside the one of the run."
)
FILE, OTHER = "file", "run"
CHOICES = (
    ("A file of mine", FILE),
    ("The test part of another run", OTHER),
    ("The validation part", "validation"),
    ("The rows it learned from", "train"),
)
WORDS = {
    FILE: f"Best are rows that it has never seen. Those that it learned from are found and said. {ACCEPTED}.",
    OTHER: "To compare two models on the same rows. Rows that this model learned from are left out.",
    "validation": "These rows were used to choose the best version of the model, so they flatter it a little.",
    "train": "How much it remembers. Much better here than on the test part: it has learned by heart.",
}
SEATS = max(len(task.roles) for task in TASKS.values())
"""As many columns are asked for as any task has roles."""


@dataclass(frozen=True)
class View:
    """What is asked for, and the place where the script draws what was made."""

    seen: gr.HTML
    board: gr.HTML
    which: gr.Radio
    words: gr.HTML
    file: gr.File
    columns: gr.Accordion
    roles: list[gr.Dropdown]
    other: gr.Dropdown
    clean: gr.Checkbox
    name: gr.Textbox
    go: gr.Button

    @property
    def inputs(self) -> set[Component]:
        return {self.which, self.file, self.other, self.clean, self.name, *self.roles}


def layout() -> View:
    """Draw it."""
    with gr.Column(elem_classes="nr-card nr-try", elem_id="judge-again"):
        seen = gr.HTML(
            '<h2 class="nr-h2">Judge it on other rows</h2>' + pieces.tag("p", LEAD, "nr-note"),
            apply_default_css=False,
            js_on_load=WHEN_SEEN,
        )
        board = gr.HTML(
            '<div class="ja-board"></div>',
            apply_default_css=False,
            js_on_load=drawn_by("judge_again.js", "cancel", "remove"),
        )
        with gr.Accordion("Judge other rows", open=False, elem_id="judge-form"):
            which = gr.Radio(list(CHOICES), value=FILE, label="Which rows", elem_classes="nr-chips")
            words = gr.HTML(pieces.tag("p", WORDS[FILE], "nr-note"), apply_default_css=False)
            file = gr.File(label="A file with right answers", height=130, elem_classes="nr-file")
            with gr.Accordion("Which column is which", open=False, visible=False, elem_id="judge-columns") as columns:
                roles = [gr.Dropdown([], label="Column", visible=False) for _ in range(SEATS)]
            other = gr.Dropdown([], label="Run", visible=False, elem_id="judge-other")
            clean = gr.Checkbox(False, label="Leave out rows that it learned from", elem_id="judge-clean")
            name = gr.Textbox(
                label="Name (optional)",
                info="Its name in the list above, and before its marks in files: june makes june_f1_macro.",
                max_length=40,
                max_lines=1,
                elem_id="judge-name",
            )
            go = gr.Button("Judge", variant="primary", elem_id="judge-go")
    return View(seen, board, which, words, file, columns, roles, other, clean, name, go)


def others(studio: Studio, run: str) -> list[tuple[str, str]]:
    """(name, id) of the other runs of the same task, whose test rows can be judged too, newest first."""
    task = tr(TASKS[studio.config(run).task].title)
    return [(line.name, line.id) for line in studio.runs() if line.task == task and line.id != run and line.can_answer]


def asked(view: View, studio: Studio, run: str, answers: Mapping[Component, Any]) -> dict[str, Any]:
    """What is to be judged, as the fields say it. Raises ``RunError`` where something is not chosen yet."""
    which = answers[view.which]
    match which:
        case "file":
            if not answers[view.file]:
                raise RunError(tr("There is no file yet."), tr("Drop one into the field, or choose other rows."))
            chosen = zip(_roles(studio, run), view.roles, strict=False)
            columns = {role: answers[seat] for role, seat in chosen if answers[seat]}
            return {"file": str(answers[view.file]), "columns": columns, "without_known": bool(answers[view.clean])}
        case "run":
            if not answers[view.other]:
                raise RunError(tr("No run is chosen yet."), tr("Choose the one whose test rows you want."))
            return {"run": str(answers[view.other]), "part": "test"}
        case _:
            return {"part": which}


def _roles(studio: Studio, run: str) -> list[str]:
    """The roles that one column each plays in this run."""
    return [role for role, column in studio.config(run).data.columns.items() if isinstance(column, str)]


def seats(view: View, studio: Studio, run: str, path: str) -> dict[Any, Any]:
    """How the columns of a file are understood, to be changed."""
    config, found = studio.config(run), studio.understood(run, path)
    task, roles = TASKS[config.task], _roles(studio, run)
    shown: dict[Any, Any] = {view.columns: gr.update(visible=bool(roles), open=found.lacks)}
    for place, seat in enumerate(view.roles):
        if place >= len(roles):
            shown[seat] = gr.update(visible=False, value=None)
            continue
        taken = found.columns.get(roles[place])
        value = taken if isinstance(taken, str) and taken else None
        shown[seat] = gr.update(
            choices=list(found.names), value=value, label=task.role(roles[place]).label, visible=True
        )
    return shown


def wire(view: View, studio: Studio) -> None:
    """What people ask of it."""

    def appear(request: gr.Request) -> Any:
        try:
            found = others(studio, run_id(request))
        except StudioError:  # the board says what is wrong with the address
            return gr.skip()
        none = tr("Choose a run") if found else tr("There is no other run of this task with a model")
        return gr.update(choices=[(none, ""), *found], value="", interactive=bool(found))

    def choose(which: str) -> dict[Any, Any]:
        return {
            view.words: pieces.tag("p", WORDS[which], "nr-note"),
            view.file: gr.update(visible=which == FILE),
            view.columns: gr.update(visible=False),
            view.other: gr.update(visible=which == OTHER),
            view.clean: gr.update(visible=which == FILE),
        }

    def look(path: str | None, request: gr.Request) -> dict[Any, Any]:
        if path is None:
            return {view.columns: gr.update(visible=False), **{seat: gr.update(value=None) for seat in view.roles}}
        return seats(view, studio, run_id(request), path)

    def begin(answers: dict[Component, Any], request: gr.Request) -> Any:
        run = run_id(request)
        studio.begin_judging(run, asked(view, studio, run, answers), str(answers[view.name] or ""))
        return ""

    def cancel(request: gr.Request) -> None:
        studio.cancel_errand(run_id(request), "judge")

    def remove(event: gr.EventData, request: gr.Request) -> None:
        studio.delete_judgement(run_id(request), sent(event, "name"))

    Page.on(view.seen.load, appear, None, view.other, progress="hidden")
    fields: list[Any] = [view.words, view.file, view.columns, view.other, view.clean]
    Page.on(view.which.change, choose, view.which, fields, progress="hidden")
    Page.on([view.file.upload, view.file.clear], look, view.file, [view.columns, *view.roles], progress="hidden")
    begun = Page.on(view.go.click, begin, view.inputs, view.name, progress="hidden")
    Page.on(begun.then, None, js=CHANGED)
    Page.on_command(view.board, "cancel", cancel)
    Page.on_command(view.board, "remove", remove)


def build(studio: Studio) -> None:
    """The card, laid out and wired, inside the run's page."""
    wire(layout(), studio)
