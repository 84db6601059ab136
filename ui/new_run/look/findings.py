"""What was found in a table, as HTML: where its rows go, each finding with its fixes, and how far the check is."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from html import escape

from core.data.account import in_words
from core.data.types import Account, Checkup, Finding, News
from ui import pieces, words
from ui.languages import told, tr, tr_html
from ui.new_run.draft import Draft
from ui.new_run.look.changes import is_taken

PARTS = (
    ("train", "To learn from"),
    ("validation", "To check while learning"),
    ("test", "For the final mark"),
    ("none", "Not used"),
)
"""What becomes of rows, by the part they go to."""
LEGEND = {
    "train": "to learn from",
    "validation": "to check while learning",
    "test": "for the final mark",
    "none": "not used",
}
"""The same behind a count."""
ALL_WELL = '<p class="nr-note">Nothing to worry about was found.</p>'
GOES_ON = '<p class="nr-note nr-loading">The check goes on; more may come.</p>'


def account(checkup: Checkup) -> str:
    """How many rows were read, where they go and why others are left out; empty while an error stands."""
    if checkup.parts is None:
        return ""
    parts = checkup.parts
    counts = (parts.train, parts.validation, parts.test, parts.unusable)
    total = sum(counts) or 1
    bar = "".join(
        f'<span data-part="{name}" style="width:{100 * count / total:.3f}%"></span>'
        for (name, _), count in zip(PARTS, counts, strict=True)
        if count
    )
    legend = "".join(
        f'<li><span class="nr-dot" data-part="{name}" aria-hidden="true"></span>{pieces.tag("b", words.count(count))} '
        f"{escape(tr(LEGEND[name]))}</li>"
        for (name, _), count in zip(PARTS, counts, strict=True)
        if count
    )
    return pieces.card(
        tr("What becomes of the rows"),
        _sentence(checkup.account)
        + f'<div class="nr-stack" aria-hidden="true">{bar}</div><ul class="nr-legend">{legend}</ul>',
    )


def _sentence(found: Account | None) -> str:
    return "" if found is None else pieces.prose(in_words(found))


def key_of(finding: Finding) -> str:
    """A name for a finding that stays the same while others come and go."""
    return f"{finding.code}-{zlib.crc32(finding.title.encode()):08x}"


def find(found: Sequence[Finding], key: str) -> Finding | None:
    """The finding of this name."""
    return next((one for one in found if key_of(one) == key), None)


def listed(draft: Draft, found: Sequence[Finding], through: bool) -> str:
    """All findings, errors first, each with what can be done about it."""
    nothing = tr_html(ALL_WELL) if through else ""
    said = pieces.findings(found, lambda one: _acts(draft, one)) or nothing
    return pieces.card(tr("What was found"), said + ("" if through else tr_html(GOES_ON)))


def _acts(draft: Draft, finding: Finding) -> str:
    key, buttons = key_of(finding), []
    for place, fix in enumerate(finding.fixes):
        if is_taken(draft, fix):
            buttons.append(pieces.tag("span", f"✓ {told(fix.words)}", "nr-taken"))
        else:
            buttons.append(pieces.act(told(fix.words), "fix", finding=key, fix=str(place)))
    if finding.rows:
        shown = tr("Show the row") if finding.count == 1 else tr("Show the rows")
        buttons.append(pieces.act(shown, "show", "ts-plain", f"{shown}: {told(finding.title)}", finding=key))
    return f'<div class="nr-acts">{"".join(buttons)}</div>' if buttons else ""


def progress(news: News | None, found: int) -> str:
    """How far the checks are, in a line; ``found`` counts what stands below."""
    if news is None:
        return _line(tr("Getting ready to look closer."), 0.0)
    if news.done < news.total or not news.total:
        if not news.total:
            return _line(tr("Reading the table once more, to look closer."), 0.0)
        place = min(news.done + 1, news.total)
        return _line(
            tr("{title}, {place} of {total}.", title=told(news.title), place=place, total=news.total),
            news.done / max(1, news.total),
        )
    what = words.plural(found, "thing", "things") if found else "nothing"
    return _line(tr("The check is through: it found {what} to know.", what=what), 1.0)


def broken(title: str, advice: str) -> str:
    """The closer look failed; what stands below is true all the same."""
    return pieces.message(title, advice, "nr-warning")


def _line(sentence: str, done: float) -> str:
    over = " data-over" if done >= 1 else ""
    return (
        f'<div class="nr-looking"{over}><p role="status">{escape(sentence)}</p>'
        f'<div class="nr-track" aria-hidden="true"><span style="width:{100 * done:.0f}%"></span></div></div>'
    )


def done(what: str, more: str = "", can_undo: bool = True, before: str = "") -> str:
    """What was done last, with the way back. ``before`` stands before it."""
    sentence = f"{before}{what.removesuffix('.')}."
    undo = pieces.act(tr("Undo"), "undo", spoken=tr("Undo: {what}", what=what)) if can_undo else ""
    close = '<button type="button" class="ts-button ts-plain" data-hide aria-label="Close this message">×</button>'
    said = pieces.prose(sentence) + (pieces.prose(more, "nr-note") if more else "")
    return f'<div class="nr-done"><div role="status">{said}</div>{undo}{close}</div>'
