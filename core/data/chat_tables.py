"""Tables of questions and answers, in any of their forms, as conversations; see ``core.data.conversations``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.data import cleaning, conversations
from core.data.types import Finding

COLUMNS = ("messages", "answer", "text", "row")


@dataclass(frozen=True)
class Forms:
    """Names of roles: of whole conversations, and of (question, what belongs to it or none, answer) as texts."""

    whole: str
    parted: tuple[tuple[str, str | None, str], ...]

    def of(self, columns: Mapping[str, str]) -> tuple[str, str | None, str]:
        """The form in texts that these columns have. Their answer may be missing: it does where one is asked for."""
        return next(form for form in self.parted if form[0] in columns)


def read(table: Any, columns: Mapping[str, str], forms: Forms) -> tuple[Any, list[Finding]]:
    """(a table with ``COLUMNS`` of the conversations that can be learned from, findings on all others).

    ``messages`` is JSON of the turns before the last answer, ``text`` all that was said.
    """
    import pyarrow as pa

    if forms.whole in columns:
        name = columns[forms.whole]
        found = conversations.conversations(cells(table.column(name)))
        messages, answers, rows = found.messages, found.answers, [row + 1 for row in found.rows]
        findings = conversations.problem_findings(name, found.problems)
    else:
        messages, answers, rows, findings = _from_texts(table, columns, forms.of(columns))
    texts = [conversations.as_text(asked, answer) for asked, answer in zip(messages, answers, strict=True)]
    values = dict(zip(COLUMNS, (messages, answers, texts, rows), strict=True))
    return pa.table(values, schema=_schema()), findings


def nothing() -> Any:
    """A table with ``COLUMNS`` and no row."""
    return _schema().empty_table()


def asked(table: Any, columns: Mapping[str, str], forms: Forms) -> list[str]:
    """The question of every row as ``messages``; empty where there is none."""
    if forms.whole in columns:
        return conversations.questions(cells(table.column(columns[forms.whole])))
    question, context, _ = forms.of(columns)
    texts = _questions(table, columns, question, context).to_pylist()
    return [found if text else "" for text, found in zip(texts, conversations.single_turns(texts), strict=True)]


def cells(column: Any) -> Iterator[Any]:
    """The values of a column as Python has them, a part of the table at a time."""
    for chunk in column.chunks:
        for start in range(0, len(chunk), 10_000):
            yield from chunk.slice(start, 10_000).to_pylist()


def _from_texts(
    table: Any, columns: Mapping[str, str], form: tuple[str, str | None, str]
) -> tuple[list[str], list[str], list[int], list[Finding]]:
    import numpy as np
    import pyarrow.compute as pc

    question, context, answer = form
    texts = {role: cleaning.as_text(table.column(columns[role])) for role in (question, answer)}
    findings = [finding for role in texts for finding in cleaning.text_findings(columns[role], role, texts[role])]
    usable = np.logical_and.reduce([pc.not_equal(text, "").to_numpy() for text in texts.values()])
    places = np.flatnonzero(usable)
    said = _questions(table, columns, question, context).take(places).to_pylist()
    answers = texts[answer].take(places).to_pylist()
    return conversations.single_turns(said), answers, (places + 1).tolist(), findings


def _questions(table: Any, columns: Mapping[str, str], question: str, context: str | None) -> Any:
    """What is asked in every row, with what belongs to it below."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = cleaning.as_text(table.column(columns[question]))
    if context is None or context not in columns:
        return first
    second = cleaning.as_text(table.column(columns[context]))
    both = pc.binary_join_element_wise(first, second, pa.scalar("\n\n", pa.large_string()))
    return pc.if_else(pc.or_(pc.equal(second, ""), pc.equal(first, "")), first, both)


def _schema() -> Any:
    import pyarrow as pa

    return pa.schema([*((name, pa.large_string()) for name in COLUMNS[:-1]), (COLUMNS[-1], pa.int64())])
