"""Questions, the texts that hold their answers, and the answers, in any form in which people bring them.

An answer is a piece of its text, told by its words and perhaps by the character it begins at. It may stand in a column
of texts, or as SQuAD has it: lists of texts and of starts, one record or a list of records, also written as JSON or as
Python writes it. Texts are kept to the letter: places in them are counted in characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.data import written

Answer = tuple[str, int | None]
"""The words, and the character they begin at where that is told."""

_TRUE = {"true", "yes", "1", "1.0", "t", "y"}
_TEXT_KEYS = ("text", "answer_text", "answer", "value")
_START_KEYS = ("answer_start", "start", "answer_starts")


@dataclass
class Asked:
    """What became of the rows: those that can be used as columns, and the row numbers of all others by what is wrong.

    ``answers`` and ``starts`` are lists of equal length, empty where the text holds no answer.
    """

    question: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    answers: list[list[str]] = field(default_factory=list)
    starts: list[list[int]] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    problems: dict[str, list[int]] = field(default_factory=dict)

    def note(self, problem: str, row: int) -> None:
        self.problems.setdefault(problem, []).append(row)


def texts_of(column: Any) -> list[str]:
    """A column of a ``pyarrow.Table`` as texts, to the letter; what is missing is empty."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return [value if value is not None else "" for value in column.cast(pa.large_string()).to_pylist()]


def gather(questions: list[str], contexts: list[str], given: list[Any], starts: list[Any], none: list[Any]) -> Asked:
    """Read, place and check every row. ``given`` are answers in any form, ``starts`` where they begin and ``none``
    whether there is none; the last two hold None where the table has no such column.
    """
    found = Asked()
    rows = zip(questions, contexts, given, starts, none, strict=True)
    for row, (question, context, value, start, silent) in enumerate(rows, start=1):
        missing = [name for name, text in (("question", question), ("context", context)) if not text.strip()]
        for name in missing:
            found.note(f"empty-{name}", row)
        if missing:
            continue
        answers = read(value, start)
        if is_true(silent):
            answers = []
        if answers is None:
            found.note("unreadable-answer" if _is_told(value) else "no-answer-told", row)
            continue
        placed = _placed(context, answers, found, row)
        if answers and not placed:
            continue
        found.question.append(question.strip())
        found.context.append(context)
        found.answers.append([text for text, _ in placed])
        found.starts.append([start for _, start in placed])
        found.row.append(row)
    return found


def is_true(value: Any) -> bool:
    """Whether a cell says yes. Anything that is no clear yes is a no."""
    return str(value).strip().lower() in _TRUE if value is not None else False


def _is_told(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def read(value: Any, start: Any = None) -> list[Answer] | None:
    """The answers that a cell holds: an empty list where it says that there is none, None where it says nothing.

    ``start`` is the cell of a column of its own for where the answer begins.
    """
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        parsed = written.read(value)
        # An answer may well begin with a bracket: what is no list or record is the answer itself.
        return read(parsed, start) if isinstance(parsed, list | tuple | dict) else _answer(value, start)
    if isinstance(value, Mapping):
        return _of_record(value)
    if isinstance(value, list | tuple):
        return _of_list(list(value), start)
    return _answer(value, start)


def _answer(value: Any, start: Any) -> list[Answer] | None:
    text = "" if value is None or value != value else str(value)
    return [(text, _whole(start))] if text.strip() else None


def _of_record(record: Mapping[str, Any]) -> list[Answer] | None:
    """``{"text": [...], "answer_start": [...]}``, or the same with one text and one start."""
    if is_true(record.get("is_impossible")):
        return []
    texts = next((record[key] for key in _TEXT_KEYS if record.get(key) is not None), None)
    starts = next((record[key] for key in _START_KEYS if record.get(key) is not None), None)
    if texts is None:
        return None
    if isinstance(texts, str):
        texts, starts = [texts], [starts[0] if isinstance(starts, list) and starts else starts]
    return _of_list(list(texts), starts)


def _of_list(values: list[Any], starts: Any) -> list[Answer] | None:
    """Texts, or records of one text each; empty texts say that there is no answer."""
    beside = list(starts) if isinstance(starts, list | tuple) else [starts] * (len(values) == 1)
    beside += [None] * (len(values) - len(beside))
    found: list[Answer] = []
    for value, start in zip(values, beside, strict=False):
        if isinstance(value, Mapping):
            found += _of_record(value) or []
        elif value is not None and str(value).strip():
            found.append((str(value), _whole(start)))
    return found


def _whole(value: Any) -> int | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() and number >= 0 else None


# --- Where answers stand ---------------------------------------------------------------------------------------------


def _placed(context: str, answers: list[Answer], found: Asked, row: int) -> list[tuple[str, int]]:
    """The answers that stand in the text, each with its place; notes what had to be searched for, or is not there."""
    placed: list[tuple[str, int]] = []
    complaints: set[str] = set()
    for text, start in answers:
        place, complaint = locate(context, text, start)
        if complaint:
            complaints.add(complaint)
        if place is not None and (place[0], place[1]) not in placed:
            placed.append(place)
    if placed:
        complaints -= {"not-found", "elsewhere"}
    for complaint in sorted(complaints):
        found.note(complaint, row)
    return placed


def locate(context: str, text: str, start: int | None) -> tuple[tuple[str, int] | None, str]:
    """((the words, where they begin) or None, what is to be said of it: ``moved``, ``first-of-several``, ``not-found``,
    ``elsewhere`` or nothing).

    A start that is wrong is mended where the words stand in the text only once. Where no start is told, and they stand
    there several times, the first is taken.
    """
    if start is not None and context.startswith(text, start):
        return (text.strip(), start + len(text) - len(text.lstrip())), ""
    words = text.strip()
    first = context.find(words)
    if first < 0:
        return None, "not-found"
    again = context.find(words, first + 1) >= 0
    if start is None:
        return (words, first), "first-of-several" if again else ""
    if context.startswith(words, start):
        return (words, start), ""
    return (None, "elsewhere") if again else ((words, first), "moved")
