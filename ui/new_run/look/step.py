"""Step 3, Check: its components, and what people do there. All that is decided goes into the draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from core.data.browse import Wanted
from core.data.types import Finding
from core.errors import ConfigError, DataError, StudioError
from core.studio import Studio
from ui import pieces
from ui.languages import tr
from ui.new_run import check
from ui.new_run.draft import Draft
from ui.new_run.frame import CHECK, Answers, Frame
from ui.new_run.look import acts, changes, classes, findings, rows
from ui.new_run.look.seen import Seen, facts, part_choices, watch
from ui.page import Page, drawn_by, sent, warn

DONE = "() => document.dispatchEvent(new Event('tunesmith:looked'))"
EVERY = "All"


@dataclass(frozen=True)
class CheckView:
    """The data check, the classes, the lengths, the rows with their filter, and what was done last."""

    desk: gr.HTML
    """Never seen; its script hears every click on a button of the step."""
    progress: gr.HTML
    account: gr.HTML
    found: gr.HTML
    steps: gr.HTML
    classes: gr.HTML
    lengths: gr.HTML
    search: gr.Textbox
    label: gr.Dropdown
    part: gr.Dropdown
    changed: gr.Checkbox
    only: gr.HTML
    rows: gr.HTML
    done: gr.HTML
    seen: gr.State

    @property
    def filters(self) -> list[Any]:
        return [self.search, self.label, self.part, self.changed]

    @property
    def outputs(self) -> list[Any]:
        drawn = [self.progress, self.account, self.found, self.steps, self.classes, self.lengths]
        return [*drawn, *self.looked, self.done]

    @property
    def looked(self) -> list[Any]:
        """What another look at the rows changes."""
        return [*self.filters, self.only, self.rows, self.seen]

    @property
    def streamed(self) -> list[Any]:
        """What changes while the check goes on."""
        return [self.progress, self.found, self.lengths, self.seen]


def layout() -> CheckView:
    """Draw the step."""

    def html(name: str) -> gr.HTML:
        return gr.HTML(apply_default_css=False, elem_id=f"check-{name}", elem_classes="nr-part")

    desk = gr.HTML(
        "<div></div>", apply_default_css=False, elem_classes="nr-desk", js_on_load=drawn_by("look.js", "change", "look")
    )
    progress = html("progress")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300, scale=6):
            account, steps, found = html("account"), html("steps"), html("found")
        with gr.Column(min_width=300, scale=5):
            kinds, lengths = html("classes"), html("lengths")
    with gr.Column(elem_classes="nr-card", elem_id="check-table"):
        gr.HTML('<h2 class="nr-h2">The rows</h2>', apply_default_css=False)
        with gr.Row(elem_classes="nr-filter"):
            search = gr.Textbox(
                label="Search", placeholder="Words in a row", max_lines=1, min_width=160, elem_id="check-search"
            )
            label = gr.Dropdown([(EVERY, "")], value="", label="Class", min_width=140, elem_id="check-label")
            part = gr.Dropdown(part_choices(), value="", label="Where it goes", min_width=140, elem_id="check-part")
            changed = gr.Checkbox(label="Only changed rows", min_width=140, elem_id="check-changed")
        only, table = html("only"), html("rows")
    done = html("done")
    return CheckView(
        desk,
        progress,
        account,
        found,
        steps,
        kinds,
        lengths,
        search,
        label,
        part,
        changed,
        only,
        table,
        done,
        gr.State(Seen()),
    )


def enter(studio: Studio, view: CheckView, draft: Draft) -> tuple[Draft, Answers]:
    """What the step shows when the walk comes to it: all that is known at once. ``watch`` tells what takes longer."""
    return draft, drawn(studio, view, draft, Seen(is_open=True)) | {view.done: ""}


def drawn(studio: Studio, view: CheckView, draft: Draft, seen: Seen) -> Answers:
    """Everything anew, as after a change of the table. The closer look begins again."""
    seen = replace(seen, of=facts(draft), findings=(), row=None)
    updates: Answers = {view.steps: changes.listed(draft), view.progress: findings.progress(None, 0)}
    try:
        config = check.config_of(draft)
        checkup = studio.checkup(config)
        kinds = studio.class_rows(config)
    except StudioError as exc:
        nothing = {
            view.account: "",
            view.classes: "",
            view.lengths: "",
            view.rows: "",
            view.only: "",
            view.progress: "",
        }
        return updates | nothing | {view.found: pieces.message(exc.title, exc.advice), view.seen: seen}
    seen = replace(seen, findings=checkup.findings)
    labels = [name for name, _ in checkup.labels] if kinds.samples else []
    seen = seen if seen.wanted.label in labels else replace(seen, wanted=replace(seen.wanted, label=""))
    shown: Answers = {
        view.account: findings.account(checkup),
        view.found: findings.listed(draft, checkup.findings, through=checkup.parts is None),
        view.classes: classes.drawn(draft, checkup, kinds),
        view.label: gr.update(choices=[(tr(EVERY), ""), *((name, name) for name in labels)], visible=bool(labels)),
    }
    shown[view.label]["value"] = seen.wanted.label
    if checkup.parts is None:
        shown |= {view.lengths: "", view.progress: ""}
    return updates | shown | looked(studio, view, draft, seen)


def looked(studio: Studio, view: CheckView, draft: Draft, seen: Seen) -> Answers:
    """The rows that are looked at, and above them why not all are."""
    config = check.config_of(draft)
    page = studio.rows(config, seen.wanted, seen.start, rows.PAGE)
    opened = studio.row(config, *seen.row) if seen.row else None
    kinds = studio.class_rows(config)
    labels = list(studio.labels(config)) if kinds.column and not kinds.lists else []
    focus = rows.name_of(*seen.focus) if seen.focus else ""
    return {
        view.rows: rows.drawn(page, opened, labels, kinds.column, focus),
        view.only: seen.only,
        view.seen: replace(seen, start=page.start, focus=None),
    }


def leave(studio: Studio, view: CheckView, draft: Draft, seen: Seen) -> tuple[str, Answers]:
    """Why the walk cannot go on (empty when it can): an error stands."""
    try:
        blocks = studio.checkup(check.config_of(draft)).blocks
    except StudioError as exc:
        return exc.title, {}
    blocks = blocks or (seen.of == facts(draft) and any(one.severity == "error" for one in seen.findings))
    return (check.BLOCKED, {}) if blocks else ("", {view.seen: replace(seen, is_open=False), view.done: ""})


# --- What people do --------------------------------------------------------------------------------------------------


def change(studio: Studio, view: CheckView, frame: Frame, answers: Answers, event: gr.EventData) -> Answers:
    """Do what a button says. Where the table cannot be read with it, it is not done, and the reason is said."""
    draft, seen, name = answers[frame.draft], answers[view.seen], sent(event, "act")
    try:
        changed, more = acts.CHANGES[name](studio, draft, seen, event)
        if changed is not draft and name != "undo":
            studio.checkup(check.config_of(changed))
    except StudioError as exc:
        warn(DataError(check.complaint(exc) if isinstance(exc, ConfigError) else exc.title, exc.advice))
        return {frame.draft: draft}
    if changed is draft:
        return {frame.draft: draft} | (
            looked(studio, view, draft, replace(seen, row=None, focus=seen.row)) if name == "save" else {}
        )
    undoing = name == "undo"
    what = (draft if undoing else changed).past[-1].words
    before = {"undo": tr("Undone: "), "fix": tr("Done: ")}.get(name, "")
    seen = replace(seen, focus=seen.row if name in ("save", "undo") else None)
    return drawn(studio, view, changed, seen) | {
        frame.draft: changed,
        frame.why[CHECK]: "",
        view.done: findings.done(what, more, not undoing, before),
    }


def look(studio: Studio, view: CheckView, frame: Frame, answers: Answers, event: gr.EventData) -> Answers:
    """Show other rows, or open one."""
    draft, seen, name = answers[frame.draft], answers[view.seen], sent(event, "act")
    updates: Answers = {}
    if name == "open":
        seen = replace(seen, row=acts.row_of(event))
    elif name == "shut":
        seen = replace(seen, row=None, focus=acts.row_of(event))
    elif name == "page":
        seen = replace(seen, start=acts.number(event, "start"), row=None)
    else:
        wanted, only = Wanted(), ""
        if name == "class":
            wanted = Wanted(label=sent(event, "label"))
        elif name == "show" and (one := findings.find(seen.findings, sent(event, "finding"))):
            wanted, only = Wanted(numbers=one.rows), _only(one)
        seen = replace(seen, wanted=wanted, only=only, start=0, row=None)
        updates = {view.search: "", view.label: wanted.label, view.part: "", view.changed: False}
    return updates | looked(studio, view, draft, seen)


def filtered(studio: Studio, view: CheckView, frame: Frame, answers: Answers) -> Answers:
    """The filter was changed: it holds beside the finding whose rows are shown."""
    seen: Seen = answers[view.seen]
    wanted = Wanted(
        text=(answers[view.search] or "").strip(),
        label=answers[view.label] or "",
        part=answers[view.part] or "",
        numbers=seen.wanted.numbers,
        changed=bool(answers[view.changed]),
    )
    if not seen.is_open or wanted == seen.wanted:
        return {view.seen: seen}
    return looked(studio, view, answers[frame.draft], replace(seen, wanted=wanted, start=0, row=None))


def _only(one: Finding) -> str:
    part = (
        tr(" The first {rows} of {count} are shown.", rows=len(one.rows), count=one.count)
        if one.count > len(one.rows)
        else ""
    )
    said = pieces.prose(tr("Only the rows of: {title}{part}", title=one.title, part=part))
    return f'<div class="nr-only" role="status">{said}{pieces.act(tr("Show all rows"), "every")}</div>'


@dataclass(frozen=True)
class Closer:
    """The closer look: what it reads and shows, and every event after which it begins anew."""

    run: Callable[[Answers], Iterator[Answers]]
    inputs: set[Any]
    outputs: list[Any]
    begun: list[Any]

    def follows(self, done: Any) -> None:
        """Begin when ``done`` is through."""
        begun = Page.on(done.then, self.run, self.inputs, self.outputs, progress="hidden", trigger_mode="multiple")
        self.begun.append(begun)

    def ends_with(self, *triggers: Any) -> None:
        """End it when one of these happens; what was begun until now is meant."""
        for trigger in triggers:
            Page.on(trigger, None, cancels=list(self.begun), progress="hidden")


def wire(view: CheckView, frame: Frame, studio: Studio) -> Closer:
    """Every button, the filter, and the closer look that begins anew after each change."""

    def look_closer(answers: Answers) -> Iterator[Answers]:
        yield from watch(studio, view, answers[frame.draft], answers[view.seen])

    def do(answers: Answers, event: gr.EventData) -> Answers:
        return change(studio, view, frame, answers, event)

    def show(answers: Answers, event: gr.EventData) -> Answers:
        return look(studio, view, frame, answers, event)

    def sift(answers: Answers) -> Answers:
        return filtered(studio, view, frame, answers)

    inputs = {frame.draft, view.seen}
    closer = Closer(look_closer, inputs, view.streamed, [])
    asked = view.desk.__getattr__("change")
    done = Page.on(asked, do, inputs, [frame.draft, frame.why[CHECK], *view.outputs], progress="hidden")
    Page.on(done.then, None, js=DONE)
    closer.follows(done)
    shown = Page.on(
        view.desk.__getattr__("look"), show, inputs, view.looked, progress="hidden", trigger_mode="always_last"
    )
    Page.on(shown.then, None, js=DONE)
    triggers = [view.search.submit, view.search.blur, view.label.input, view.part.input, view.changed.input]
    Page.on(triggers, sift, inputs | set(view.filters), view.looked, progress="hidden", trigger_mode="always_last")
    return closer
