"""The page of the Hub account, at ``/account``: who is signed in, with which rights, and signing in and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import HubError
from core.hub.identity import Identity, asking_as
from core.hub.types import Account
from core.space import has_login
from core.studio import Studio
from ui import account_words as words
from ui.page import Page
from ui.pieces import message
from ui.signing import identity_of, is_encrypted, sign_in, sign_out
from ui.visitors import is_local

FOLLOW = """() => {
  if (document.activeElement !== document.body) return;
  const who = document.querySelector("#account-who h2");
  if (!who) return;
  who.tabIndex = -1;
  who.focus();
}"""
"""Where what was used is gone, whoever uses a keyboard goes on at who is signed in now, and hears it."""


@dataclass(frozen=True)
class View:
    """Who is signed in, and the ways to change that. On a Space Gradio's own button stands in place of the others."""

    who: gr.HTML
    form: gr.Column
    token: gr.Textbox
    wrong: gr.HTML
    """Why what was pasted was not taken."""
    enter: gr.Button
    leave: gr.Button

    @property
    def outputs(self) -> list[Any]:
        return [self.who, self.form, self.token, self.wrong, self.leave]


def layout() -> View:
    """Draw it; who is signed in is asked of the Hub once the page is there."""
    on_space = has_login()
    with gr.Column(elem_classes="ts-page nr-page acc-page"):
        gr.HTML(words.HEADING, apply_default_css=False)
        with gr.Column(elem_classes="nr-card", elem_id="account-seat"):
            who = gr.HTML(words.ASKING, apply_default_css=False, elem_id="account-who")
            if on_space:
                gr.LoginButton(logout_value="Sign out ({})", elem_id="account-login", elem_classes="nr-use")
            leave = gr.Button("Sign out", visible=False, elem_id="account-leave", elem_classes="nr-use")
        with gr.Column(elem_classes="nr-card", elem_id="account-form", visible=not on_space) as form:
            gr.HTML(words.HOW_TO_SIGN_IN, apply_default_css=False)
            token = gr.Textbox(
                label="Token",
                info="It begins with hf_. It is sent to the Hugging Face Hub and to nobody else.",
                type="password",
                html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
                max_lines=1,
                elem_id="account-token",
            )
            wrong = gr.HTML(apply_default_css=False, elem_id="account-wrong")
            enter = gr.Button("Sign in", variant="primary", elem_id="account-enter", elem_classes="nr-use")
        gr.HTML(words.explained(on_space), apply_default_css=False)
    return View(who, form, token, wrong, enter, leave)


def wire(view: View, studio: Studio) -> None:
    """Who is signed in; a token that is pasted; the end of it."""

    def look(request: gr.Request) -> dict[Any, Any]:
        # The Hub may take its time to say who this is: what was pasted meanwhile stays.
        return _shown(view, studio, request) | {view.token: gr.skip(), view.wrong: _on_the_way(request) or gr.skip()}

    def enter(typed: str, request: gr.Request) -> Iterator[dict[Any, Any]]:
        yield {view.token: "", view.wrong: words.ASKING}
        why_not = _taken(studio, request, typed.strip())
        yield {view.wrong: why_not} if why_not else _shown(view, studio, request)

    def leave(request: gr.Request) -> dict[Any, Any]:
        studio.keep_all(False)  # that went on with the token which is forgotten now
        sign_out(request)
        return _shown(view, studio, request)

    Page.on_load(look, outputs=view.outputs)
    entered = Page.on([view.enter.click, view.token.submit], enter, view.token, view.outputs, trigger_mode="once")
    left = Page.on(view.leave.click, leave, outputs=view.outputs)
    for done in (entered, left):
        Page.on(done.then, None, js=FOLLOW)


def _taken(studio: Studio, request: gr.Request, token: str) -> str:
    """Sign somebody in with a token, if the Hub accepts it; otherwise why not, as HTML."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        return words.no_token()
    try:
        with asking_as(Identity("token", token)):
            studio.account()
    except HubError as exc:
        return message(exc.title, exc.advice)
    return "" if sign_in(request, token) else words.no_cookie()


def _shown(view: View, studio: Studio, request: gr.Request) -> dict[Any, Any]:
    asker = identity_of(request)
    has_pasted = asker.kind == "token"
    is_known, found = _who(studio, asker, request)
    return {
        view.who: found,
        view.form: gr.update(visible=not (has_pasted and is_known) and not has_login()),
        view.token: "",
        view.wrong: _on_the_way(request),
        view.leave: gr.update(visible=has_pasted),
    }


def _who(studio: Studio, asker: Identity, request: gr.Request) -> tuple[bool, str]:
    """Whether the Hub knows them, and what to show of them."""
    with asking_as(asker):
        try:
            account: Account | None = studio.account()
        except HubError as exc:
            return False, message(exc.title, exc.advice)
    if account is None:
        return False, words.nobody(is_local(request), has_login())
    return True, words.signed_in(account)


def _on_the_way(request: gr.Request) -> str:
    """A warning where others on the way could read what is sent; empty where they cannot."""
    asked = request.request
    if asked is not None and (is_local(request) or is_encrypted(asked.url.scheme, asked.headers)):
        return ""
    return words.not_encrypted()


def build(studio: Studio) -> None:
    """The page, laid out and wired."""
    wire(layout(), studio)


PAGE = Page(title="Hub account", path="account", build=build, nav="Hub account")
