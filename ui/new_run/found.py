"""What was found in a table, as HTML: at first sight, while it is read, and whole."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.data.accepted import title_of_format
from core.data.types import Column, Preview
from core.data_config import HUB
from ui import pieces, words
from ui.languages import told, tr
from ui.new_run.working import Tick

HEAD_SHOWN = 8
KINDS = {
    "text": "text",
    "category": "a few different values",
    "number": "numbers",
    "boolean": "yes or no",
    "list": "lists",
    "other": "mixed",
}

_WITH = {
    "packed as": "packed as {value}",
    "encoding": "encoding {value}",
    "delimiter": "delimiter {value}",
    "sheet": "sheet {value}",
}
_DELIMITERS = {"comma": "comma", "semicolon": "semicolon", "tab": "tab", "vertical bar": "vertical bar"}
_AS = {
    "quote marks around texts": "quote marks around texts",
    "quote marks as letters": "quote marks as letters",
    "first row names": "first row names",
    "first row data": "first row data",
}


def describe(preview: Preview) -> str:
    """The whole table at a glance: what it is, its first rows, its columns."""
    return summary(preview) + columns(preview)


def summary(preview: Preview) -> str:
    """What the table is, what was noticed while it was read, and its first rows."""
    parts = [_facts(preview), pieces.findings(preview.findings), head(preview)]
    return pieces.card(tr("Your table: {title}", title=preview.title), "".join(parts))


def columns(preview: Preview) -> str:
    """What each column holds."""
    table = pieces.table(
        [tr("Column"), tr("What it holds"), tr("Missing"), tr("Different values"), tr("For example")],
        [_column(column, preview.rows) for column in preview.columns],
        tr("Columns of {title}", title=preview.title),
        "nr-columns",
    )
    return pieces.card(tr("Columns"), table)


def first_sight(preview: Preview) -> str:
    """The first rows of a table that is still being read."""
    rows = f"about {words.short(preview.rows)}" if preview.rows else ""
    facts = pieces.facts([(tr("Rows"), rows), (tr("Size"), words.size(preview.bytes))])
    return pieces.card(tr("Your table: {title}", title=preview.title), facts + head(preview))


def on_its_way(source: str) -> str:
    """A table of the Hub while it is fetched; its first rows stand above."""
    return pieces.card(source.removeprefix(HUB), pieces.tag("p", tr("It is on its way to this machine."), "nr-note"))


def head(preview: Preview, shown: int = HEAD_SHOWN) -> str:
    """The first rows under a heading."""
    names = [column.name for column in preview.columns]
    rows = [[row.get(name, "") for name in names] for row in preview.head[:shown]]
    return pieces.tag("h3", tr("The first rows")) + pieces.table(
        names, rows, tr("The first rows of {title}", title=preview.title), "nr-head"
    )


def progress(tick: Tick) -> str:
    """A bar, words for what goes on, and the time that is left."""
    left = tr("{time} left", time=words.about(tick.left)) if tick.left is not None else ""
    said = ", ".join(filter(None, [told(tick.words) or tr("Reading"), left]))
    value = f' value="{tick.done:.3f}"' if tick.done > 0 else ""
    return (
        f'<div class="nr-working">{pieces.tag("p", said)}'
        f'<progress max="1"{value} aria-label="{escape(tr("How far it is"))}"></progress></div>'
    )


def _facts(preview: Preview) -> str:
    return pieces.facts(
        [
            (tr("Rows"), words.count(preview.rows)),
            (tr("Columns"), words.count(len(preview.columns))),
            (tr("Size"), words.size(preview.bytes) if preview.bytes else ""),
            (tr("Read as"), "" if preview.source.startswith(HUB) else ", ".join(read_as(preview))),
        ]
    )


def read_as(preview: Preview) -> Sequence[str]:
    """How the file was read, in words."""
    return [title_of_format(preview.format), *(_read(name, value) for name, value in preview.reading.items())]


def _read(name: str, value: str) -> str:
    whole = f"{name} {value}"
    if whole in _AS:
        return tr(_AS[whole])
    return tr(_WITH[name], value=tr(_DELIMITERS[value]) if name == "delimiter" and value in _DELIMITERS else value)


def _column(column: Column, rows: int) -> list[str]:
    missing = tr("{missing} of {rows}", missing=column.missing, rows=rows) if column.missing and rows else tr("none")
    kind = tr(KINDS[column.kind])
    if column.kind == "text" and column.mean_length:
        kind += tr(", about {count} characters", count=round(column.mean_length))
    return [column.name, kind, missing, f"{column.distinct:,}", " · ".join(column.examples[:3])]
