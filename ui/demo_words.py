"""What visitors of a demo are told: on each page that it is one, beforehand what it takes, and what there is to try."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from core import ceilings
from core.demo import bounds
from core.studio import RunSummary
from ui import pieces, words

NOTHING_SHOWN = (
    "Whoever runs this app can put finished models here: python app.py --mode demo --show RUN, with the id of a run "
    "that has finished. Until then, train a tiny one of your own."
)


def banner() -> str:
    """One line for each page. The page's script adds when the visitor's things are removed."""
    kept, minutes = ceilings.in_words("keep"), ceilings.in_words("minutes")
    said = (
        f"This is a demo: trainings of up to {minutes} minutes, and what you make is removed after {kept} minutes."
        f" {bounds.instead()}"
    )
    until = '<b class="ts-until" hidden></b>'
    return f'<div class="ts-page ts-demo"><p role="note">{escape(said)} {until}</p></div>'


def beforehand() -> str:
    """What a training of a demo may be, as a card."""
    items = "".join(f"<li>{escape(one)}</li>" for one in bounds.told())
    return pieces.card("What this demo takes", f'<ul class="ts-told">{items}</ul>')


def showcase(shown: list[RunSummary]) -> str:
    """The finished models to try, as cards; or how they come here."""
    if not shown:
        body = pieces.tag("p", NOTHING_SHOWN, "nr-note")
        empty = pieces.card("Nothing is shown yet", body)
        return f'<section class="ts-page ts-shown" aria-label="Models to try">{empty}</section>'
    cards = "".join(f"<li>{_card(one)}</li>" for one in shown)
    return (
        '<section class="ts-page ts-shown" aria-labelledby="ts-shown"><h2 id="ts-shown">Try a finished model</h2>'
        f"<ul>{cards}</ul></section>"
    )


def _card(run: RunSummary) -> str:
    mark = "" if run.metric is None else f"{run.metric_label} {words.mark(run.metric, run.metric_style)}"
    facts = " · ".join(filter(None, (run.task, mark.replace(" %", "\u00a0%"))))
    return (
        f'<a class="ts-card" href="./run?id={quote(run.id)}"><b>{escape(run.name)}</b>'
        f"<span>{escape(facts)}</span><small>Its report, and a place to try it</small></a>"
    )
