"""What visitors of a demo are told: on each page that it is one, beforehand what it takes, and what there is to try."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from core import ceilings
from core.demo import bounds
from core.studio import RunSummary
from ui import pieces, words
from ui.translated import gapped

NOTHING_SHOWN = "Until there are some, train a tiny one of your own: it takes a few minutes."
HOW_TO_SHOW = "If this is your demo: start it with --show and the id of a run that has finished, and it stands here."
SHOWN, ON_CARD = CARD = ("Try a finished model", "Its report, and a place to try it")
"""What stands over the models that are shown, and on the card of each."""


def banner() -> str:
    """One line for each page. The page's script adds when the visitor's things are removed."""
    said = gapped(
        "This is a demo: trainings of up to {minutes} minutes, and what you make is removed after {kept} minutes.",
        minutes=ceilings.in_words("minutes"),
        kept=ceilings.in_words("keep"),
    )
    until = '<b class="ts-until" hidden></b>'
    instead = pieces.tag("span", bounds.instead())
    return f'<div class="ts-page ts-demo"><p role="note">{said} {instead} {until}</p></div>'


def beforehand() -> str:
    """What a training of a demo may be, as a card."""
    word = ceilings.in_words
    items = (
        gapped(
            "A table of up to {rows} rows and {size}, or one of the samples.",
            rows=word("rows"),
            size=word("upload"),
        ),
        "A model that comes with the app; none of the Hugging Face Hub.",
        gapped(
            "About {minutes} minutes of training, up to {tokens} tokens of each text. What takes longer is stopped, "
            "and its best model kept.",
            minutes=word("minutes"),
            tokens=word("tokens"),
        ),
        gapped("One training at a time, and {count} an hour.", count=word("trainings")),
        gapped(
            "All of it is removed {minutes} minutes after the last thing that you brought or trained. Download what "
            "you want to keep before that.",
            minutes=word("keep"),
        ),
    )
    lines = "".join(f"<li>{one}</li>" for one in items)
    return pieces.card("What this demo takes", f'<ul class="ts-told">{lines}</ul>')


def showcase(shown: list[RunSummary]) -> str:
    """The finished models to try, as cards; or how they come here."""
    if not shown:
        body = pieces.tag("p", NOTHING_SHOWN, "nr-note") + pieces.tag("p", HOW_TO_SHOW, "nr-note")
        empty = pieces.card("Nothing is shown yet", body)
        return f'<section class="ts-page ts-shown" aria-label="Models to try">{empty}</section>'
    cards = "".join(f"<li>{_card(one)}</li>" for one in shown)
    return (
        f'<section class="ts-page ts-shown" aria-labelledby="ts-shown"><h2 id="ts-shown">{SHOWN}</h2>'
        f"<ul>{cards}</ul></section>"
    )


def _card(run: RunSummary) -> str:
    mark = "" if run.metric is None else f" · {run.metric_label} {words.mark(run.metric, run.metric_style)}"
    facts = pieces.tag("span", run.task) + escape(mark.replace(" %", "\u00a0%"))
    inside = f"<b>{escape(run.name)}</b><span>{facts}</span>{pieces.tag('small', ON_CARD)}"
    return f'<a class="ts-card" href="./run?id={quote(run.id)}">{inside}</a>'
