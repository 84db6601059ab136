"""The page of one run, at ``/run?id=…``: live while it trains, the judgement when it ends, the model to try, other rows
to judge it on, and the ways to use it elsewhere. ``&judgement=NAME`` shows one that was made later.

The board draws itself in the browser (``assets/static/board.js``) from what ``/reads`` says; what people do there
comes back as events of the component, with the run taken from the page's address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import gradio as gr

from core.errors import RunError
from core.orders import Kept, Now
from core.studio import Studio
from ui.judging.again import build as build_again
from ui.languages import tr
from ui.page import Page, drawn_by, run_id, sent, tell, waiting
from ui.pages import try_it
from ui.publish import elsewhere

GO = "(id) => { if (id) location.href = `./run?id=${encodeURIComponent(id)}`; }"
SHOW = "(token) => { if (token) window.dispatchEvent(new CustomEvent('tunesmith:shared', { detail: token })); }"
COMMANDS = ("stop", "pause", "goon", "now", "again", "rename", "remove", "withdraw", "followit", "letgo", "deleterepo")


@dataclass(frozen=True)
class View:
    """The board; it also draws into ``details``, which stands under the model's playground."""

    board: gr.HTML
    details: gr.HTML
    made: gr.Textbox
    """Never seen: carries the id of a run that was made from this one to the browser, which goes there."""
    link: gr.Textbox
    """Never seen: carries what stands in a link to this run to the browser, which shows it."""


def layout(studio: Studio) -> View:
    """The board; the playground, other rows to judge and what leads elsewhere, shown by the board while the run has a
    model; the details.
    """
    board = gr.HTML(
        waiting("ts-board", "Reading this run …"),
        apply_default_css=False,
        js_on_load=drawn_by("board.js", *COMMANDS, "retry", "longer", "makelink"),
    )
    with gr.Column(elem_id="ts-try", elem_classes="ts-page"):
        try_it.build(studio)
    with gr.Column(elem_id="ts-judge", elem_classes="ts-page"):
        build_again(studio)
    with gr.Column(elem_id="ts-elsewhere", elem_classes="ts-page"):
        elsewhere.build(studio)
    details = gr.HTML('<div id="ts-details" class="ts-page"></div>', apply_default_css=False, js_on_load=None)
    return View(board, details, gr.Textbox(visible=False), gr.Textbox(visible=False))


def one_of(words: Any, said: str) -> Any:
    """What the page's script sent, if it is one of the words that there are."""
    if said not in get_args(words):
        raise RunError(
            tr("The page asked for something that cannot be done."), tr("Load the page anew, then try again.")
        )
    return said


def number(said: str) -> float:
    """A number as somebody typed it, with a point or a comma."""
    try:
        return float(said.replace(",", "."))
    except ValueError as exc:
        raise RunError(tr("“{said}” is not a number.", said=said), tr("Give how many epochs more, such as 2.")) from exc


def wire(view: View, studio: Studio) -> None:
    """What people ask of the run."""

    def stop(event: gr.EventData, request: gr.Request) -> None:
        studio.stop(run_id(request), one_of(Kept, sent(event, "kept")))

    def pause(request: gr.Request) -> None:
        studio.pause(run_id(request))

    def go_on(request: gr.Request) -> None:
        studio.go_on(run_id(request))

    def now(event: gr.EventData, request: gr.Request) -> None:
        what = one_of(Now, sent(event, "what"))
        studio.ask_now(run_id(request), what)
        tell(
            tr("It is checked after the present step.")
            if what == "evaluate"
            else tr("It is saved after the present step.")
        )

    def again(request: gr.Request) -> None:
        studio.again(run_id(request))

    def rename(event: gr.EventData, request: gr.Request) -> None:
        studio.rename(run_id(request), sent(event, "name"))

    def remove(request: gr.Request) -> None:
        studio.delete(run_id(request))

    def withdraw(request: gr.Request) -> None:
        studio.withdraw(run_id(request))
        tell(tr("The link leads nowhere any more."))

    def follow_it(request: gr.Request) -> None:
        studio.follow_as_me(run_id(request))

    def let_go(request: gr.Request) -> None:
        studio.let_go(run_id(request))

    def delete_repo(request: gr.Request) -> None:
        studio.delete_job_repository(run_id(request))
        tell(tr("The private repository is deleted."))

    def share(request: gr.Request) -> str:
        return studio.share(run_id(request))

    def retry(request: gr.Request) -> str:
        return studio.retry(run_id(request))

    def longer(event: gr.EventData, request: gr.Request) -> str:
        return studio.longer(run_id(request), number(sent(event, "epochs")))

    orders: tuple[Callable[..., Any], ...] = (stop, pause, go_on, now, again, rename, remove, withdraw)
    orders += (follow_it, let_go, delete_repo)
    for name, done in zip(COMMANDS, orders, strict=True):
        Page.on_command(view.board, name, done)
    for name, made in (("retry", retry), ("longer", longer)):
        after = Page.on(view.board.__getattr__(name), made, None, view.made, progress="hidden")
        Page.on(after.then, None, view.made, js=GO)
    shared = Page.on(view.board.makelink, share, None, view.link, progress="hidden")
    Page.on(shared.then, None, view.link, js=SHOW)


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(studio), studio)


PAGE = Page(title="Run", path="run", build=build)
