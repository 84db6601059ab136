"""Which columns of a table hold words with tags, or texts with marked places, told by their values first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.data.guessing import best_text, name_score
from core.data.marking import END_KEYS, LABEL_KEYS, START_KEYS
from core.data.tagging import as_list
from core.data.types import Column, Preview
from core.said import enumerated, said

TOKEN_NAMES = ("tokens", "words", "token", "word", "sentence", "text", "form", "sentence_words")
TAG_NAMES = (
    "ner_tags", "tags", "labels", "pos_tags", "ner", "upos", "pos", "xpos", "chunk_tags", "tag", "label", "bio", "iob",
    "word_labels", "entities", "slots", "chunks", "named_entities",
)  # fmt: skip
SPAN_NAMES = ("spans", "entities", "label", "labels", "annotations", "marks", "ents", "ner")
_SPAN_TAG = re.compile(r"O|[BIESLUM]-\S+")
_CUT = "…"
_WRITTEN_SPANS = re.compile(
    r"""\[\s*([\[(]\s*\d+\s*,\s*\d+\s*,\s*["']|\{[^{}]*["'](start|start_offset)["']\s*:\s*\d)"""
)
_FEW_TAGS = 0.5


@dataclass(frozen=True)
class Found:
    """Two columns that belong together. ``are_spans``: a text and its marks, else words and their tags."""

    first: str
    second: str
    are_spans: bool
    sure: bool
    reason: str


def found(preview: Preview) -> Found | None:
    """The two columns that fit best, or None."""
    return _words_and_tags(preview) or _text_and_spans(preview)


# --- Words and tags --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cell:
    """The items of a list as far as they are shown."""

    items: list[str]
    is_whole: bool


def _words_and_tags(preview: Preview) -> Found | None:
    """Two columns of lists that are equally long in every row, of which one holds few different values."""
    lists = {column.name: cells for column in preview.columns if (cells := _cells(preview, column))}
    choices = []
    for tags, marks in lists.items():
        for tokens, words in lists.items():
            if tokens == tags or _are_span_tags(words):
                continue
            sure = _are_span_tags(marks)
            named = (name_score(tags, TAG_NAMES), name_score(tokens, TOKEN_NAMES))
            if _are_aligned(words, marks, sure or min(named) > 0) and (sure or (_return(marks, words) and named[0])):
                choices.append((sure, sum(named), tokens, tags))
    if not choices:
        return None
    sure, names, tokens, tags = max(choices, key=lambda choice: choice[:2])
    reason = said(
        "`{tags}` has as many tags in each row as `{words}` has words: {shown} and the like.",
        tags=tags,
        words=tokens,
        shown=enumerated(*(f"`{tag}`" for tag in sorted({*_items(lists[tags])} - {"O"})[:3])),
    )
    return Found(tokens, tags, False, sure or names >= 1.5, reason)


def _cells(preview: Preview, column: Column) -> list[_Cell]:
    """The first rows of a column; empty where they are no lists."""
    if column.kind == "list" and column.fields not in (("string",), ("number",)):
        return []
    if column.kind not in ("list", "text", "category"):
        return []
    cells = [_cell(row.get(column.name, "")) for row in preview.head]
    return cells if any(len(cell.items) > 1 for cell in cells) else []


def _cell(shown: str) -> _Cell:
    if not shown.endswith(_CUT):
        return _Cell(as_list(shown) or [], True)
    start, _, _ = shown.rpartition("," if shown.startswith("[") else " ")
    return _Cell(as_list(f"{start}]" if shown.startswith("[") else start) or [], False)


def _items(cells: list[_Cell]) -> list[str]:
    return [item for cell in cells for item in cell.items]


def _are_aligned(words: list[_Cell], marks: list[_Cell], where_unknown: bool) -> bool:
    """Whether lists are equally long; ``where_unknown`` is the answer where all are cut or empty."""
    pairs = [
        (len(one.items), len(other.items))
        for one, other in zip(words, marks, strict=True)
        if one.is_whole and other.is_whole and one.items and other.items
    ]
    if not pairs:
        return where_unknown
    return sum(one == other for one, other in pairs) >= 0.9 * len(pairs) and max(pairs)[0] > 1


def _are_span_tags(cells: list[_Cell]) -> bool:
    tags = _items(cells)
    hits = sum(bool(_SPAN_TAG.fullmatch(tag)) for tag in tags)
    return bool(tags) and hits >= 0.9 * len(tags) and any("-" in tag for tag in tags)


def _return(marks: list[_Cell], words: list[_Cell]) -> bool:
    """A few values that come again and again, fewer than there are words."""
    tags, different = _items(marks), {*_items(marks)}
    return 2 <= len(different) <= _FEW_TAGS * len(tags) and len(different) < len({*_items(words)})


# --- Texts and spans -------------------------------------------------------------------------------------------------


def _text_and_spans(preview: Preview) -> Found | None:
    spans = [column for column in preview.columns if _holds_spans(column)]
    if not spans:
        return None
    chosen = max(spans, key=lambda column: name_score(column.name, SPAN_NAMES))
    text = best_text(preview, apart=tuple(column.name for column in spans))
    if text is None:
        return None
    reason = said(
        "`{column}` says from which letter to which something is marked in `{text}`, and as what.",
        column=chosen.name,
        text=text.name,
    )
    return Found(text.name, chosen.name, True, True, reason)


def _holds_spans(column: Column) -> bool:
    if column.kind == "list":
        fields = set(column.fields)
        return all(not fields.isdisjoint(keys) for keys in (START_KEYS, END_KEYS, LABEL_KEYS))
    written = [example for example in column.examples if example.strip() not in ("", "[]")]
    hits = sum(bool(_WRITTEN_SPANS.match(example.replace("'", '"').replace("(", "["))) for example in written)
    return column.kind in ("text", "category") and bool(written) and hits > len(written) / 2
