"""The playground on a run's page: type an input and see the answer, or give a whole table and get it back answered."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.components import Component

from core.data.formats import ACCEPTED
from core.errors import StudioError, explain
from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Task
from ui import pieces, widgets, words
from ui.page import Page, drawn_by, run_id

log = logging.getLogger(__name__)

EXAMPLES_SHOWN = 5
EXAMPLE_LENGTH = 90
LOADING = '<p class="nr-loading" role="status">Loading the model: the first answer takes a few seconds.</p>'
NOTICE_WHEN_SEEN = f"""
{drawn_by("names.js")}
new IntersectionObserver((entries, watcher) => {{
  if (entries.some((entry) => entry.isIntersecting)) {{ watcher.disconnect(); trigger("load"); }}
}}).observe(element);
"""


@dataclass(frozen=True)
class Group:
    """The inputs of one task, by role."""

    box: gr.Column
    inputs: dict[str, Component]


@dataclass(frozen=True)
class View:
    """A group of inputs a task, of which a run shows one, and what all tasks share."""

    seen: gr.HTML
    """Notices when the playground comes into sight: a run may get its model long after the page was opened."""
    groups: dict[str, Group]
    examples: gr.Radio
    ask: gr.Button
    answer: gr.HTML
    file: gr.File
    answered: gr.HTML

    @property
    def fields(self) -> list[Component]:
        return [component for group in self.groups.values() for component in group.inputs.values()]

    @property
    def boxes(self) -> list[Any]:
        return [group.box for group in self.groups.values()]


def layout() -> View:
    """Draw it: one text beside its answer, and below it the whole table."""
    with gr.Column(elem_classes="nr-card nr-try"):
        seen = gr.HTML('<h2 class="nr-h2">Try it</h2>', apply_default_css=False, js_on_load=NOTICE_WHEN_SEEN)
        with gr.Row(equal_height=False):
            with gr.Column(min_width=300):
                groups = {task.id: _group(task) for task in TASKS.values()}
                ask = gr.Button("Try it", variant="primary", elem_id="try-ask")
            with gr.Column(min_width=300):
                answer = gr.HTML(EMPTY, apply_default_css=False, elem_id="try-answer")
        examples = gr.Radio(
            [],
            label="Or take a row of the test part",
            visible=False,
            elem_classes="nr-chips",
            elem_id="try-examples",
        )
        with gr.Accordion("A whole table at once", open=False, elem_id="try-table"):
            file = gr.File(
                label=f"A file with the columns of the training table: {ACCEPTED}",
                height=150,
                elem_classes="nr-file",
            )
            answered = gr.HTML(apply_default_css=False, elem_id="try-answered", min_height=40)
    return View(seen, groups, examples, ask, answer, file, answered)


EMPTY = '<p class="nr-note">The answer appears here.</p>'


def _group(task: Task) -> Group:
    widgets.check(task)
    with gr.Column(visible=False) as box:
        inputs = {role.name: widgets.ask(role) for role in task.inputs}
    return Group(box, inputs)


def used_roles(studio: Studio, run: str) -> tuple[Task, list[str]]:
    """The task of a run, and the input roles it was trained with."""
    config = studio.config(run)
    task = TASKS[config.task]
    return task, [role.name for role in task.inputs if role.name in config.data.columns]


def answer(studio: Studio, run: str, inputs: Mapping[str, str]) -> str:
    """The model's answer as HTML, or what is missing, or what went wrong."""
    try:
        task, roles = used_roles(studio, run)
        given = {role: str(inputs.get(role) or "") for role in roles}
        if missing := [role for role in roles if not given[role].strip()]:
            return f'<p class="nr-problem" role="alert">{escape(_ask_for(task, missing))}</p>'
        found = studio.predict(run, given)
    except Exception as exc:
        return explained(exc)
    return f'<div role="status">{widgets.show(task.output)(found)}</div>'


def explained(exc: Exception) -> str:
    """A failure as HTML, for the place where the answer would stand. One that nobody foresaw goes to the log too."""
    if not isinstance(exc, StudioError):
        log.error("The model could not be asked", exc_info=exc)
    error = explain(exc)
    return pieces.message(error.title, error.advice)


def _ask_for(task: Task, roles: list[str]) -> str:
    return f"Type something first: {' and '.join(task.role(role).label.lower() for role in roles)}."


def example_rows(report: Mapping[str, Any] | None, roles: list[str]) -> list[dict[str, str]]:
    """A few inputs out of a report: rows of the test part, else the ones it got wrong."""
    found = (report or {}).get("examples") or (report or {}).get("mistakes") or []
    return [
        {role: str(row[role]) for role in roles} for row in found[:EXAMPLES_SHOWN] if all(role in row for role in roles)
    ]


def example_choices(rows: list[dict[str, str]]) -> list[tuple[str, int]]:
    """The rows as short lines to choose from."""
    lines = [" · ".join(row.values()) for row in rows]
    return [
        (line if len(line) <= EXAMPLE_LENGTH else f"{line[:EXAMPLE_LENGTH]}…", place)
        for place, line in enumerate(lines)
    ]


def describe_file(run: str, path: Path, reply: Mapping[str, Any]) -> str:
    """An answered table as HTML: how many rows, where to download it, and its first rows.

    ``reply`` is what ``core.prediction.files.predict_file`` returns.
    """
    address = f"./api/v1/runs/{quote(run)}/predictions/{quote(path.name)}"
    skipped = f" {words.plural(reply['skipped'], 'row')} had nothing to answer." if reply["skipped"] else ""
    unreadable = f" {words.plural(reply['unreadable'], 'row')} did not fit the header." if reply["unreadable"] else ""
    answered = words.plural(reply["rows"] - reply["skipped"], "row")
    done = pieces.tag("p", f"{answered} answered.{skipped}{unreadable}")
    link = f'<p><a class="nr-download" href="{address}" download>Download {escape(path.name)}</a></p>'
    # The answers stand in the last columns; they come first here, where a phone shows them.
    head = reply["head"]
    columns = [*reply["columns"], *(name for name in head[0] if name not in reply["columns"])]
    rows = ([row[name] for name in columns] for row in head)
    return done + link + pieces.table(columns, rows, "The first rows of the answered table", "nr-head")


def wire(view: View, studio: Studio) -> None:
    """What people ask of the model."""
    taken = _wire_inputs(view, studio)
    _wire_question(view, studio, taken)
    _wire_table(view, studio)


def _wire_inputs(view: View, studio: Studio) -> Any:
    """The inputs of the run's task, and rows of its test part to take. Returns the event of taking one."""

    def appear(request: gr.Request) -> list[Any]:
        try:
            task, roles = used_roles(studio, run_id(request))
        except StudioError:
            return [gr.skip() for _ in (*view.boxes, *view.fields)]  # the board says what is wrong with the address
        boxes = [gr.update(visible=name == task.id) for name in view.groups]
        # What is shown must be filled in, so that no label says "if there is one".
        labels = {role.name: role.label for role in task.inputs if role.name in roles}
        fields = [
            gr.update(visible=True, label=labels[role])
            if name == task.id and role in labels
            else gr.update(visible=False)
            for name, group in view.groups.items()
            for role in group.inputs
        ]
        return [*boxes, *fields]

    def offer(request: gr.Request) -> Any:
        studio.warm_up()
        _, roles = used_roles(studio, run_id(request))
        choices = example_choices(example_rows(studio.report(run_id(request)), roles))
        return gr.update(choices=choices, visible=bool(choices), value=None)

    def take(place: int | None, request: gr.Request) -> list[Any]:
        task, roles = used_roles(studio, run_id(request))
        rows = example_rows(studio.report(run_id(request)), roles)
        row = rows[place] if place is not None and place < len(rows) else {}
        return [
            gr.update(value=row[role]) if name == task.id and role in row else gr.skip()
            for name, group in view.groups.items()
            for role in group.inputs
        ]

    Page.on_load(appear, None, [*view.boxes, *view.fields])
    Page.on(view.seen.load, offer, None, view.examples, progress="hidden")
    return Page.on(view.examples.input, take, view.examples, view.fields, progress="hidden")


def _wire_question(view: View, studio: Studio, taken: Any) -> None:
    """One question; a row that was ``taken`` is asked about at once."""

    def ask(answers: dict[Component, Any], request: gr.Request) -> Iterator[str]:
        yield LOADING
        run = run_id(request)
        try:
            group = view.groups[used_roles(studio, run)[0].id]
        except Exception as exc:
            yield explained(exc)
        else:
            yield answer(studio, run, {role: answers[field] for role, field in group.inputs.items()})

    submits = [field.submit for field in view.fields if isinstance(field, gr.Textbox | gr.Number)]
    Page.on([view.ask.click, *submits], ask, set(view.fields), view.answer, progress="hidden")
    Page.on(taken.then, ask, set(view.fields), view.answer, progress="hidden")


def _wire_table(view: View, studio: Studio) -> None:
    """A whole table at once."""

    def fill(path: str | None, request: gr.Request, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        if path is None:
            return ""
        run = run_id(request)
        try:
            result, reply = studio.predict_file(run, Path(path), lambda done, say: progress(done, desc=say))
            return describe_file(run, result, reply)
        except Exception as exc:
            return explained(exc)

    Page.on([view.file.upload, view.file.clear], fill, view.file, view.answered, progress="full")


def build(studio: Studio) -> None:
    """The playground, laid out and wired, inside the run's page."""
    wire(layout(), studio)
