"""How long the texts are against what the model reads of them, as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ui import pieces, words
from ui.languages import told, tr
from ui.new_run.check import share

BARS = 26


def drawn(lengths: Sequence[int], limit: int, rows: int) -> str:
    """Bars of token counts with a line at the ``limit``. ``lengths`` are those of a sample out of ``rows`` texts."""
    if not lengths or limit < 1:
        return ""
    ordered = sorted(lengths)
    top = max(limit * 1.12, ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] + 1)
    # The limit falls between two bars, so that each lies on one side of it.
    width = limit / max(1, round(BARS * limit / top))
    count = math.ceil(top / width)
    counts = [0] * count
    for length in ordered:
        counts[min(count - 1, max(0, math.ceil(length / width) - 1))] += 1
    beyond = sum(length > limit for length in ordered) / len(ordered)
    return pieces.card(
        tr("How long the texts are"),
        pieces.prose(_sentence(ordered, limit, beyond))
        + _chart(counts, width, limit)
        + _table(counts, width, limit, ordered[-1])
        + pieces.tag("p", _measured(len(ordered), rows), "nr-note"),
    )


def _sentence(ordered: Sequence[int], limit: int, beyond: float) -> str:
    middle = ordered[len(ordered) // 2]
    if not beyond:
        return tr(
            "All are within the limit of {limit} tokens: half have at most {middle}, the longest {ordered}.",
            limit=limit,
            middle=middle,
            ordered=ordered[-1],
        )
    return tr(
        "{beyond}{beyond2} of the texts are longer than {limit} tokens. Half have at most {middle}, the longest "
        "{ordered}. What becomes of long texts is chosen under Settings.",
        beyond=share(beyond)[:1].upper(),
        beyond2=share(beyond)[1:],
        limit=limit,
        middle=middle,
        ordered=ordered[-1],
    )


def _measured(sample: int, rows: int) -> str:
    measured = tr("Measured on {sample} of {rows} texts. ", sample=sample, rows=rows) if rows > sample else ""
    return tr("{measured}A token is a piece of a word; a usual English word has one or two.", measured=measured)


def _chart(counts: Sequence[int], width: float, limit: int) -> str:
    most, end = max(counts), width * len(counts)
    bars = "".join(
        f"<span{' data-beyond' if (place + 1) * width > limit + 0.5 else ''} "
        f'style="height:{max(100 * count / most, 1.2 if count else 0):.2f}%"></span>'
        for place, count in enumerate(counts)
    )
    at = 100 * limit / end
    side = " data-left" if at > 60 else ""
    more = tr(" and more") if counts[-1] else ""
    return (
        f'<div class="nr-lengths" aria-hidden="true"><div class="nr-columns-drawn">{bars}'
        f'<div class="nr-limit" style="left:{at:.2f}%"{side}>'
        f"{pieces.tag('span', tr('limit: {limit} tokens', limit=limit))}</div></div>"
        f'<div class="nr-axis"><span>0</span>{pieces.tag("span", words.plural(round(end), "token") + more)}</div></div>'
    )


def _table(counts: Sequence[int], width: float, limit: int, longest: int) -> str:
    rows = []
    for place, count in enumerate(counts):
        if count:
            low, high = math.floor(place * width) + 1, math.floor((place + 1) * width)
            last = place == len(counts) - 1
            over = tr("yes") if high > limit or (last and longest > limit) else ""
            which = tr("{low} and more", low=low) if last else tr("{low} to {high}", low=low, high=high)
            rows.append([which, words.count(count), over])
    table = pieces.table([tr("Tokens"), tr("Texts"), tr("Over the limit")], rows, tr("Texts by their number of tokens"))
    summary = pieces.tag("summary", tr("The same as a table"))
    return f'<details class="nr-more" data-key="lengths">{summary}{table}</details>'


def failed(title: str, advice: str) -> str:
    """Why the lengths are not known."""
    return pieces.card(tr("How long the texts are"), pieces.tag("p", f"{told(title)} {told(advice)}", "nr-note"))
