"""Texts in which people marked places, as label tools export them: ``{"text": ..., "spans": [{"start", "end",
"label"}]}`` and its relatives. They become words with tags.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from core.data import written
from core.data.tagging import Problems, Sentences, Words, iob2, nothing_in
from core.evaluation.entities import Entity
from core.said import said, said_many

START_KEYS = ("start", "start_offset", "begin", "start_char", "startOffset")
END_KEYS = ("end", "end_offset", "stop", "end_char", "endOffset")
LABEL_KEYS = ("label", "labels", "type", "tag", "entity", "entity_group", "entity_type", "category", "name")
_TEXT_KEYS = ("text", "word")

Bounds = list[tuple[int, int]]
"""Where each word begins in its text, and where it stops."""
Span = tuple[int, int, str]
"""Start, end, label, in characters of the text."""


# --- Words -----------------------------------------------------------------------------------------------------------


def bounds_of_words(text: str) -> Bounds:
    """The words of a text: letters and digits together, any other sign by itself, blanks left out.

    Where writing sets no blanks between words (Chinese, Japanese, Thai), each letter counts as one.
    """
    return [match.span() for match in _pattern().finditer(text)]


@cache
def _pattern() -> re.Pattern[str]:
    # Marks above and below letters are no letters to Python, and joiners hold the letters of one word together.
    marks = "".join(_escaped(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
    marks += "\u200c\u200d"
    alone = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"
    alone += "\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3\U00020000-\U0003134f"
    return re.compile(rf"[{alone}][{marks}]*|(?:[^\W{alone}][{marks}]*)+|\S")


def _escaped(code: int) -> str:
    return rf"\u{code:04x}"


def placed(tokens: Sequence[str], text: str) -> Bounds:
    """Where tokens stand in the text that they come from, in order; one that does not stand there takes no room."""
    found, reached = [], 0
    for token in tokens:
        start = text.find(token, reached)
        start, reached = (reached, reached) if start < 0 else (start, start + len(token))
        found.append((start, reached))
    return found


# --- Cells -----------------------------------------------------------------------------------------------------------


def as_spans(value: Any, text: str) -> list[Span] | str:
    """A cell as spans in the order of the text, or the code of what is wrong with it (see ``_words``)."""
    if value is None or value == "":
        return "no-spans"
    if isinstance(value, str):
        value = written.read(value)
    if not isinstance(value, list | tuple):
        return "unreadable-spans"
    found = []
    for item in value:
        span = _span(item)
        if span is None:
            return "unreadable-spans"
        start, end, label = span
        if not 0 <= start < end <= len(text) or not text[start:end].strip():
            return "outside"
        own = _own_text(item)
        if own is not None and own.strip() != text[start:end].strip():
            return "other-place"
        found.append((start, end, label))
    return sorted(set(found))


def _span(item: Any) -> Span | None:
    """``{"start", "end", "label"}`` under any of the names that tools give them, or ``[start, end, label]``."""
    if isinstance(item, Mapping):
        start, end, label = (_first(item, keys) for keys in (START_KEYS, END_KEYS, LABEL_KEYS))
    elif isinstance(item, list | tuple) and len(item) == 3:
        start, end, label = item
    else:
        return None
    if isinstance(label, list):
        label = label[0] if label else None
    places = [_whole(start), _whole(end)]
    name = "" if label is None else str(label).strip()
    return None if None in places or not name else (places[0] or 0, places[1] or 0, name)


def _first(item: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _whole(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _own_text(item: Any) -> str | None:
    """The words that a span says it marks; label tools write them beside the places."""
    own = _first(item, _TEXT_KEYS) if isinstance(item, Mapping) else None
    return own if isinstance(own, str) else None


# --- Sentences -------------------------------------------------------------------------------------------------------


def read_marked(texts: Any, spans: Any, text_name: str, spans_name: str) -> Sentences:
    """Two columns (``pyarrow.ChunkedArray``) as sentences in IOB2; the texts stay as they are."""
    import pyarrow as pa

    found, problems = Sentences(), Problems()
    strings = texts.cast(pa.large_string()).to_pylist()
    for row, (text, cell) in enumerate(zip(strings, spans.to_pylist(), strict=True), start=1):
        if not text or not text.strip():
            problems.note("empty-text", row)
            continue
        read = as_spans(cell, text)
        if isinstance(read, str):
            problems.note(read, row)
            continue
        bounds = bounds_of_words(text)
        chosen, noticed = _fitted(read, bounds)
        for code in noticed:
            problems.note(code, row)
        tokens = [sys.intern(text[start:stop]) for start, stop in bounds]
        found.add(row, text, tokens, iob2(chosen, len(tokens)))
    return Sentences(
        found.texts, found.tokens, found.tags, found.rows, tuple(problems.findings(_words(text_name, spans_name)))
    )


def _fitted(spans: Sequence[Span], bounds: Bounds) -> tuple[list[Entity], set[str]]:
    """Spans as entities of whole words, none of which share a word, and the codes of what had to be done for that."""
    noticed: set[str] = set()
    taken: set[int] = set()
    chosen = []
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        words = [place for place, (begin, stop) in enumerate(bounds) if begin < end and stop > start]
        if not taken.isdisjoint(words):
            noticed.add("overlap")
            continue
        if bounds[words[0]][0] < start or bounds[words[-1]][1] > end:
            noticed.add("mid-word")
        taken.update(words)
        chosen.append((label, words[0], words[-1] + 1))
    return sorted(chosen, key=lambda entity: entity[1]), noticed


def _words(text: str, spans: str) -> dict[str, Words]:
    check = said("Check with which program the table was made, and export it again.")
    return {
        "empty-text": Words(
            nothing_in(text),
            said("There is nothing to read, so they are left out."),
            said("Fill in the text, or leave it so."),
            "text",
        ),
        "no-spans": Words(
            nothing_in(spans),
            said("It is not known whether there is something to mark in them, so they are left out."),
            said("Write an empty list, [], where a text has nothing to mark."),
            "spans",
        ),
        "unreadable-spans": Words(
            lambda count: said_many(
                count,
                "{count} row has something in `{column}` that cannot be read.",
                "{count} rows have something in `{column}` that cannot be read.",
                column=spans,
            ),
            said("They are left out."),
            said(
                "Each mark is written as {record}, or as {list}.",
                record='{"start": 0, "end": 4, "label": "PERSON"}',
                list='[0, 4, "PERSON"]',
            ),
            "spans",
        ),
        "outside": Words(
            lambda count: said_many(
                count,
                "{count} row has a mark in `{column}` that lies outside its text, or on blanks alone.",
                "{count} rows have a mark in `{column}` that lies outside its text, or on blanks alone.",
                column=spans,
            ),
            said("Places are counted in characters of `{column}`, from 0. These rows are left out.", column=text),
            check,
            "spans",
        ),
        "other-place": Words(
            lambda count: said_many(
                count,
                "{count} row has a mark in `{column}` whose own words stand at another place of the text.",
                "{count} rows have a mark in `{column}` whose own words stand at another place of the text.",
                column=spans,
            ),
            said(
                "Places are counted in characters from 0, and the end is the place after the last. These rows are left "
                "out: their marks are on the wrong words."
            ),
            check,
            "spans",
        ),
        "overlap": Words(
            lambda count: said_many(
                count, "{count} row has marks that overlap.", "{count} rows have marks that overlap."
            ),
            said("A word can have one mark only: the longer one is kept."),
            said("Take one of them out where the other is the better one."),
            "spans",
        ),
        "mid-word": Words(
            lambda count: said_many(
                count,
                "{count} row has a mark that begins or ends in the middle of a word.",
                "{count} rows have a mark that begins or ends in the middle of a word.",
            ),
            said("It was widened to the whole word: words are marked whole or not at all."),
            said("Check these rows. Where many are so, the places may be counted in another way."),
            "spans",
        ),
    }
