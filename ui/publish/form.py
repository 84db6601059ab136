"""Publishing on the Hub: under whose name, how, and what of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import gradio as gr
from gradio.components import Component

from core.errors import StudioError
from core.hub.types import Account
from core.publishing.types import EXTRAS, Publishing
from core.studio import Studio
from ui import pieces
from ui import words as said
from ui.languages import tr
from ui.page import CHANGED, Page, run_id
from ui.publish import asking, words
from ui.publish.asking import Answers

LONGEST_MESSAGE = 200


@dataclass(frozen=True)
class View:
    """Who is signed in, the fields, what would go up, and the button."""

    box: gr.Accordion
    who: gr.HTML
    fields: gr.Column
    owner: gr.Dropdown
    name: gr.Textbox
    private: gr.Checkbox
    proposed: gr.Radio
    version: gr.Radio
    include: gr.CheckboxGroup
    message: gr.Textbox
    card_box: gr.Accordion
    card: gr.HTML
    files_box: gr.Accordion
    files: gr.HTML
    publish: gr.Button
    asking: asking.View

    @property
    def inputs(self) -> set[Component]:
        chosen = {self.owner, self.name, self.private, self.proposed, self.version, self.include, self.message}
        return chosen  # type: ignore[return-value]

    @property
    def lasting(self) -> list[Component]:
        """What the run itself decides, with no Hub."""
        return [self.name, self.private, self.proposed, self.version, self.include, self.message]


def layout() -> View:
    """Draw it, folded: nobody is asked for before somebody wants to publish."""
    with gr.Accordion("Publish it on the Hugging Face Hub", open=False, elem_id="pub-form") as box:
        who = gr.HTML(words.ASKING, apply_default_css=False, elem_id="pub-who")
        with gr.Column(visible=False, elem_id="pub-fields") as fields:
            with gr.Row():
                owner = gr.Dropdown([], value=None, label="Owner", allow_custom_value=True, elem_id="pub-owner")
                name = gr.Textbox(label="Name", max_length=words.LONGEST_NAME, max_lines=1, elem_id="pub-name")
            private = gr.Checkbox(True, label="Private", info=words.PRIVATE, elem_id="pub-private")
            proposed = gr.Radio(list(words.HOW), value=False, label="How", elem_classes="nr-chips pub-lines")
            version = gr.Radio(_versions(()), value="best", label="Which model", elem_classes="nr-chips pub-lines")
            include = gr.CheckboxGroup([], label="What goes along", elem_classes="nr-chips pub-lines")
            message = gr.Textbox(
                label="In a few words, what is new (optional)",
                max_length=LONGEST_MESSAGE,
                max_lines=1,
                elem_id="pub-message",
            )
            with gr.Accordion("The model card, as it will stand there", open=False) as card_box:
                card = gr.HTML(apply_default_css=False, elem_id="pub-card", min_height=40)
            with gr.Accordion("The files that go up", open=False) as files_box:
                files = gr.HTML(apply_default_css=False, elem_id="pub-files", min_height=40)
            ask = asking.layout("Yes, publish it")
            publish = gr.Button("Publish", variant="primary", elem_id="pub-publish", elem_classes="pub-start")
    return View(
        box, who, fields, owner, name, private, proposed, version, include, message, card_box, card, files_box, files,
        publish, ask,
    )  # fmt: skip


def _versions(lasting: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(words.best(), "best"), *([(words.last(), "last")] if "last" in lasting else [])]


def read(view: View, answers: Answers) -> Publishing:
    """What is wanted, as the fields say it."""
    owner, name = (str(answers[field] or "").strip() for field in (view.owner, view.name))
    return Publishing(
        repo=f"{owner}/{name}" if owner or name else "",
        private=bool(answers[view.private]),
        as_pull_request=bool(answers[view.proposed]),
        version=answers[view.version] or "best",
        include=tuple(extra for extra in EXTRAS if extra in (answers[view.include] or ())),
        message=str(answers[view.message] or "").strip(),
    )


def shown(view: View, studio: Studio, run: str) -> Answers:
    """What the run has to give, and what was wanted last, if that has not come to its end."""
    lasting = studio.lasting(run)
    extras = [(words.extra(extra), extra) for extra in EXTRAS if extra in lasting]
    wanted = unfinished(studio, run) or Publishing(repo=f"/{words.proposed_name(studio.summary(run).name)}")
    version = wanted.version if wanted.version in ("best", *lasting) else "best"
    return {
        view.name: wanted.repo.partition("/")[2],
        view.private: wanted.private,
        view.proposed: wanted.as_pull_request,
        view.version: gr.update(choices=_versions(lasting), value=version, visible="last" in lasting),
        view.include: gr.update(
            choices=extras, value=[extra for extra in wanted.include if extra in lasting], visible=bool(extras)
        ),
        view.message: wanted.message,
    }


def unfinished(studio: Studio, run: str) -> Publishing | None:
    """What the newest attempt to publish the model wanted, unless that was done."""
    publication = studio.publication(run)
    if publication is None or publication.stage == "done" or publication.wanted.demo_of:
        return None
    return publication.wanted


def signed_in(view: View, account: Account | None, before: Publishing | None, chosen: str) -> Answers:
    """Who is signed in, and the fields for whoever may write. ``chosen``: the owner that stands on the page."""
    if account is None or not account.can_write:
        return {view.who: words.who(account), view.fields: gr.update(visible=False), view.owner: gr.skip()}
    wanted = before.repo.partition("/")[0] if before else ""
    owner = chosen or wanted or next(iter(account.owners), "")
    allowed = [repo.partition("/")[0] for repo in account.only_repos]
    choices = list(dict.fromkeys(one for one in [*account.owners, *allowed, owner] if one))
    return {
        view.who: words.who(account),
        view.fields: gr.update(visible=True),
        view.owner: gr.update(choices=choices, value=owner),
    }


def wire(view: View, studio: Studio) -> None:
    """Ask who is signed in once this is unfolded; show what would go up; publish."""

    def enter(chosen: str | None, request: gr.Request) -> Iterator[Answers]:
        yield {view.who: words.asking()}
        try:
            yield signed_in(view, studio.account(), unfinished(studio, run_id(request)), chosen or "")
        except StudioError as exc:
            local = pieces.tag("p", words.local_works(), "nr-note")
            wrong = words.trouble(exc.title, exc.advice, "nr-warning")
            yield {view.who: wrong + local, view.fields: gr.update(visible=False)}

    def preview(answers: Answers, request: gr.Request) -> str:
        wanted = read(view, answers)
        return as_it_is(studio.card(run_id(request), wanted.repo, wanted.version), tr("The model card"))

    def list_files(answers: Answers, request: gr.Request) -> str:
        return files_table(studio, run_id(request), read(view, answers))

    def publish(answers: Answers, request: gr.Request) -> Iterator[Answers]:
        yield from asking.press(view.asking, studio, run_id(request), read(view, answers))

    Page.on(view.box.expand, enter, view.owner, [view.who, view.fields, view.owner], progress="hidden")
    Page.on(view.card_box.expand, preview, view.inputs, view.card)
    Page.on([view.files_box.expand, view.version.input, view.include.input], list_files, view.inputs, view.files)
    begun = Page.on(view.publish.click, publish, view.inputs, view.asking.outputs, progress="hidden")
    Page.on(begun.then, None, js=CHANGED)
    asking.wire(view.asking, studio)


def as_it_is(text: str, label: str) -> str:
    """A text letter by letter, in a frame that scrolls, also by keyboard; nothing in it is drawn as HTML."""
    return (
        f'<div class="nr-scroll pub-text" tabindex="0" role="region" aria-label="{escape(label)}">'
        f"<pre>{escape(text)}</pre></div>"
    )


def files_table(studio: Studio, run: str, wanted: Publishing) -> str:
    """The files that would go up, the largest first, as HTML."""
    items = sorted(studio.going_up(run, wanted), key=lambda item: -item.size)
    rows = [(item.name, said.size(item.size)) for item in items]
    total = tr(
        "{rows}, {sum} in all.", rows=said.plural(len(rows), "file"), sum=said.size(sum(item.size for item in items))
    )
    more = f" {words.ONNX_FIRST}" if "onnx" in wanted.include else ""
    return pieces.tag("p", total + more, "nr-note") + pieces.table(
        (tr("File"), tr("Size")), rows, tr("The files that go up")
    )
