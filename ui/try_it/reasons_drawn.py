"""What moved an answer, and what is near to a question, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ui import pieces
from ui import words as said
from ui.languages import tr

Told = Mapping[str, Any]
STRONGEST = 8
HARDLY = 0.05
"""Log-odds: where no word pulls more, the words moved next to nothing."""
LEVELS = (0.15, 0.4, 0.7)
"""From these shares of the strongest pull on, a word is marked weakly, plainly, strongly."""
MINUS = "\u2212"
NOT_RIGHT = (
    "This tells what moved the model, not whether its answer is right. A word's figure holds in this text only: beside "
    "other words it may pull otherwise."
)


def words(told: Told) -> str:
    """The texts with their words marked, the strongest words with figures, and how to read it all.

    ``told`` is what ``core.explaining.why`` gives.
    """
    pulls = [abs(pull) for text in told["texts"] for *_, pull in text["words"] if pull is not None]
    most = max(pulls, default=0.0)
    if not most:
        return pieces.tag("p", tr("No word of this text moved the answer."), "nr-note")
    several = len(told["texts"]) > 1
    body = "".join(_text(text, most, several) for text in told["texts"])
    return (
        f'<div role="status"><p class="nr-answer">{escape(_title(told))}</p>{_legend(told)}{body}{_notes(told)}'
        f"{_strongest(told)}{pieces.tag('p', _how(told), 'nr-note')}{pieces.tag('p', tr(NOT_RIGHT), 'nr-note')}</div>"
    )


def _title(told: Told) -> str:
    if not told["target"]:
        return tr("What moved the number {value}", value=said.mark(told["value"], "number"))
    if told["target"] != told["answered"]:
        return tr(
            "What speaks for “{target}”, though it answers “{answered}”",
            target=told["target"],
            answered=told["answered"],
        )
    return tr("What speaks for “{target}”", target=told["target"])


def _ways(told: Told) -> tuple[str, str]:
    return (tr("for it"), tr("against it")) if told["target"] else (tr("makes it higher"), tr("makes it lower"))


def _legend(told: Told) -> str:
    more, less = _ways(told)
    return (
        f'<p class="why-legend"><span class="why-word" data-sign="+" data-level="2">{escape(more)}</span> '
        f'<span class="why-word" data-sign="{MINUS}" data-level="2">{escape(less)}</span> '
        f"<span>{escape(tr('The stronger, the thicker the line.'))}</span></p>"
    )


def _text(text: Told, most: float, several: bool) -> str:
    whole, drawn, at = str(text["text"]), "", 0
    for start, end, pull in text["words"]:
        drawn += escape(whole[at:start]) + _word(whole[start:end], pull, most)
        at = end
    head = f"<h3>{escape(text['label'])}</h3>" if several else ""
    return f'{head}<p class="nr-written why-text">{drawn}{escape(whole[at:])}</p>'


def _word(word: str, pull: float | None, most: float) -> str:
    if pull is None:
        return f'<span class="why-unread" title="{escape(tr("not read here"))}">{escape(word)}</span>'
    level = sum(abs(pull) / most >= share for share in LEVELS)
    if not level:
        return escape(word)
    sign = "+" if pull > 0 else MINUS
    return (
        f'<span class="why-word" data-sign="{sign}" data-level="{level}" title="{figure(pull)}">{escape(word)}</span>'
    )


def _strongest(told: Told) -> str:
    more, less = _ways(told)
    found = [
        (str(text["text"])[start:end], pull)
        for text in told["texts"]
        for start, end, pull in text["words"]
        if pull is not None
    ]
    ordered = sorted(found, key=lambda pair: -abs(pair[1]))[:STRONGEST]
    rows = [(word, figure(pull), more if pull > 0 else less) for word, pull in ordered if pull]
    return pieces.table(
        (tr("Word"), tr("Pull"), tr("Which way")), rows, tr("The words that moved the answer most"), "why-strongest"
    )


def figure(pull: float) -> str:
    """``+1.23``, with as many digits as it takes to be more than nothing."""
    size = f"{abs(pull):.2f}" if abs(pull) >= 0.1 else f"{abs(pull):.2g}"
    return f"{'+' if pull > 0 else MINUS}{size}"


def _how(told: Told) -> str:
    value, without = (figure(told[name]) if told[name] else "0" for name in ("value", "without"))
    if not told["target"]:
        return tr(
            "The pulls of all words add up to the way from {without}, which it answers without any words, to {value}.",
            without=without,
            value=value,
        )
    return tr(
        "The pulls of all words add up to the way from {without}, without any words, to {value}. They are log-"
        "odds: 0 is as likely as not, and each 1 more makes the odds 2.7 times as high.",
        without=without,
        value=value,
    )


def _notes(told: Told) -> str:
    unread = any(pull is None for text in told["texts"] for *_, pull in text["words"])
    found = []
    if told["pieces"] > 1:
        found.append(
            tr(
                "The text is longer than the model reads at once. This is piece {piece} of {pieces}, the one that"
                " says most; words in grey are in other pieces.",
                piece=told["piece"] + 1,
                pieces=told["pieces"],
            )
        )
    elif unread:
        found.append(tr("The text is longer than the model reads: words in grey were cut off and moved nothing."))
    pulls = [abs(pull) for text in told["texts"] for *_, pull in text["words"] if pull is not None]
    if told["target"] and max(pulls) < HARDLY:
        found.append(tr("No word moved the answer much: the model would say nearly the same of other words."))
    if not told["is_exact"]:
        share = said.mark(told["missing"])
        found.append(
            tr(
                "The figures do not add up exactly: {share} is not accounted for. Do not lean on the small ones.",
                share=share,
            )
        )
    return "".join(pieces.tag("p", one, "nr-note") for one in found)


def neighbours(found: Told) -> str:
    """The nearest training examples as a table. ``found`` is what ``core.explaining.near`` gives."""
    rows: Sequence[Told] = found["rows"]
    if not rows:
        return pieces.tag("p", tr("There are no training examples to show."), "nr-note")
    answers, texts = list(rows[0]["answers"]), list(rows[0]["texts"])
    lines = [
        [f"{row['likeness']:.2f}", *map(_plain, row["answers"].values()), *row["texts"].values(), f"{row['row']:,}"]
        for row in rows
    ]
    how = tr(
        "Of all examples that it learned from, these look most like your text to the model. Likeness goes up to 1, "
        "which is the same to it. Where their answers do not suit your text, they may be why it answers as it does."
    )
    some = found["read"] < found["of"]
    more = (
        tr(" It looked at {read} of the {of} examples, spread over all of them.", read=found["read"], of=found["of"])
        if some
        else ""
    )
    table = pieces.table(
        (tr("Likeness"), *answers, *texts, tr("Row")), lines, tr("The nearest training examples"), "near-rows"
    )
    return f'<div role="status">{table}{pieces.tag("p", how + more, "nr-note")}</div>'


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return said.mark(value, "number") if isinstance(value, float) else str(value)
