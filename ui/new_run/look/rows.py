"""The rows of a table in pages, and one of them opened to be edited; as HTML. What was edited becomes steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.data.browse import RowsPage, ShownRow, WholeRow
from ui import pieces, words
from ui.languages import tr, tr_html
from ui.new_run.draft import Draft
from ui.new_run.look.changes import added
from ui.new_run.look.findings import LEGEND

PAGE = 20
FILES = {"source": "", "validation": "validation file", "test": "test file"}
NOTHING = '<p class="nr-note" role="status">No row is like that. Search for something else, or show all rows.</p>'


def drawn(page: RowsPage, opened: WholeRow | None, labels: Sequence[str], label_column: str, focus: str) -> str:
    """The rows of a page as a table; beneath the one that is ``opened``, its editor. ``focus``: see ``name_of``."""
    if not page.rows:
        return tr_html(NOTHING)
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in (tr("Row"), *page.columns, tr("Goes")))
    body = ""
    for row in page.rows:
        is_open = opened is not None and (row.file, row.number) == (opened.file, opened.number)
        body += _row(page, row, is_open, focus)
        if is_open and opened is not None:
            editor = _editor(opened, labels, label_column)
            body += f'<tr class="nr-open"><td colspan="{len(page.columns) + 2}">{editor}</td></tr>'
    return (
        f'<div class="nr-rows" tabindex="0" role="region" aria-label="Rows of the table"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>{_pager(page)}"
    )


def name_of(file: str, number: int) -> str:
    """A name for a row."""
    return f"{file}-{number}"


def _row(page: RowsPage, row: ShownRow, is_open: bool, focus: str) -> str:
    number = words.count(row.number)
    where = tr(" of the {files}", files=tr(FILES[row.file])) if tr(FILES[row.file]) else ""
    changed = pieces.tag("span", tr("changed"), "nr-changed") if row.changed else ""
    wanted = " data-focus" if focus == name_of(row.file, row.number) and not is_open else ""
    button = (
        f'<button type="button" class="ts-button ts-plain" data-act="{"shut" if is_open else "open"}" '
        f'data-file="{row.file}" data-number="{row.number}" data-key="row-{name_of(row.file, row.number)}" '
        f'aria-expanded="{"true" if is_open else "false"}" '
        f'data-word="{escape(tr("Row"))}" aria-label="{escape(tr("Row {number}", number=number))}{where}"{wanted}>'
        f"{number}</button>"
    )
    file = pieces.tag("small", tr(FILES[row.file])) if tr(FILES[row.file]) else ""
    cells = "".join(
        f'<td data-label="{escape(name)}"><div>{escape(cell)}</div></td>'
        for name, cell in zip(page.columns, row.cells, strict=True)
    )
    part = f'<span class="nr-dot" data-part="{row.part}" aria-hidden="true"></span>{escape(tr(LEGEND[row.part]))}'
    return (
        f'<tr data-row{" data-opened" if is_open else ""}><th scope="row">{button}{file}{changed}</th>{cells}'
        f'<td class="nr-goes">{part}</td></tr>'
    )


def _pager(page: RowsPage) -> str:
    last = page.start + len(page.rows)
    said = (
        tr("Rows {start} to {last} of {total}", start=page.start + 1, last=last, total=page.total)
        if page.total > len(page.rows)
        else words.plural(page.total, "row")
    )
    before = (
        pieces.act(tr("Back"), "page", spoken=tr("The rows before"), start=str(max(0, page.start - PAGE)))
        if page.start
        else ""
    )
    after = pieces.act(tr("More"), "page", spoken=tr("The next rows"), start=str(last)) if last < page.total else ""
    return f'<div class="nr-pager"><span role="status">{said}</span>{before}{after}</div>'


def _editor(row: WholeRow, labels: Sequence[str], label_column: str) -> str:
    fields = "".join(
        _field(place, name, cell, row.locked.get(name, ""), labels if name == label_column else ())
        for place, (name, cell) in enumerate(row.cells.items())
    )
    where = {"file": row.file, "number": str(row.number)}
    buttons = (
        pieces.act(tr("Save"), "save", "ts-primary", **where)
        + pieces.act(tr("Take out this row"), "out", **where)
        + pieces.act(tr("Cancel"), "shut", "ts-plain", **where)
    )
    return (
        f'<div class="nr-editor" data-form role="group" aria-label="{escape(tr("Row {number}", number=row.number))}">'
        f"{fields}"
        f'<div class="nr-acts">{buttons}</div></div>'
    )


def _field(place: int, name: str, cell: str, locked: str, labels: Sequence[str]) -> str:
    focus = " data-focus" if place == 0 else ""
    if locked:
        return (
            f'<div class="nr-field-of">{pieces.tag("b", name)}{pieces.tag("div", cell, "nr-locked")}'
            f"{pieces.tag('p', locked, 'nr-note')}</div>"
        )
    column, field = escape(name), f"cell-{place}"
    if labels:
        if cell in ("true", "false"):
            labels = [label.lower() for label in labels]
        known = list(labels) if cell in labels or not cell else [cell, *labels]
        options = "".join(
            f'<option value="{escape(label)}"{" selected" if label == cell else ""}>{escape(label)}</option>'
            for label in known
        )
        nothing = f'<option value=""{"" if cell else " selected"}>– {escape(tr("none"))} –</option>'
        return (
            f'<div class="nr-field-of"><label for="{field}">{column}</label>'
            f'<select id="{field}" data-column="{column}"{focus}>{nothing}{options}'
            f'<option value="" data-other>{escape(tr("Another one…"))}</option></select>'
            f'<label hidden>{escape(tr("Its name"))}<input maxlength="200" autocomplete="off" data-instead></label>'
            "</div>"
        )
    lines = min(12, max(1, len(cell) // 90 + cell.count("\n") + 1))
    # A line feed right after the tag is none of the text's.
    return (
        f'<div class="nr-field-of"><label for="{field}">{column}</label>'
        f'<textarea id="{field}" rows="{lines}" data-column="{column}"{focus}>\n{escape(cell)}</textarea></div>'
    )


def edited(draft: Draft, row: WholeRow, cells: Mapping[str, Any]) -> Draft:
    """The draft with what differs of the ``cells`` that came back; as it was where nothing does."""
    steps = [
        {"kind": "set_cell", "row": row.number, "column": name, "value": str(value), "file": row.file}
        for name, value in cells.items()
        if name in row.cells and name not in row.locked and _plain(str(value)) != _plain(row.cells[name])
    ]
    return added(draft, tr("Row {number} was changed", number=row.number), *steps) if steps else draft


def taken_out(draft: Draft, row: WholeRow) -> Draft:
    """The draft without a row."""
    step = {"kind": "drop_rows", "rows": [row.number], "file": row.file}
    return added(draft, tr("Row {number} was taken out", number=row.number), step)


def _plain(text: str) -> str:
    """Browsers write every end of a line in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
