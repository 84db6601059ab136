"""Sentences to watch, a part of the step Settings: one a line, of one's own or out of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.config import RunConfig, validate
from core.studio import Studio
from core.tasks import TASKS
from core.watch_config import BETWEEN, MOST, Sentence, asked_roles
from ui import forms, pieces
from ui.languages import tr
from ui.new_run.draft import WATCHED, Draft
from ui.new_run.frame import Answers, Frame
from ui.page import Page

TAKEN = 3
SETTING = next(row.setting for row in forms.WATCH_ROWS if row.path == WATCHED)
WHY = (
    "The model answers them before its first step and at each check. The page of the run draws how its answers change; "
    "the training itself stays just the same."
)


@dataclass(frozen=True)
class WatchView:
    """The lines, how they are written for this task, and the way to have some filled in."""

    text: gr.Textbox
    how: gr.HTML
    take: gr.Button

    @property
    def outputs(self) -> list[Component]:
        return [self.text, self.how]


def layout() -> WatchView:
    """Draw the part, folded."""
    with gr.Accordion(SETTING.label, open=False, elem_classes="nr-further", elem_id="settings-watch"):
        gr.HTML(pieces.tag("p", WHY, "nr-note"), apply_default_css=False)
        text = gr.Textbox(
            label=f"One a line, up to {MOST}",
            lines=3,
            max_lines=MOST,
            elem_id="watch-sentences",
        )
        how = gr.HTML(apply_default_css=False)
        take = gr.Button(f"Take {TAKEN} from your table", size="sm", elem_id="watch-take", elem_classes="nr-small")
    return WatchView(text, how, take)


def enter(view: WatchView, draft: Draft) -> Answers:
    """What the part shows when the walk comes to its step."""
    return {view.text: "\n".join(map(as_line, draft.watch)), view.how: pieces.tag("p", how(draft), "nr-note")}


def as_line(sentence: Sentence) -> str:
    """A sentence as somebody would type it."""
    texts = [sentence] if isinstance(sentence, str) else list(sentence.values())
    return f" {BETWEEN} ".join(" ".join(text.split()) for text in texts)


def how(draft: Draft) -> str:
    """How a line is written for the task of a draft."""
    task = TASKS[draft.task]
    roles = asked_roles(task, draft.columns)
    words = f" {BETWEEN} ".join(tr(role.label) for role in roles)
    both = (
        tr(
            "Each line holds {roles} texts with a {between} between them: {words}.",
            roles=len(roles),
            between=BETWEEN,
            words=words,
        )
        if len(roles) > 1
        else ""
    )
    hints = [tr(role.help) for role in roles if task.asks and role.kind == "text"]
    talks = tr("Each line opens a conversation.") if any(role.kind == "chat" for role in roles) else ""
    writes = tr("Of what the model writes, the first few words are shown.") if task.write is not None else ""
    return " ".join(filter(None, [both, talks, *hints, writes]))


def read(view: WatchView, draft: Draft, answers: Answers) -> Draft:
    """The draft with what stands in the lines."""
    said = answers.get(view.text)
    if said is None or said == "\n".join(map(as_line, draft.watch)):
        return draft
    return draft.with_watch(said)


def taken(studio: Studio, draft: Draft) -> str:
    """Lines out of the rows that are kept aside to check by: what it does not learn from."""
    config: RunConfig = validate(draft.plain(draft.values))
    return "\n".join(studio.sentences_to_watch(config, TAKEN))


def wire(view: WatchView, frame: Frame, studio: Studio) -> None:
    """Rows of the table come after what stands there already."""

    def take(draft: Draft, before: str) -> Any:
        fresh = [line for line in taken(studio, draft).splitlines() if line not in before.splitlines()]
        return "\n".join([*filter(str.strip, before.splitlines()), *fresh][:MOST])

    Page.on(view.take.click, take, [frame.draft, view.text], view.text)
