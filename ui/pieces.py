"""Small pieces of a page as HTML. Everything that comes from a table or a person is escaped here, nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from core.data.types import Finding
from ui.languages import told, tr, written

BARS_SHOWN = 20
SIGNS = {"error": "!", "warning": "!", "info": "i"}
SPOKEN = {"error": "Must be fixed", "warning": "Worth knowing", "info": "For your information"}


def tag(name: str, text: str, css: str = "") -> str:
    """One element around escaped text."""
    return f'<{name} class="{css}">{escape(text)}</{name}>' if css else f"<{name}>{escape(text)}</{name}>"


def prose(text: str, css: str = "") -> str:
    """A paragraph in which `names in backticks` stand out."""
    return f'<p class="{css}">{_named(text)}</p>' if css else f"<p>{_named(text)}</p>"


def _named(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(told(text)))


def facts(pairs: Iterable[tuple[str, str]], explained: Mapping[str, str] | None = None) -> str:
    """Names and values beside each other; pairs without a value are left out. ``explained``: words under a name."""

    def cell(name: str, value: str) -> str:
        help_ = (explained or {}).get(name, "")
        return f"<div>{tag('dt', name)}{tag('dd', value)}{tag('dd', help_, 'nr-help') if help_ else ''}</div>"

    cells = "".join(cell(name, value) for name, value in pairs if value)
    return f'<dl class="nr-facts">{cells}</dl>' if cells else ""


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], label: str, css: str = "") -> str:
    """A table that scrolls inside its own frame, also by keyboard."""
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in headers)
    body = "".join("<tr>" + "".join(f"<td><div>{escape(cell)}</div></td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="nr-scroll {css}" tabindex="0" role="region" aria-label="{escape(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def bars(items: Sequence[tuple[str, float, str]], label: str, shown: int = BARS_SHOWN) -> str:
    """Horizontal bars of (name, length from 0 to 1, value in words); what is beyond ``shown`` is folded away."""
    first = _bar_list(items[:shown], label)
    rest = items[shown:]
    if not rest:
        return first
    return f"{first}<details class='nr-more'><summary>{_more(len(rest))}</summary>{_bar_list(rest, label)}</details>"


def _more(count: int) -> str:
    return escape(tr("and {count} more", count=count))


def _bar_list(items: Sequence[tuple[str, float, str]], label: str) -> str:
    lines = "".join(
        f'<li><span class="nr-bar-name" title="{escape(name)}">{escape(name)}</span>'
        f'<span class="nr-bar-track" aria-hidden="true"><span style="width:{100 * length:.2f}%"></span></span>'
        f'<span class="nr-bar-value">{escape(value)}</span></li>'
        for name, length, value in items
    )
    return f'<ul class="nr-bars" aria-label="{escape(label)}">{lines}</ul>'


def findings(found: Sequence[Finding], below: Callable[[Finding], str] | None = None) -> str:
    """The data check's findings, errors first. ``below`` draws what stands under one: by default its row numbers,
    folded away.
    """
    if not found:
        return ""
    order = ("error", "warning", "info")
    ordered = sorted(found, key=lambda one: order.index(one.severity))
    items = "".join(_finding(one, (below or _row_numbers)(one)) for one in ordered)
    return f'<ul class="nr-findings">{items}</ul>'


def _finding(one: Finding, below: str) -> str:
    fix, spoken = prose(one.fix, "nr-fix") if one.fix else "", escape(tr(SPOKEN[one.severity]))
    return (
        f'<li class="nr-finding nr-{one.severity}">'
        f'<span class="nr-sign" role="img" aria-label="{spoken}">{SIGNS[one.severity]}</span><div>'
        f"<b>{_named(told(one.title))}</b>{prose(told(one.meaning))}{fix}{below}</div></li>"
    )


def act(words: str, name: str, css: str = "", spoken: str = "", ask: str = "", **data: str) -> str:
    """A button that tells the page's script to do ``name`` with this ``data``. ``ask`` is asked before."""
    told = {"act": name, **data, "key": "-".join([name, *data.values()])} | ({"ask": ask} if ask else {})
    attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in told.items())
    label = f' aria-label="{escape(spoken)}"' if spoken else ""
    return f'<button type="button" class="ts-button {css}"{attributes}{label}>{escape(words)}</button>'


def _row_numbers(one: Finding) -> str:
    if not one.rows:
        return ""
    numbers = ", ".join(written(f"{row:,}") for row in one.rows)
    more = f" {_more(one.count - len(one.rows))}" if one.count > len(one.rows) else ""
    return f'<details class="nr-more"><summary>{escape(tr("Which rows"))}</summary><p>{numbers}{more}</p></details>'


def message(title: str, advice: str = "", css: str = "nr-error") -> str:
    """What happened and what to do, read out at once by a screen reader."""
    sign = SIGNS["error"]
    words = prose(advice) if advice else ""
    return (
        f'<div class="nr-finding {css}" role="alert"><span class="nr-sign" aria-hidden="true">{sign}</span>'
        f"<div><b>{_named(title)}</b>{words}</div></div>"
    )


def card(title: str, body: str, css: str = "") -> str:
    """A framed part of a page under its own heading; ``body`` is HTML."""
    return f'<section class="nr-card {css}"><h2>{escape(title)}</h2>{body}</section>' if body else ""


def reasons(lines: Mapping[str, str]) -> str:
    """A list of "what: why"."""
    items = "".join(f"<li><b>{escape(what)}.</b> {_named(why)}</li>" for what, why in lines.items() if why)
    return f'<ul class="nr-reasons">{items}</ul>' if items else ""
