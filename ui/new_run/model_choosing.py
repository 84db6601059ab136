"""What happens in the step Model: a choice is looked at as soon as it is made, a search follows the typing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from core.errors import StudioError
from core.hub.types import ModelFacts
from core.studio import Studio
from ui.languages import tr
from ui.new_run import model_asking, model_hub
from ui.new_run.asked import address
from ui.new_run.draft import Draft
from ui.new_run.frame import MODEL, Answers, Frame, settled
from ui.new_run.model import HUB, OTHER, About, ModelView, about, is_on_hub, may_name, read, shown, shown_version
from ui.new_run.model_asking import Looked, facts_of
from ui.new_run.model_words import NOT_INSTALLED
from ui.new_run.working import Desk
from ui.page import Page, tell
from ui.visitors import is_local

FOLLOW = '(address) => { if (address) history.replaceState(history.state, "", address); }'
"""The page's address follows the choice."""
SHOW = """(address) => {
  if (address) history.replaceState(history.state, "", address);
  const about = document.getElementById("model-about");
  const isFar = about && about.getBoundingClientRect().top > 0.7 * window.innerHeight;
  const byKeyboard = document.activeElement && document.activeElement.matches(":focus-visible");
  if (isFar && !byKeyboard) about.scrollIntoView({ block: "nearest" });
}"""
"""The same, and what is known of the model comes into sight; whoever goes from card to card by keyboard stays there."""

SETTLE = "() => new Promise((done) => setTimeout(done, 300))"
"""Who leaves the field by clicking a card has chosen the card: what stands on the page a moment later counts."""

Asks = Callable[[Any], None]
"""Ask about the model after an event."""


@dataclass(frozen=True)
class Asker:
    """Somebody in front of the step."""

    local: bool
    session: str | None


def watched(
    studio: Studio, view: ModelView, frame: Frame, desk: Desk, answers: Answers, asker: Asker, anew: bool = False
) -> Iterator[Answers]:
    """Show what is known of the choice at once, then what the Hub says of it: ``anew`` if it has said something."""
    draft, looked, way = read(view, answers[frame.draft], answers), answers[view.looked], answers[view.cards]
    known = None if looked is None or anew or not looked.is_of(draft) else looked
    if known is not None and not known.is_over:
        return  # it is being asked
    desk.forget(asker.session)
    if anew:
        studio.expect_network()
    found = about(studio, draft, asker.local, known)
    updates = {
        view.search.box: gr.update(visible=way == HUB),
        view.other: gr.update(visible=way == OTHER),
        frame.address: address(draft if may_name(draft.checkpoint, asker.local) else answers[frame.draft]),
        **shown(view, found),
        **shown_version(view, draft),
    }
    if known is not None or found.why_not or not asks_hub(studio, draft):
        kept = known or (said_before(draft, found) if is_on_hub(draft.checkpoint) else None)
        yield updates | {view.looked: kept} | settled(frame.why[MODEL], found.why_not)
        return
    for news in asked(studio, draft, found, desk, asker):
        told = About(news.html, news.why_not, may_ask_again=news.may_ask_again)
        why = settled(frame.why[MODEL], told.why_not) if news.is_over else {}
        yield updates | shown(view, told) | {view.looked: news} | why
        updates = {}


def asks_hub(studio: Studio, draft: Draft) -> bool:
    """Whether only the Hub knows more of the chosen model: it is not on this machine."""
    if not is_on_hub(draft.checkpoint):
        return False
    return studio.describe(draft.checkpoint).needs_network or draft.revision is not None


def asked(studio: Studio, draft: Draft, found: About, desk: Desk, asker: Asker) -> Iterator[Looked]:
    """What the Hub says of a draft's model, that it is being asked first."""
    known = studio.describe(draft.checkpoint).parameters is not None

    def may_see(facts: ModelFacts) -> bool:
        return model_hub.may_see(facts.about, asker.local)

    return model_asking.ask(studio, draft, found.html, known, may_see, partial(desk.holds, asker.session))


def said_before(draft: Draft, found: About) -> Looked:
    """A model of the Hub that need not be asked about."""
    return Looked(draft.checkpoint, facts_of(draft), found.html, found.why_not)


def find(studio: Studio, view: ModelView, draft: Draft, answers: Answers, local: bool) -> Answers:
    """What a search finds. The model that was chosen stays chosen while it is among the found."""
    found = model_hub.search(studio, view.search, draft.task, answers, local)
    chosen, results = answers[view.search.results], found[view.search.results]
    if not chosen or chosen in [name for _, name in results["choices"]]:
        results.pop("value")
        return found
    nothing = draft.with_checkpoint("")
    return found | shown(view, about(studio, nothing, local)) | shown_version(view, nothing) | {view.looked: None}


def wire(view: ModelView, frame: Frame, studio: Studio) -> Asks:
    """What is known of a model is shown as soon as it is chosen or typed; and after an event that is given to what
    comes back.
    """
    desk = Desk()
    inputs = {frame.draft} | view.inputs

    def shows(trigger: Any, anew: bool = False, js: str = SHOW) -> None:
        def show(answers: Answers, request: gr.Request) -> Iterator[Answers]:
            asker = Asker(is_local(request), request.session_hash)
            yield from watched(studio, view, frame, desk, answers, asker, anew)

        outputs = [frame.why[MODEL], frame.address, *view.shown]
        done = Page.on(trigger, show, inputs, outputs, progress="hidden", trigger_mode="multiple")
        Page.on(done.then, None, frame.address, js=js)

    def install(answers: Answers, request: gr.Request, progress: gr.Progress = gr.Progress()) -> Answers:  # noqa: B008
        if not is_local(request):
            raise StudioError(NOT_INSTALLED)
        draft = read(view, answers[frame.draft], answers)
        progress(0, desc=tr("Installing"))
        studio.install(draft.checkpoint, lambda line: progress(0, desc=line))
        tell(tr("The model was installed."))
        return shown(view, about(studio, draft, True)) | {frame.why[MODEL]: ""}

    shows([view.cards.input, view.search.results.input, view.other.submit, view.revision.submit])
    shows(Page.on(view.other.blur, None, js=SETTLE).then)
    shows(view.again.click, anew=True)
    places = [frame.why[MODEL], view.about, view.again, view.install]
    Page.on(view.install.click, install, inputs, places, progress="full", concurrency_limit=1)
    _wire_search(view, frame, studio)
    return lambda done: shows(done.then, js=FOLLOW)


def _wire_search(view: ModelView, frame: Frame, studio: Studio) -> None:
    """The search follows the typing, and begins with what is downloaded most."""

    def follow(answers: Answers, request: gr.Request) -> Answers:
        if answers[view.cards] != HUB:
            return {view.search.note: gr.skip()}
        return find(studio, view, answers[frame.draft], answers, is_local(request))

    search = view.search
    # A text that is pasted is no input to Gradio, only a change.
    typed: list[Any] = [search.query.change, search.query.submit, search.author.change]
    narrowed: list[Any] = [search.language.input, search.licence.input, search.size.input, view.cards.input]
    about_it: list[Any] = [view.about, view.again, view.install, view.version, view.revision, view.looked]
    Page.on(
        [*typed, *narrowed],
        follow,
        {frame.draft, view.cards, search.results} | search.asked,
        [search.note, search.results, *about_it],
        trigger_mode="always_last",
        progress="hidden",
    )
