"""Where a run computes, on the last step: on this machine, or on one that the Hub rents out, for a sum that is agreed
to before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.components import Component

from core.config import validate
from core.errors import StudioError
from core.job_room import COSTS, ONE_GPU, Offer
from core.studio import Studio
from ui import pieces, words
from ui.languages import tr, written
from ui.new_run.draft import Draft
from ui.new_run.frame import Answers, Frame
from ui.page import Page

HERE, THERE = "here", "there"
NOT_AGREED = "Tick that you agree to the sum first: nothing is sent, and nothing is rented, before that."
NOBODY = "Nobody is signed in on the Hub."
SIGN_IN = "Sign in on the page “Hub account” with a token that may write and run Jobs, then choose this again."


@dataclass(frozen=True)
class RentingView:
    """The choice, what is rented, and what a person agrees to."""

    where: gr.Radio
    panel: gr.Column
    machine: gr.Dropdown
    hours: gr.Number
    payer: gr.Dropdown
    offer: gr.HTML
    agree: gr.Checkbox
    most: gr.State
    """The sum that was shown beside the tick, in US dollars."""
    seconds: gr.State
    """How long it would take on this machine."""

    @property
    def asked(self) -> list[Component]:
        """What the offer depends on."""
        return [self.where, self.machine, self.hours, self.payer]

    @property
    def outputs(self) -> list[Any]:
        return [*self.asked, self.panel, self.offer, self.agree, self.most, self.seconds]


def layout() -> RentingView:
    """Draw it, closed."""
    choices = [("This machine", HERE), ("A rented machine of the Hub", THERE)]
    where = gr.Radio(choices, value=HERE, label="Where it computes", elem_id="start-where")
    with gr.Column(visible=False, elem_id="start-renting") as panel:
        with gr.Row():
            machine = gr.Dropdown([], label="Machine", elem_id="start-machine", scale=3)
            hours = gr.Number(1, label="Time limit (hours)", minimum=0.01, maximum=168, elem_id="start-hours", scale=1)
            payer = gr.Dropdown([], label="Who pays", elem_id="start-payer", scale=1)
        offer = gr.HTML(apply_default_css=False, elem_id="start-offer")
        agree = gr.Checkbox(False, label="I agree", visible=False, elem_id="start-agree")
    return RentingView(where, panel, machine, hours, payer, offer, agree, gr.State(None), gr.State(0.0))


def not_agreed() -> str:
    """Why nothing begins before somebody has agreed."""
    return tr(NOT_AGREED)


def enter(studio: Studio, view: RentingView, draft: Draft, seconds: float) -> Answers:
    """What it shows when the walk comes to it."""
    rented = bool(draft.values.get("job.hardware"))
    if not rented:
        where = gr.Radio(value=HERE, visible=not studio.is_demo)
        return {**_closed(view), view.where: where, view.seconds: seconds}
    return {**_offered(studio, view, draft, seconds), view.where: THERE, view.seconds: seconds}


def chosen(studio: Studio, view: RentingView, draft: Draft, answers: Mapping[Any, Any]) -> tuple[Draft, Answers]:
    """Take what was chosen; the sum is shown anew, and has to be agreed to anew."""
    if answers[view.where] != THERE:
        return _with(draft, hardware=""), _closed(view)
    named = answers[view.machine] or draft.values.get("job.hardware")
    try:
        machine = named or _first_gpu(studio)
    except StudioError as exc:
        return draft, _why_not(view, exc.title, exc.advice)
    draft = _with(draft, hardware=machine, time_limit=answers[view.hours] or 1.0, namespace=answers[view.payer] or "")
    return draft, _offered(studio, view, draft, float(answers[view.seconds] or 0.0))


def agreed(draft: Draft, ticked: bool, most: float | None) -> float | None:
    """What was agreed to; None where there is nothing to agree to, or nobody has."""
    return most if draft.values.get("job.hardware") and ticked else None


def _first_gpu(studio: Studio) -> str:
    machines = studio.hardware()
    return next((one.name for one in machines if one.gpus == 1), machines[0].name)


def _with(draft: Draft, **changes: Any) -> Draft:
    values = {**draft.values, **{f"job.{name}": value for name, value in changes.items()}}
    return replace(draft, values=values, run_id="")


def _closed(view: RentingView) -> Answers:
    agree = gr.Checkbox(value=False, visible=False)
    return {view.panel: gr.Column(visible=False), view.offer: "", view.agree: agree, view.most: None}


def _why_not(view: RentingView, title: str, advice: str) -> Answers:
    words_ = pieces.message(title, advice, "nr-warning")
    agree = gr.Checkbox(value=False, visible=False)
    return {view.panel: gr.Column(visible=True), view.offer: words_, view.agree: agree, view.most: None}


def _offered(studio: Studio, view: RentingView, draft: Draft, seconds: float) -> Answers:
    """The machines, the sum and what is sent; or why there is no offer."""
    try:
        account = studio.account()
        machines = [
            (tr("{machine}; {price} an hour", machine=one.parts, price=words.dollars(one.price)), one.name)
            for one in studio.hardware()
        ]
        offer = studio.offer(validate(draft.plain(draft.values)))
    except StudioError as exc:
        return _why_not(view, exc.title, exc.advice)
    if account is None:
        return _why_not(view, tr(NOBODY), tr(SIGN_IN))
    assert offer is not None
    payers, most = [account.name, *account.orgs], words.dollars(offer.most)
    payer = draft.values.get("job.namespace") or account.name
    return {
        view.panel: gr.Column(visible=True),
        view.machine: gr.Dropdown(machines, value=offer.machine.name),
        view.hours: offer.hours,
        view.payer: gr.Dropdown(payers, value=payer if payer in payers else account.name),
        view.offer: described(offer, seconds),
        view.agree: gr.Checkbox(value=False, visible=True, label=tr("I agree to pay up to {most}", most=most)),
        view.most: offer.most,
    }


def described(offer: Offer, seconds: float) -> str:
    """What a person agrees to, as HTML."""
    as_here = offer.machine.price * seconds / 3600
    sum_ = tr(
        COSTS,
        machine=offer.machine.title,
        price=words.dollars(offer.machine.price),
        hours=written(f"{offer.hours:g}"),
        most=words.dollars(offer.most),
    )
    time = tr(
        "Here it would take {time}. How fast it is there is not known beforehand, and the first minutes go into "
        "installing packages: for as long as here it would cost {cost}.",
        time=words.about(seconds),
        cost=words.dollars(as_here),
    )
    idle = pieces.tag("p", tr(ONE_GPU, count=offer.machine.gpus), "nr-note") if offer.leaves_idle else ""
    lines = "".join(pieces.tag("li", tr(said, name=name)) for said, name in offer.goes_along)
    body = (
        pieces.tag("p", sum_, "nr-sentence")
        + pieces.tag("p", time, "nr-note")
        + idle
        + pieces.tag("p", tr("Into a new private repository of that account go:"), "nr-note")
        + f'<ul class="nr-list">{lines}</ul>'
    )
    return pieces.card(tr("What it costs, and what is sent"), body)


def wire(view: RentingView, frame: Frame, studio: Studio) -> None:
    """Each choice asks for the sum anew."""

    def choose(answers: Answers) -> Answers:
        draft, updates = chosen(studio, view, answers[frame.draft], answers)
        return {**updates, frame.draft: draft}

    outputs = [frame.draft, *view.outputs]
    asked = {frame.draft, view.seconds, *view.asked}
    changed = [view.where.input, view.machine.input, view.payer.input, view.hours.submit, view.hours.blur]
    Page.on(changed, choose, asked, outputs, concurrency_limit=1)
