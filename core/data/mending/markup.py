"""HTML in texts: tags and entities. ``a < b``, ``<3`` and names in angle brackets such as ``<unk>`` are none."""

from __future__ import annotations

import html
import re

from core.data.mending.types import Mend

_PLAIN = (
    "a abbr acronym article aside b big blockquote body br caption center cite col colgroup dd del dfn div dl dt em "
    "fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img ins kbd li nav "
    "noscript ol p pre script small span strike strong style sub sup table tbody td tfoot th thead tr tt u ul"
).replace(" ", "|")
# Words that people put in angle brackets too, as in `--title <title>`: they are tags when closed, or with attributes.
_WORDS = (
    "address button code data label link map mark menu meta object option select textarea time title var video audio "
    "input main section summary details"
).replace(" ", "|")
_BLOCKS = (
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table td th tr ul title"
).replace(" ", "|")
_ATTRIBUTES = r"""(?:\s+[A-Za-z_:][\w:.\-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]+))?)"""
_ENTITY = (
    r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|amp|lt|gt|quot|apos|nbsp|copy|reg|trade|hellip|mdash|ndash|lsquo|rsquo|"
    r"ldquo|rdquo|sbquo|bdquo|laquo|raquo|bull|middot|euro|pound|yen|cent|deg|times|sect|para|shy|zwj|zwnj|"
    r"[AEIOUaeiouNnCcYySs](?:grave|acute|circ|tilde|uml|ring|cedil|slash|caron)|AElig|aelig|OElig|oelig|szlig|iexcl|"
    r"iquest|frac12|frac14|frac34|plusmn|sup2|sup3|ordm|ordf|thinsp|ensp|emsp);"
)
_TAG = (
    rf"<(?:(?:{_PLAIN}){_ATTRIBUTES}*\s*/?|(?:{_WORDS}){_ATTRIBUTES}+\s*/?"
    rf"|/(?:{_PLAIN}|{_WORDS})\s*)>|<!--|<!doctype\s+html"
)
_FOUND = re.compile(f"(?i:{_TAG})|{_ENTITY}")
_TAG_FOUND = re.compile(_TAG, re.IGNORECASE)
_ENTITY_FOUND = re.compile(_ENTITY)
_NO_TAG = re.compile(rf"<(?!/?(?:{_PLAIN}|{_WORDS})[\s/>]|/?[ovwx]:\w|!--|!doctype|\?xml|!\[)", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{_BLOCKS})(?=[\s/>])", re.IGNORECASE)
_SPACED = re.compile(r"[ \t]*\n[ \t]*")
_EMPTY_LINES = re.compile(r"\n{3,}")
_UNSEEN = "script, style, template, noscript"
_LAYERS = 5
"""HTML may be written down as HTML, and so on: that often at the most."""


def _text_of(text: str) -> str:
    for _ in range(_LAYERS):
        if _TAG_FOUND.search(text):
            text = _without_tags(text)
        elif _ENTITY_FOUND.search(text):
            text = _ENTITY_FOUND.sub(_character, text)
        else:
            return text
    # Whatever still looks like HTML is nested deeper than anyone means.
    return _FOUND.sub(" ", text)


def _character(found: re.Match[str]) -> str:
    """What an entity stands for; an unbreakable space is a space like any other here."""
    return html.unescape(found.group()).replace("\u00a0", " ").replace("\u00ad", "")


def _without_tags(text: str) -> str:
    """The text alone. What was in boxes and lines of its own is not glued to its neighbours."""
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(_BLOCK.sub(lambda found: f"\n{found.group()}", _NO_TAG.sub("&lt;", text)))
    for node in page.css(_UNSEEN):
        node.decompose()
    root = page.root
    plain = root.text(separator="") if root is not None else ""
    plain = plain.replace("\u00a0", " ")
    return _EMPTY_LINES.sub("\n\n", _SPACED.sub("\n", plain)).strip()


HTML = Mend(lambda: f"(?i:{_TAG})|{_ENTITY}", _text_of, sure=True)
