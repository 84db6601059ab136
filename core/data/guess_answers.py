"""Guessing which columns hold questions, the texts with their answers, and the answers."""

from __future__ import annotations

from core.data.guessing import name_score
from core.data.types import Column, Preview
from core.said import said

NAMES = {
    "question": ("question", "questions", "query", "frage", "pregunta", "ask"),
    "context": ("context", "passage", "paragraph", "document", "article", "text", "story", "content"),
    "answers": ("answers", "answer", "answer_text", "gold_answer", "answer_span", "label"),
    "answer_start": ("answer_start", "answer_starts", "start", "answer_begin", "start_char"),
    "is_impossible": ("is_impossible", "impossible", "unanswerable", "no_answer"),
}
_LONG = 100
"""Characters of a text that may hold an answer, on average."""
_BESIDE = {
    "answer_start": "`{column}` says where the answer begins.",
    "is_impossible": "`{column}` says where there is none.",
}


def guess_answers(preview: Preview) -> tuple[dict[str, str | tuple[str, ...]], dict[str, str], float] | None:
    """(role to column, the reason for each, how sure that is), or None where something is missing."""
    found = {role: _called(preview, role) for role in NAMES}
    record = next((column for column in preview.columns if _is_record(column)), None)
    question, context = found["question"] or _asking(preview), found["context"] or _longest(preview)
    answers = record or found["answers"]
    if question is None or context is None or answers is None or len({question, context, answers}) < 3:
        return None
    if record is None and not _may_be_pieces(answers, preview):
        return None
    columns: dict[str, str | tuple[str, ...]] = {
        "question": question.name,
        "context": context.name,
        "answers": answers.name,
    }
    reasons: dict[str, str] = {
        "question": said("`{column}` holds questions.", column=question.name),
        "context": said(
            "`{column}` holds texts of {length} characters on average.",
            column=context.name,
            length=round(context.mean_length),
        ),
        "answers": said("`{column}` is called like answers.", column=answers.name),
    }
    if record is not None:
        reasons["answers"] = said("`{column}` holds answers and where they begin.", column=answers.name)
        return columns, reasons, 0.97
    for role in _BESIDE:
        column = found[role]
        if column is not None:
            columns[role], reasons[role] = column.name, said(_BESIDE[role], column=column.name)
    return columns, reasons, 0.95 if "answer_start" in columns else 0.85


def _called(preview: Preview, role: str) -> Column | None:
    scores = {column: name_score(column.name, NAMES[role]) for column in preview.columns}
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] > 0.9 else None


def _is_record(column: Column) -> bool:
    """Answers with their starts, as records or as text that is written so."""
    if column.kind in ("list", "other"):
        return "text" in column.fields and any(name in column.fields for name in NAMES["answer_start"])
    return bool(column.examples) and all(
        example.lstrip().startswith(("{", "[")) and "answer_start" in example for example in column.examples
    )


def _asking(preview: Preview) -> Column | None:
    for column in preview.columns:
        asking = sum(example.rstrip().endswith("?") for example in column.examples)
        if column.kind == "text" and asking > len(column.examples) / 2:
            return column
    return None


def _longest(preview: Preview) -> Column | None:
    texts = [column for column in preview.columns if column.kind == "text" and column.mean_length > _LONG]
    return max(texts, key=lambda column: column.mean_length, default=None)


def _may_be_pieces(column: Column, preview: Preview) -> bool:
    """Whether a column may hold pieces of texts: many different ones, unlike classes or a yes and a no."""
    if column.kind in ("list", "other"):
        return column.fields == ("string",)
    return column.kind != "boolean" and column.distinct > max(3, 0.1 * preview.rows)
