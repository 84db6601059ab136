"""The form in which SQuAD is published (versions 1 and 2): articles, paragraphs, questions. One row a question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.data.records import Record
from core.data.types import Finding
from core.errors import DataError
from core.said import Said, said


def is_article(record: Record) -> bool:
    """Whether an object is an article of SQuAD: a list of paragraphs, each with its questions."""
    paragraphs = record.get("paragraphs")
    return isinstance(paragraphs, list) and any(isinstance(one, dict) and "qas" in one for one in paragraphs)


def types() -> dict[str, Any]:
    """Column -> its Arrow type."""
    import pyarrow as pa

    text = pa.string()
    answers = pa.struct([("text", pa.list_(text)), ("answer_start", pa.list_(pa.int64()))])
    return {"id": text, "title": text, "context": text, "question": text, "answers": answers}


def rows_of(article: Record, file: str) -> Iterator[Record]:
    """The questions of an article, with the columns of ``types``. Raises ``DataError`` when something is missing.

    A question without an answer has empty lists; one whose answer is not told has None.
    """
    title = article.get("title")
    question: str | None = None
    try:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                question = str(qa["question"])
                yield {
                    "id": None if qa.get("id") is None else str(qa["id"]),
                    "title": None if title is None else str(title),
                    "context": str(paragraph["context"]),
                    "question": question,
                    "answers": _answers(qa),
                }
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise DataError(
            _misfit(file, title, question),
            said(
                "A paragraph has a context and qas; each of these has a question, and answers with text and "
                "answer_start."
            ),
            cause=f"{type(exc).__name__}: {exc}",
        ) from exc


def _misfit(file: str, title: Any, question: str | None) -> Said:
    if question is None:
        return said("In {file}, the article “{title}” is not written as in SQuAD.", file=file, title=str(title)[:60])
    return said("In {file}, the question “{question}” is not written as in SQuAD.", file=file, question=question[:60])


def _answers(qa: Record) -> Record | None:
    if "answers" not in qa:
        return {"text": [], "answer_start": []} if qa.get("is_impossible") else None
    return {
        "text": [str(answer["text"]) for answer in qa["answers"]],
        "answer_start": [int(answer["answer_start"]) for answer in qa["answers"]],
    }


def finding(rows: int) -> Finding:
    """What is said of a file in this form."""
    return Finding(
        "squad",
        "info",
        said("The file is in the form of SQuAD; its {rows} questions became the rows.", rows=rows),
        said(
            "The columns are id, title, context, question and answers. A question without an answer has an empty list."
        ),
        count=rows,
    )
