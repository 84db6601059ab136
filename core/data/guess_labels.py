"""Guessing which column, or which columns, hold any number of labels a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.data import guessing
from core.data.label_lists import SEPARATORS, find_separator, separated, split, tell_form
from core.data.types import Column, Preview
from core.said import said

NAMES = (
    "labels", "tags", "topics", "genres", "categories", "keywords", "classes", "label", "tag", "genre", "genre_ids",
    "category", "topic", "emotions", "subjects", "hashtags", "codes", "targets", "annotations", "ingredients",
)  # fmt: skip
_OTHER_LISTS = ("tokens", "words", "tokenized", "ids", "input_ids", "embedding", "vector", "offsets", "spans")
_LONGEST_LABEL = 40
"""Characters, on average: what is longer is a text."""


@dataclass(frozen=True)
class Found:
    """The columns of the labels, why, and how sure that is, from 0 to 1."""

    columns: str | tuple[str, ...]
    reason: str
    score: float


def best_labels(preview: Preview) -> Found | None:
    """The best guess, or None."""
    columns = preview.columns
    found = [_flags(columns)]
    found += [_list(column, columns) for column in columns if column.kind == "list"]
    found += [_text(column, preview) for column in columns if column.kind in ("text", "category")]
    return max(filter(None, found), key=lambda one: one.score, default=None)


def _flags(columns: Sequence[Column]) -> Found | None:
    """Columns of nothing but yes and no."""
    names = tuple(column.name for column in columns if _is_flag(column) and not guessing.is_id(column))
    if len(names) < 2:
        return None
    reason = said("{count} columns say yes or no, as one column for each label does.", count=len(names))
    return Found(names, reason, 0.95 if len(names) > 2 else 0.45)


def _is_flag(column: Column) -> bool:
    values = {value.strip().lower() for value in column.examples}
    two = values <= {"0", "1"} or values <= {"0.0", "1.0"} or values <= {"true", "false"} or values <= {"yes", "no"}
    return two and column.distinct == 2 and not guessing.is_split(column)


def _list(column: Column, columns: Sequence[Column]) -> Found | None:
    """A list of words or numbers. Beside another list it rather names the words of a sentence."""
    if column.fields not in (("string",), ("number",)) or guessing.name_score(column.name, _OTHER_LISTS):
        return None
    named = guessing.name_score(column.name, NAMES)
    beside = sum(other.kind == "list" for other in columns) > 1
    if column.fields == ("number",) and not named:
        return None
    score = 0.3 if beside else 0.93 if named else 0.7
    return Found(column.name, said("`{column}` holds a list of labels in each row.", column=column.name), score)


def _text(column: Column, preview: Preview) -> Found | None:
    """Texts that a separator cuts into short parts that repeat, or that are written as lists."""
    cells = list(dict.fromkeys([*(row.get(column.name, "").strip() for row in preview.head), *column.examples]))
    cells = [cell for cell in cells if cell and not cell.endswith("…")]
    named = guessing.name_score(column.name, NAMES)
    read, form = tell_form(cells)
    lists = [names for cell in cells if (names := read(cell))]
    parts = [name for names in lists for name in names]
    if not parts or sum(map(len, parts)) / len(parts) > _LONGEST_LABEL or guessing.is_id(column):
        return None
    if "brackets" in form or "<" in form:
        if _numbers(parts) and not named:
            return None
        reason = said("`{column}` holds labels {form}.", column=column.name, form=form)
        return Found(column.name, reason, 0.93 if named else 0.75)
    separator = find_separator(cells) or _named_separator(cells, named)
    if not separator or separator == " ":
        return None
    parts = [part for cell in cells for part in split(cell, separator) or ()]
    cut = sum(separator in cell for cell in cells) / len(cells)
    sentences = sum(bool(re.search(r"[.!?]$|\s\S+\s\S+\s", part)) for part in parts) / len(parts)
    if cut < 0.2 or sentences > 0.3 or _numbers(parts):
        return None
    score = 0.92 if named else 0.75 if separator != "," else 0.6
    form = separated(separator)
    return Found(column.name, said("`{column}` holds several labels, {form}.", column=column.name, form=form), score)


def _named_separator(cells: Sequence[str], named: float) -> str:
    """In a short table labels hardly repeat; where a column is called so, the mark alone will do."""
    if named < 0.9:
        return ""
    return next((mark for mark in SEPARATORS if 2 * sum(mark in cell for cell in cells) >= len(cells)), "")


def _numbers(parts: Sequence[str]) -> bool:
    return all(re.fullmatch(r"[+-]?[\d.,:/ -]+", part) for part in parts)
