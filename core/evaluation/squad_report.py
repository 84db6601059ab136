"""The report of a model that finds answers in texts: its blocks, and a judgement in a few plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import sections, squad, squad_groups
from core.evaluation.rows.pointed import NOTHING
from core.evaluation.sections import Judgement, judged
from core.evaluation.squad_baselines import WORDS as BASELINES
from core.evaluation.types import Section
from core.evaluation.verdicts import FEW, claims, percent, place_of, reach, unlearned
from core.said import said, together

MISTAKES = 50
LONGEST_TEXT = 1000


def judge(answers: Sequence[str], questions: Sequence[str], golds: Sequence[Sequence[str]]) -> dict[str, Any]:
    """``squad.judge``, and beside it ``silent`` (rows left without an answer), ``kinds`` and ``silence``: see
    ``core.evaluation.squad_groups``.
    """
    return squad.judge(answers, golds) | {
        "silent": sum(not answer for answer in answers),
        "kinds": squad_groups.kinds(answers, questions, golds),
        "silence": squad_groups.silence(answers, golds),
    }


def mistakes(records: Sequence[Mapping[str, Any]], examples: Any) -> list[dict[str, Any]]:
    """The answers that share no word with a right one, or fewest, surest first within each: at most ``MISTAKES``.

    A record has ``question``, ``context`` (cut to a readable length around the truth or the answer), ``truth``,
    ``answer``, ``f1``, ``score`` and ``row``.
    """
    golds = examples["answers"].to_pylist()
    f1 = squad.row_scores([record["answer"] for record in records], golds)["f1"]
    wrong = [place for place in range(len(records)) if f1[place] < 1]
    worst = sorted(wrong, key=lambda place: (f1[place], -records[place]["score"]))[:MISTAKES]
    rows = examples.select(["question", "context", "starts", "row"]).take(worst).to_pylist() if worst else []
    return [
        {
            "question": row["question"],
            "context": _around(row["context"], row["starts"][0] if row["starts"] else records[place]["start"]),
            "truth": " | ".join(dict.fromkeys(golds[place])) or NOTHING,
            "answer": records[place]["answer"] or NOTHING,
            "f1": float(f1[place]),
            "score": records[place]["score"],
            "row": row["row"],
        }
        for place, row in zip(worst, rows, strict=True)
    ]


def _around(context: str, place: int) -> str:
    """A part of a long text, with the answer a third of the way into it."""
    if len(context) <= LONGEST_TEXT:
        return context
    start = max(0, min(place - LONGEST_TEXT // 3, len(context) - LONGEST_TEXT))
    end = start + LONGEST_TEXT
    return f"{'…' if start else ''}{context[start:end]}{'…' if end < len(context) else ''}"


# --- Blocks ----------------------------------------------------------------------------------------------------------


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """All blocks of a report."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return []
    part = "test" if is_test else "validation"
    others = report.get("baselines") or {} if is_test else {}
    words = (*squad.WORDS, *(word for word in squad.NO_ANSWER_WORDS if word.name in found))
    blocks = [
        sections.scores(found, others, words, part, BASELINES),
        *squad_groups.blocks(found, part),
        _mistakes(report.get("mistakes") or []),
    ]
    return [block for block in blocks if block is not None]


def _mistakes(found: Sequence[Mapping[str, Any]]) -> Section | None:
    if not found:
        return None
    names = (said("Text"), said("Question"), said("Truth"), said("Answer"))
    columns = [{"label": name, "style": "text"} for name in names]
    columns += [
        {"label": "F1", "style": "percent"},
        {"label": said("How sure"), "style": "percent"},
        {"label": said("Row"), "style": "count"},
    ]
    keys = ("context", "question", "truth", "answer", "f1", "score", "row")
    return Section(
        "examples",
        said("Worst answers"),
        said(
            "Answers that share no or few words with a right one, the surest first. Often the table "
            "names only one of several right answers."
        ),
        {
            "columns": columns,
            "rows": [[record[key] for key in keys] for record in found],
            "opens": [[["row", "==", record["row"]]] for record in found],
        },
    )


# --- In words --------------------------------------------------------------------------------------------------------


def verdict(report: Mapping[str, Any]) -> str:
    """A few sentences that are true of the report, also when the model is bad or the examples are few."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return said("There were no examples to judge the model on, so nothing can be said about how good it is.")
    others = report.get("baselines") or {} if is_test else {}
    size = reach(found["rows"], is_test, "questions", said(", so its true rate may be lower"))
    parts = [_score(found, is_test), _comparison(others), _learned(found, others), _silence(found), size]
    return together(*parts)


def _score(found: Judgement, is_test: bool) -> str:
    rows, where = found["rows"], place_of(is_test)
    if rows == 1:
        return said(
            "There was only one question {where}, and the model's answer to it was right."
            if found["exact_match"]
            else "There was only one question {where}, and the model's answer to it was not right to the letter.",
            where=where,
        )
    return said(
        "On {rows} questions {where}, the model gave the right answer to the letter {share} of the time; counting how "
        "many words answer and truth share, it reaches {f1} (F1).",
        rows=rows,
        where=where,
        share=percent(found["exact_match"]),
        f1=percent(found["f1"]),
    )


def _comparison(others: Mapping[str, Judgement]) -> str:
    groups: dict[str, list[str]] = {"better": [], "worse": [], "unclear": []}
    for name, other in others.items():
        clearly = (other.get("comparison") or {}).get("clearly") or "unclear"
        groups[clearly].append(said("{other} ({share})", other=_called(name), share=percent(other["f1"])))
    told = claims(groups)
    return said("That is {claims}.", claims=told) if told else ""


def _called(name: str) -> str:
    match name:
        case "first_words":
            return said("giving the first words of the text")
        case "nearest_sentence":
            return said("giving the sentence that shares most words with the question")
        case "no_answer":
            return said("never giving an answer")
    return name


def _learned(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """Whether there is any sign that it learned something: it must beat one of those that do not read the question."""
    blind = [others[name].get("comparison") or {} for name in ("first_words", "no_answer") if name in others]
    if not blind or found["rows"] < FEW or any(one.get("clearly") == "better" for one in blind):
        return ""
    return unlearned(said("an answer chosen before does"))


def _silence(found: Judgement) -> str:
    rows, silent, unanswerable = found["rows"], found["silent"], found["unanswerable"]
    if silent == rows:
        return said("It gave no answer to any question.")
    if not unanswerable:
        return ""
    return said(
        "Of the questions whose text holds no answer ({count}), it left {share} without one, as it should.",
        count=unanswerable,
        share=percent(found["no_answer_accuracy"]),
    )
