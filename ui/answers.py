"""An answer of a model as HTML, one function a kind. What a model or a person wrote is escaped, never HTML.

Answers are records as ``Task.answers`` makes them; each function says which. A probability is between 0 and 1, an
offset counts characters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ui import marked, pieces, words
from ui.languages import tr, tr_html
from ui.marked import Piece

SCORES_SHOWN = 8
AROUND = 500
"""Characters shown before and after an answer that stands in a long text; the whole of it is folded away."""
Answer = Mapping[str, Any]


MOVE = (
    "A label is chosen when its probability reaches its threshold. Move a threshold to see what would change; the "
    "model stays as it is."
)


def label(record: Answer) -> str:
    """``{"label", "scores": {label: probability}}``: the class, how sure it is, and all others beside it."""
    scores = record.get("scores") or {}
    sure = _sure(scores[record["label"]]) if record["label"] in scores else ""
    bars = pieces.bars(
        [(name, score, chance(score)) for name, score in _falling(scores)],
        tr("Probability of each class"),
        SCORES_SHOWN,
    )
    return f'<p class="nr-answer">{escape(str(record["label"]))}{sure}</p>{bars}'


def labels(record: Answer) -> str:
    """``{"labels", "scores", "thresholds": {label: probability}}``: a label is chosen from its threshold on.

    ``thresholds.js`` moves the thresholds and re-decides; it reads what stands in the ``data-`` attributes.
    """
    chosen = {str(name) for name in record["labels"]}
    ordered = _falling(record.get("scores") or {})
    thresholds = record.get("thresholds") or {}
    lines = [_threshold(name, score, thresholds.get(name, 0.5), name in chosen) for name, score in ordered]
    names = [name for name, _ in ordered if name in chosen] + sorted(chosen - {name for name, _ in ordered})
    chips = "".join(f'<span class="nr-chip">{escape(name)}</span>' for name in names)
    seen = max(SCORES_SHOWN, len(names))
    return (
        f'<div class="nr-labels"><p class="nr-answer nr-chosen" aria-live="polite" aria-atomic="true">'
        f"{chips or tr('none of them')}</p>"
        + pieces.tag("p", tr(MOVE), "nr-note")
        + f"{_threshold_list(lines[:seen])}{_folded(lines[seen:])}"
        + f'<button type="button" class="ts-button nr-tuned">{escape(tr("Back to the tuned thresholds"))}</button>'
        + "</div>"
    )


def _threshold(name: str, score: float, threshold: float, chosen: bool) -> str:
    """One label: its bar, where its threshold stands, and the slider that moves it."""
    at = min(1.0, max(0.0, threshold))
    state = tr("chosen") if chosen else tr("not chosen")
    named = escape(tr("Threshold of {name}", name=name))
    return (
        f'<li data-label="{escape(name)}" data-score="{float(score)!r}" data-tuned="{float(threshold)!r}" '
        f'data-chosen="{chosen:d}">'
        f'<span class="nr-bar-name" title="{escape(name)}">{escape(name)}</span>'
        f'<span class="nr-bar-track" aria-hidden="true"><span style="width:{100 * score:.2f}%"></span>'
        f'<i style="left:{100 * at:.2f}%"></i></span>'
        f'<span class="nr-bar-value">{chance(score)}</span>'
        f'<input type="range" min="0" max="1" step="0.01" value="{at:.4f}" aria-label="{named}" '
        f'aria-valuetext="{words.mark(threshold)}, {state}">'
        f'<span class="nr-from">{escape(tr("from {share}", share=words.mark(threshold)))}</span></li>'
    )


def _threshold_list(lines: Sequence[str]) -> str:
    # Silent, because the answer that is read aloud when it changes stands above it.
    return (
        '<ul class="nr-bars nr-thresholds" aria-live="off" '
        f'aria-label="{escape(tr("Probability and threshold of each label"))}">'
        f"{''.join(lines)}</ul>"
    )


def _folded(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    more = pieces.tag("summary", tr("and {count} more", count=len(lines)))
    return f'<details class="nr-more">{more}{_threshold_list(lines)}</details>'


def number(record: Answer) -> str:
    """``{"number", "low", "high"}``: the value, and where it stands in the range of the training scores."""
    value = float(record["number"])
    said = escape(words.mark(value, "number"))
    low, high = (float(record[end]) if record.get(end) is not None else math.nan for end in ("low", "high"))
    if not (math.isfinite(value) and low < high):
        return f'<p class="nr-answer nr-number">{said}</p>'
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    ends = (f"<span>{_short(low)}</span>", f"<span>{_short(high)}</span>")
    beyond = _beyond(value, low, high)
    scale = tr("{said} on a scale from {low} to {high}", said=said, low=_short(low), high=_short(high))
    return (
        f'<p class="nr-answer nr-number">{said}</p>'
        f'<div class="nr-scale" role="img" aria-label="{scale}">'
        f'<div><i style="left:{100 * share:.2f}%"></i></div><p>{"".join(ends)}</p></div>'
        f'<p class="nr-note">{beyond}</p>'
    )


def _beyond(value: float, low: float, high: float) -> str:
    if value > high:
        return tr("More than any score in the training examples, the highest of which is {high}.", high=_short(high))
    if value < low:
        return tr("Less than any score in the training examples, the lowest of which is {low}.", low=_short(low))
    return tr(
        "The scale goes from the lowest training score to the highest: {low} to {high}.",
        low=_short(low),
        high=_short(high),
    )


def spans(record: Answer) -> str:
    """``{"text", "spans": [{"start", "end", "label", "score"}]}``: the text with what was found, and a list of it."""
    found = sorted(record["spans"], key=lambda one: (one["start"], one["end"]))
    if not found:
        nothing = f'<p class="nr-answer">{escape(tr("Nothing found in this text."))}</p>'
        return nothing + marked.text(str(record["text"]), [])
    shown = [Piece(one["start"], one["end"], str(one["label"]), f"{chance(one['score'])} sure") for one in found]
    text_ = str(record["text"])
    rows = [
        (text_[one.start : one.end], one.label, chance(span["score"])) for one, span in zip(shown, found, strict=True)
    ]
    return (
        f"{_legend([one.label for one in shown])}{marked.text(text_, shown, 'nr-spans')}"
        f"{pieces.table((tr('Found'), tr('As'), tr('How sure')), rows, tr('What was found'), 'nr-found')}"
    )


def _legend(names: Sequence[str]) -> str:
    """Each label once, in its colour, with how often it was found."""
    items = "".join(
        f'<li style="--hue:{marked.hue(name)}">{escape(name)} <b>{words.count(names.count(name))}</b></li>'
        for name in dict.fromkeys(names)
    )
    return f'<ul class="nr-legend" aria-label="{escape(tr("How often each label was found"))}">{items}</ul>'


def answer(record: Answer) -> str:
    """``{"answer", "start", "end", "score", "context", "no_answer", "others": [{"answer", "score"}]}``.

    An empty ``answer`` says that the text holds none; ``no_answer`` is the probability of that, where it was asked.
    """
    none = record.get("no_answer")
    if not record["answer"]:
        said = _none(none)
        head = f'<p class="nr-answer">{escape(tr("No answer stands in this text."))}</p>{said}'
        return (
            head
            + _others(record, tr("What it would have answered"))
            + _fold(tr("The text"), marked.text(record["context"], []))
        )
    said = _none(none)
    head = f'<p class="nr-answer">{escape(str(record["answer"]))}{_sure(record["score"])}</p>{said}'
    return head + _in_context(record) + _others(record, tr("Other candidates"))


def _none(share: float | None) -> str:
    if share is None:
        return ""
    return pieces.tag("p", tr("The chance that the text holds no answer is {share}.", share=chance(share)), "nr-note")


def _in_context(record: Answer) -> str:
    """The text with the answer marked; of a long one what stands around the answer, and the whole to unfold."""
    context, start, end = str(record["context"]), record["start"], record["end"]
    whole = marked.text(context, [Piece(start, end, said=tr("the answer"))])
    if len(context) <= end - start + 3 * AROUND:
        return whole
    before, after = context[:start][-AROUND:], context[end:][:AROUND]
    if len(before) < start:
        before = f"…{before.partition(' ')[2] or before}"
    if len(after) < len(context) - end:
        after = f"{after.rpartition(' ')[0] or after}…"
    here = Piece(len(before), len(before) + end - start, said=tr("the answer"))
    return marked.text(f"{before}{context[start:end]}{after}", [here]) + _fold(tr("The whole text"), whole)


def _others(record: Answer, title: str) -> str:
    rows = [(str(one["answer"]), chance(one["score"])) for one in record.get("others") or []]
    return _fold(f"{title} ({len(rows)})", pieces.table((tr("Answer"), tr("How sure")), rows, title)) if rows else ""


def _fold(title: str, body: str) -> str:
    return f'<details class="nr-more"><summary>{escape(title)}</summary>{body}</details>'


def fills(record: Answer) -> str:
    """``{"masks": [[{"token", "score"}]], "text", "filled"}``: the text filled in, and what else could stand there."""
    masks = [[(str(one["token"]), one["score"]) for one in mask] for mask in record["masks"]]
    bars = "".join(
        f"<h3>{tr('Gap {place}', place=place) if len(masks) > 1 else tr('What fits')}</h3>{_tokens(mask, place)}"
        for place, mask in enumerate(masks, 1)
    )
    return f'{_filled(record, [mask[0][0] if mask else "" for mask in masks])}<div class="nr-gaps">{bars}</div>'


def _filled(record: Answer, best: Sequence[str]) -> str:
    """The text with the best words in its gaps; as it was given, without marks, where its gaps cannot be told."""
    gap = _gap(str(record["text"]), len(best))
    if gap is None:
        return marked.text(str(record["filled"]), [], "nr-sentence")
    filled, found = "", []
    for place, part in enumerate(str(record["text"]).split(gap)):
        filled += part
        if place < len(best):
            word = best[place].strip() or best[place]
            found.append(Piece(len(filled), len(filled) + len(word)))
            filled += word
    return marked.text(filled, found, "nr-sentence")


def _gap(text_: str, count: int) -> str | None:
    """What marks a gap: ``[MASK]``, ``<mask>`` and the like, when it stands in the text as often as there are gaps."""
    candidates = dict.fromkeys(re.findall(r"\[\w{1,20}\]|<\w{1,20}>|_{2,}", text_))
    return next((one for one in candidates if text_.count(one) == count), None)


def _tokens(mask: Sequence[tuple[str, float]], place: int) -> str:
    items = [(token.strip() or tr("(a space)"), score, chance(score)) for token, score in mask]
    return pieces.bars(items, tr("What fits into gap {place}", place=place), SCORES_SHOWN)


def text(record: Answer) -> str:
    """``{"text"}``: prose as the model wrote it."""
    said = str(record["text"])
    return marked.text(said, []) if said.strip() else tr_html('<p class="nr-note">The model wrote nothing.</p>')


def chance(share: float) -> str:
    """``93.4 %``. Only what is exactly all or nothing is written as 100 % or 0 %."""
    if 0 < share < 0.0005:
        return tr("under {share}", share=words.mark(0.001))
    return tr("over {share}", share=words.mark(0.999)) if 0.9995 <= share < 1 else words.mark(share)


def _sure(score: float) -> str:
    return " " + pieces.tag("span", tr("{share} sure", share=chance(score)), "nr-sure")


def _falling(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda pair: -pair[1])


def _short(value: float) -> str:
    """An end of a scale without useless zeros: ``5``, ``0.25``."""
    said = words.mark(value, "number")
    return said.rstrip("0").rstrip(".") if "." in said and "e" not in said else said
