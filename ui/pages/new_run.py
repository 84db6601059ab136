"""The page of a new run, at ``/new``: six steps from a table to a start. Every default may be accepted.

``new?sample=ID`` opens a sample, ``new?source=SOURCE`` a table that was given before, ``new?from=RUN`` a copy of a run;
``&model=NAME`` starts from that model, ``new?model_of=RUN`` from what a run has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from core.errors import ConfigError, StudioError
from core.studio import Studio
from core.tasks import TASKS
from ui import demo_words
from ui.languages import tr
from ui.new_run import check, columns, data, from_files, model, model_choosing, settings, settings_files, start
from ui.new_run.asked import Asked, of_draft, of_model, of_query, of_run
from ui.new_run.draft import Draft
from ui.new_run.frame import CHECK, COLUMNS, DATA, MODEL, SETTINGS, START, STEPS, Answers, Frame, buttons, why_not
from ui.new_run.look import step as look
from ui.page import Page, drawn_by
from ui.visitors import is_local

INTRODUCTION = "From a table to a trained model in six steps. Everything is filled in for you; change what you want to."
COPIED = "A copy of “{name}”: everything is filled in as it was. Change what you want to."
LEARNED = "It starts from what “{name}” has learned. Bring the table that it is to learn from now."
BROUGHT = "As “{name}” says: everything is filled in. Go through the steps, and change what you want to."
OWN_CODE = "“{name}” was made with program code of its own, which no page may run."
ONLY_THERE = "Use it again from the command line: python -m core.cli train"
STYLE = '<link rel="stylesheet" href="./tunesmith/new_run.css">'
TO_THE_TOP = "() => document.getElementById('walk').scrollIntoView({ block: 'nearest' })"


@dataclass(frozen=True)
class View:
    """The words under the heading, what the steps share, and the steps."""

    introduction: gr.HTML
    frame: Frame
    data: data.DataView
    bring: gr.UploadButton
    """On the first step, too, a file of settings can be brought."""
    columns: columns.ColumnsView
    check: look.CheckView
    model: model.ModelView
    settings: settings.SettingsView
    start: start.StartView


def layout(studio: Studio) -> View:
    """The heading and the six steps."""
    back: dict[int, gr.Button] = {}
    forward: dict[int, gr.Button] = {}
    why: dict[int, gr.HTML] = {}
    views: dict[int, Any] = {}
    draw: dict[int, Callable[[], Any]] = {
        DATA: partial(data.layout, studio.samples(), studio.is_demo),
        COLUMNS: columns.layout,
        CHECK: look.layout,
        MODEL: model.layout,
        SETTINGS: settings.layout,
        START: start.layout,
    }
    with gr.Column(elem_classes="ts-page nr-page"):
        heading = f'<h1 data-steps="{"|".join(STEPS.values())}">New run</h1>'
        gr.HTML(heading, apply_default_css=False, head=STYLE, js_on_load=drawn_by("names.js"))
        introduction = gr.HTML(lead(INTRODUCTION), apply_default_css=False)
        if studio.is_demo:
            gr.HTML(demo_words.beforehand(), apply_default_css=False)
        draft, address = gr.State(Draft()), gr.Textbox(visible="hidden", label="Address of this page")
        with gr.Walkthrough(selected=DATA, elem_id="walk") as walk:
            for step, title in STEPS.items():
                with gr.Step(title, id=step, elem_id=f"walk-{step}"):
                    views[step] = draw[step]()
                    if step == DATA:
                        bring = settings_files.layout_first()
                    back[step], forward[step], why[step] = buttons(step)
    frame = Frame(draft, address, walk, back, forward, why)
    return View(introduction, frame, views.pop(DATA), bring, *views.values())


def lead(sentence: str) -> str:
    """The words under the heading."""
    return f'<p class="nr-lead">{escape(sentence)}</p>'


def leave(studio: Studio, view: View, step: int, answers: Answers, local: bool) -> tuple[Draft, str, Answers]:
    """Take what stands on a step: the draft, why the walk cannot go on (empty when it can), and updates of the step."""
    draft: Draft = answers[view.frame.draft]
    if step == DATA:
        return draft, draft.why_not_data(), {}
    if step == COLUMNS:
        draft = columns.read(view.columns, draft, answers)
        examined = check.examine(studio, draft)
        return draft, examined.why_not, columns.shown_check(view.columns, examined)
    if step == CHECK:
        return draft, *look.leave(studio, view.check, draft, answers[view.check.seen])
    if step == MODEL:
        chosen = model.read(view.model, draft, answers)
        found = model.about(studio, chosen, local, answers[view.model.looked])
        # What may not be named never reaches the draft: the steps after this one read it without asking again.
        draft = chosen if model.may_name(chosen.checkpoint, local) else draft
        return draft, found.why_not, model.shown(view.model, found)
    draft, wrong, remarks = settings.remarked(studio, view.settings, draft, answers, local)
    return draft, settings.why_not(draft.task, wrong), remarks


def enter(studio: Studio, view: View, step: int, draft: Draft, answers: Answers, local: bool) -> tuple[Draft, Answers]:
    """What a step shows when the walk comes to it."""
    if step == COLUMNS:
        return draft, columns.enter(studio, view.columns, draft)
    if step == CHECK:
        return look.enter(studio, view.check, draft)
    if step == MODEL:
        studio.warm_up()  # the data is in order: a start is near, and a worker takes seconds to get ready
        draft = model.settle(studio, draft)
        return draft, model.enter(studio, view.model, draft, local)
    if step == SETTINGS:
        return settings.enter(studio, view.settings, draft, local)
    draft = replace(draft, run_id="")
    return draft, start.enter(studio, view.start, draft, answers[view.settings.suggestions])


def forward(studio: Studio, view: View, step: int, answers: Answers, local: bool) -> Answers:
    """Go on from ``step`` where it is in order; otherwise stay, and say why.

    ``local`` says whether the visitor sits in front of this machine, and so may name its folders.
    """
    draft, reason, updates = leave(studio, view, step, answers, local)
    if not reason:
        try:
            draft, entered = enter(studio, view, step + 1, draft, answers, local)
        except StudioError as exc:
            reason = str(exc)
        else:
            updates |= entered | {view.frame.walk: gr.Walkthrough(selected=step + 1), view.frame.why[step + 1]: ""}
    return updates | {view.frame.draft: draft, view.frame.why[step]: why_not(reason)}


def opening(studio: Studio, query: Mapping[str, str], local: bool) -> tuple[Draft, Asked | None, str]:
    """The draft, the table to look at and the words under the heading for the page's address."""
    if run := query.get("from"):
        config, name = studio.config(run), studio.summary(run).name
        if config.custom.is_used or config.distribution.launcher or config.task not in TASKS:
            place = str(studio.folder(run) / "config.yaml") if local else "config.yaml"
            raise ConfigError(OWN_CODE.format(name=name), f"{tr(ONLY_THERE)} {place}")
        copied = Draft.of(config)
        return (
            copied,
            of_draft(copied),
            COPIED.format(name=name),
        )
    named = of_run(studio, query["model_of"]) if query.get("model_of") else of_model(query)
    draft = named if model.may_name(named.checkpoint, local) else Draft()
    words = LEARNED.format(name=studio.summary(query["model_of"]).name) if query.get("model_of") else tr(INTRODUCTION)
    if sample := query.get("sample"):
        return draft, Asked(from_files.sample_source(studio, sample)), words
    asked = of_query(query)
    return draft, asked if asked and from_files.may_ask(studio, asked, local) else None, words


def wire(view: View, studio: Studio) -> None:
    """What people do on the page, step by step."""
    _wire_opening(view, studio)
    data.wire(view.data, view.frame, studio)
    columns.wire(view.columns, view.frame, studio)
    closer = look.wire(view.check, view.frame, studio)
    asks = model_choosing.wire(view.model, view.frame, studio)
    settings.wire(view.settings, view.frame, studio)
    _wire_walk(view, studio, closer, asks)
    start.wire(view.start, view.frame, studio)


def _wire_opening(view: View, studio: Studio) -> None:
    frame = view.frame

    def open_page(request: gr.Request) -> Iterator[Answers]:
        local = is_local(request)
        yield {view.data.files.here: gr.update(visible=local)}
        studio.warm_up()
        draft, asked, introduction = opening(studio, request.query_params, local)
        if asked is None:
            yield {frame.draft: draft, view.introduction: lead(introduction)}
        else:
            yield {view.introduction: lead(introduction)}
            yield from data.opened(studio, view.data, frame, draft, asked, request.session_hash)

    shown: list[Any] = [frame.draft, frame.address, frame.why[DATA], view.introduction]
    Page.on_load(open_page, None, [*shown, *view.data.opened, *view.data.outputs])
    for button in (view.bring, view.settings.files.bring):
        _wire_bringing(view, studio, button, [*shown, frame.walk, *view.data.opened, *view.data.outputs])


def _wire_bringing(view: View, studio: Studio, button: gr.UploadButton, shown: list[Any]) -> None:
    """A file of settings fills in all steps, and the walk begins anew."""
    frame = view.frame

    def bring(path: str, request: gr.Request) -> Iterator[Answers]:
        draft = settings_files.draft_of(studio, Path(path), is_local(request))
        asked = of_draft(draft)
        yield {view.introduction: lead(BROUGHT.format(name=Path(path).name)), frame.walk: gr.Walkthrough(selected=DATA)}
        yield from data.opened(studio, view.data, frame, draft, asked, request.session_hash)

    brought = Page.on(button.upload, bring, button, shown)
    Page.on(brought.then, None, frame.address, js=data.SHOW)


def _wire_walk(view: View, studio: Studio, closer: look.Closer, asks: model_choosing.Asks) -> None:
    frame = view.frame
    inputs: dict[int, set[Component]] = {
        DATA: set(),
        COLUMNS: view.columns.inputs,
        CHECK: {view.check.seen},
        MODEL: view.model.inputs,
        SETTINGS: view.settings.inputs,
    }
    outputs: dict[int, list[Component]] = {
        DATA: [],
        COLUMNS: view.columns.outputs,
        CHECK: view.check.outputs,
        MODEL: view.model.outputs,
        SETTINGS: view.settings.outputs,
        START: view.start.outputs,
    }

    def go_on(step: int) -> Callable[..., Answers]:
        def press(answers: Answers, request: gr.Request) -> Answers:
            return forward(studio, view, step, answers, is_local(request))

        return press

    for step in (DATA, COLUMNS, CHECK, MODEL, SETTINGS):
        shown: list[Any] = [
            frame.draft,
            frame.walk,
            frame.why[step],
            frame.why[step + 1],
            *outputs[step],
            *outputs[step + 1],
        ]
        gone = Page.on(frame.next[step].click, go_on(step), {frame.draft} | inputs[step], shown)
        Page.on(gone.then, None, js=TO_THE_TOP)
        if step == COLUMNS:
            closer.follows(gone)
        if step == CHECK:
            asks(gone)
        Page.on(frame.back[step + 1].click, partial(gr.Walkthrough, selected=step), None, frame.walk, progress="hidden")
    closer.ends_with(view.check.desk.__getattr__("change"), frame.back[CHECK].click, frame.next[CHECK].click)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(studio), studio)


PAGE = Page(title="New run", path="new", build=build, nav="New run")
