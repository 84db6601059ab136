"""The classes of a table as bars, each with a few texts, to be renamed, brought together or left out; as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.data.browse import ClassRows
from core.data.types import Checkup
from core.tasks import TASKS
from ui import pieces, words
from ui.languages import tr
from ui.new_run.check import RANGES, how_many, in_number, kind_of, share, title_of_classes, used_rows
from ui.new_run.draft import Draft
from ui.new_run.look.changes import added

BARS_SHOWN = 12
EDITED = 300
"""So many classes can be edited here; of more, the others are only drawn."""


def drawn(draft: Draft, checkup: Checkup, rows: ClassRows | None) -> str:
    """What there is to learn: classes to open and edit, or a histogram of numbers; else empty."""
    if not checkup.labels:
        return ""
    task = TASKS[draft.task]
    counted = sum(count for _, count in checkup.labels) or 1
    total = (used_rows(checkup) or counted) if task.output == "labels" else counted
    title = title_of_classes(task, draft)
    if task.output == "number" or rows is None or not rows.samples:
        most = max(count for _, count in checkup.labels) or 1
        items = [(name, count / most, _value(count, count / total)) for name, count in checkup.labels]
        said = tr(RANGES) if task.output == "number" else in_number(task, len(items))
        return pieces.card(title, pieces.tag("p", said, "nr-note") + pieces.bars(items, tr("Rows of each")))
    ordered = sorted(checkup.labels, key=lambda pair: -pair[1])
    items_ = [
        _class(name, count, count / (ordered[0][1] or 1), _value(count, count / total), rows, place < EDITED)
        for place, (name, count) in enumerate(ordered)
    ]
    first, rest = "".join(items_[:BARS_SHOWN]), items_[BARS_SHOWN:]
    folded = (
        f'<details class="nr-more" data-key="classes">{pieces.tag("summary", tr("and {count} more", count=len(rest)))}'
        f'<ul class="nr-classes">{"".join(rest)}</ul></details>'
        if rest
        else ""
    )
    opened = tr("{items}. Open one to see texts of it", items=how_many(task, len(items_))) + (
        tr(", to rename it or to leave it out.") if rows.column else "."
    )
    body = f'{pieces.tag("p", opened, "nr-note")}<ul class="nr-classes">{first}</ul>{folded}'
    return pieces.card(title, body + (_merging(kind_of(task)) if rows.column and len(items_) > 1 else ""))


def _value(count: int, part: float) -> str:
    return f"{words.count(count)} · {share(part)}"


def _class(name: str, count: int, length: float, part: str, rows: ClassRows, edited: bool) -> str:
    edited = edited and bool(rows.column)
    tick = (
        f'<input type="checkbox" name="merge" value="{escape(name)}" '
        f'aria-label="{escape(tr("Tick {name}", name=name))}" data-key="tick-{escape(name)}">'
        if edited
        else ""
    )
    samples = "".join(pieces.tag("li", text) for text in rows.samples.get(name, ()))
    quotes = f'<ul class="nr-quotes" aria-label="{escape(tr("Texts of this kind"))}">{samples}</ul>' if samples else ""
    acts = pieces.act(tr("Show its rows"), "class", "ts-plain", tr("Show the rows of {name}", name=name), label=name)
    if edited:
        leave = tr("Take it away from its rows") if rows.lists else tr("Leave it out")
        ask = (
            tr("“{name}” is taken away.", name=name)
            if rows.lists
            else tr("The {count} of “{name}” are left out.", count=words.plural(count, "row"), name=name)
        )
        acts += pieces.act(
            leave, "drop", "ts-plain", f"{leave}: {name}", ask=tr("{ask} This can be undone.", ask=ask), label=name
        )
    rename = (
        f'<div class="nr-inline" data-form><label>{escape(tr("New name"))}<input name="to" value="{escape(name)}" '
        f'maxlength="200" autocomplete="off" data-key="to-{escape(name)}"></label>'
        f"{pieces.act(tr('Rename'), 'rename', spoken=tr('Rename {name}', name=name), label=name)}</div>"
        if edited
        else ""
    )
    return (
        f'<li>{tick}<details data-key="class-{escape(name)}"><summary>'
        f'<span class="nr-bar-name">{escape(name)}</span>'
        f'<span class="nr-bar-track" aria-hidden="true"><span style="width:{100 * length:.2f}%"></span></span>'
        f'<span class="nr-bar-value">{escape(part)}</span></summary>'
        f'<div class="nr-class">{quotes}{rename}<div class="nr-acts">{acts}</div></div></details></li>'
    )


TICKED = {
    "label": "One name for the ticked classes",
    "labels": "One name for the ticked labels",
    "number": "One name for the ticked ranges",
    "other": "One name for the ticked kinds",
}


def _merging(kind: str) -> str:
    return (
        f'<div class="nr-inline nr-merge" data-form hidden><label>{escape(tr(TICKED[kind]))}'
        '<input name="into" maxlength="200" autocomplete="off" data-key="into"></label>'
        f"{pieces.act(tr('Bring them together'), 'merge')}</div>"
    )


def renamed(draft: Draft, rows: ClassRows, old: Sequence[str], new: str) -> Draft:
    """The draft with one or more classes under a new name; as it was where that changes nothing."""
    values = {name: new for name in old if name != new}
    if not values or not new:
        return draft
    step: Mapping[str, Any] = {"kind": "rename_values", "column": rows.column, "values": values}
    named = ", ".join(f"“{name}”" for name in list(values)[:4]) + (tr(" and others") if len(values) > 4 else "")
    return added(draft, f"{named} {'is' if len(values) == 1 else 'are'} called “{new}” now", step)


def dropped(draft: Draft, rows: ClassRows, label: str) -> Draft:
    """The draft without a class: without its rows or, where rows have several labels, without this one."""
    if rows.lists:
        step: Mapping[str, Any] = {"kind": "rename_values", "column": rows.column, "values": {label: ""}}
        return added(draft, tr("“{label}” was taken away from its rows", label=label), step)
    return added(
        draft,
        tr("“{label}” is left out", label=label),
        {"kind": "drop_values", "column": rows.column, "values": [label]},
    )
