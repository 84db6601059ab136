"""Guessing what the columns of a table are for, from their values first and their names second."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from core.data.types import Column, Preview

MOST_CLASSES = 1000
TEXT_NAMES = (
    "text", "review", "sentence", "question", "content", "message", "comment", "body", "description", "tweet", "post",
    "utterance", "query", "document", "article", "abstract", "headline", "title", "feedback", "email", "transcript",
    "statement", "passage", "premise", "phrase", "title_and_text", "verbatim", "answer", "note",
)  # fmt: skip
LABEL_NAMES = (
    "label", "sentiment", "category", "class", "target", "intent", "topic", "emotion", "labels", "polarity",
    "gold_label", "tag", "genre", "stance", "rating", "stars", "type", "is_duplicate", "language", "lang", "spam",
    "toxic", "coarse_label", "answer", "category_name", "label_text", "label_name", "quality", "department", "priority",
    "status",
)  # fmt: skip
_SPLIT_NAMES = {"split", "set", "fold", "partition", "subset"}
_SPLIT_VALUES = {"train", "training", "test", "testing", "validation", "valid", "val", "dev", "eval"}
_NAMED_PAIRS = (
    ("premise", "hypothesis"), ("question", "sentence"), ("question", "passage"), ("question", "context"),
    ("query", "passage"), ("query", "document"), ("claim", "evidence"), ("text", "text_pair"), ("headline", "body"),
)  # fmt: skip
_NUMBERED = (("1", "2"), ("a", "b"), ("left", "right"), ("one", "two"))
_ID_NAME = re.compile(r"(^|[ _.-])(id|idx|index|uuid|guid|key|no|nr|number|row)$|^unnamed|^__|Id$|ID$")
_DATE_NAME = re.compile(r"(^|[ _.-])(date|time|timestamp|year|month|day|created|updated)([ _.-]at)?$", re.IGNORECASE)
_NO_TEXT = re.compile(
    r"""https?://\S+ | www\.\S+ | [\w.+-]+@[\w-]+\.[\w.]+ | [\w./\\-]+\.\w{2,4}      # addresses and files
    | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T][\d:.+Z-]*)?                                # dates
    | [0-9a-fA-F-]{8,} | [+-]?[\d.,:%$€£ -]+                                          # ids and numbers
    """,
    re.VERBOSE,
)


def text_score(column: Column, rows: int) -> float:
    """How much a column looks like texts to read: 0 when it cannot be, about 1 to 2 when it can."""
    if column.kind not in ("text", "category") or column.distinct < 1 or _mostly(column, _NO_TEXT):
        return 0.0
    spaced = sum(bool(re.search(r"\S\s+\S", value)) for value in column.examples) / max(1, len(column.examples))
    # Chinese, Japanese and Thai set no spaces between words; long cells are texts too.
    reads_like_text = max(spaced, min(1.0, column.mean_length / 40))
    few_values = column.distinct <= max(2, 0.05 * rows) and column.mean_length < 30
    name = name_score(column.name, TEXT_NAMES)
    if reads_like_text < 0.25 or (few_values and (name < 1 or rows > 50)):
        return 0.0
    variety = column.distinct / max(1, rows)
    return (
        reads_like_text + 0.3 * min(1.0, column.mean_length / 100) + 0.3 * variety + 0.5 * name - missing(column, rows)
    )


def label_score(column: Column, rows: int) -> float:
    """How much a column looks like classes: 0 when it cannot be, about 0.5 to 2 when it can."""
    name = name_score(column.name, LABEL_NAMES)
    most = min(MOST_CLASSES, max(2, rows // 2))
    if column.kind in ("list", "other") or not 2 <= column.distinct <= most or column.max_length > 120:
        return 0.0
    if is_split(column) or is_date(column) or column.mean_length > 50:
        return 0.0
    if column.kind == "number" and (not is_whole(column) or is_id(column) or (name == 0 and column.distinct > 20)):
        return 0.0
    if is_id(column) and column.distinct > 20:
        return 0.0
    fewness = 1 - math.log(column.distinct) / math.log(MOST_CLASSES)
    kind = {"boolean": 0.1, "category": 0.1, "number": -0.1}.get(column.kind, 0.0)
    return 0.4 + 0.5 * fewness + name + kind - missing(column, rows)


def best_text(preview: Preview, apart: Sequence[str] = ()) -> Column | None:
    """The column that looks most like texts, other than those named, or None when there is none."""
    scores = {c.name: text_score(c, preview.rows) for c in preview.columns if c.name not in apart}
    best = max(scores, key=scores.__getitem__, default="")
    return preview.column(best) if scores.get(best, 0) > 0 else None


def best_label(preview: Preview, apart: Sequence[str] = ()) -> Column | None:
    """The column that looks most like classes, other than those named, or None when there is none."""
    scores = {c.name: label_score(c, preview.rows) for c in preview.columns if c.name not in apart}
    best = max(scores, key=scores.__getitem__, default="")
    return preview.column(best) if scores.get(best, 0) > 0 else None


def text_pair(preview: Preview) -> tuple[Column, Column] | None:
    """Two columns of texts whose names belong together: ``sentence1`` and ``sentence2``, ``text_a`` and ``text_b``."""
    texts = {c.name.strip().lower(): c for c in preview.columns if text_score(c, preview.rows) > 0}
    for first, column in texts.items():
        for second in _partners(first):
            if second in texts:
                return column, texts[second]
    return None


def is_split(column: Column) -> bool:
    """Whether a column says which part of the data a row belongs to."""
    values = {value.strip().lower() for value in column.examples}
    named = column.name.strip().lower() in _SPLIT_NAMES
    return bool(values) and values <= _SPLIT_VALUES and (named or column.distinct <= 4)


def is_id(column: Column) -> bool:
    """Whether a column is called like a number that only tells rows apart."""
    return _ID_NAME.search(column.name.strip()) is not None


def is_date(column: Column) -> bool:
    """Whether a column is called like a point in time."""
    return _DATE_NAME.search(column.name) is not None


def is_whole(column: Column) -> bool:
    """Whether the numbers of a column that are shown are whole."""
    return all(re.fullmatch(r"[+-]?\d+(\.0*)?", value.strip()) for value in column.examples)


def name_score(name: str, known: Sequence[str]) -> float:
    """1 when a column is called by one of these names, 0.5 when one is part of its name, else 0."""
    plain = name.strip().lower()
    if plain in known:
        # The names are sorted from the plainest on; that settles ties.
        return 1.0 - 0.002 * known.index(plain)
    parts = [part.lower() for part in re.split(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", name.strip())]
    return 0.5 if any(part in known for part in parts) else 0.0


def missing(column: Column, rows: int) -> float:
    """The share of rows where the column is empty."""
    return column.missing / max(1, rows)


def _partners(first: str) -> list[str]:
    named = [second for one, second in _NAMED_PAIRS if one == first]
    return named + [first.removesuffix(one) + two for one, two in _NUMBERED if first.endswith(one) and first != one]


def _mostly(column: Column, form: re.Pattern[str]) -> bool:
    hits = sum(form.fullmatch(value.strip()) is not None for value in column.examples)
    return hits > len(column.examples) / 2
