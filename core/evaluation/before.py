"""A model that could answer before it was trained, beside itself afterwards: scores, answers, and what to say of both.

Its judgement before training is a baseline named ``before``; ``_nll`` in it, the loss of each row, is for comparing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import groups, language_model, surprise
from core.evaluation.rows.written import oddities
from core.evaluation.sections import Judgement, judged, scores
from core.evaluation.types import Baseline, MetricWords, Section
from core.evaluation.verdicts import percent, place_of, reach
from core.said import Figures, Said, enumerated, said, said_many, together

BEFORE = Baseline("before", said("Before training"), said("The same model as it came, on the same examples."))
MISTAKES = 50
_LONGEST_SAMPLE, _LONGEST_SHOWN = 4000, 1000
_ABOUT_SAMPLES = said(
    "What the model wrote on a few examples of the test part, always taking the likeliest word. Long answers were "
    "broken off. Whether what it says is true is for you to judge: the scores only say how well it follows the table."
)


def before_training(before: Mapping[str, Any] | None, nll: Any, tokens: Any) -> dict[str, dict[str, Any]]:
    """``{"before": its judgement, with words and the comparison}``, or nothing where it was not judged.

    ``nll`` and ``tokens`` are the trained model's, a row; see ``core.evaluation.language_model``.
    """
    if before is None:
        return {}
    compared = language_model.paired(nll, before["_nll"], tokens)
    return {BEFORE.name: {**before, "title": BEFORE.label, "help": BEFORE.help, "comparison": compared}}


def blocks(report: Mapping[str, Any], words: Sequence[MetricWords], question: str) -> list[Section]:
    """All blocks of a report: scores beside those before, answers side by side, and the answers it did not expect.

    ``question`` is what people call that which is answered to.
    """
    found, is_test = judged(report)
    if not found:
        return []
    others = report.get("baselines") or {} if is_test else {}
    found_blocks = [
        scores(found, others, words, "test" if is_test else "validation", [BEFORE]),
        samples(report, question),
        _by_question(found, others.get(BEFORE.name)),
        *surprise.blocks(found, others.get(BEFORE.name), of_answers=True),
        surprises(report.get("mistakes") or [], question),
    ]
    return [block for block in found_blocks if block is not None]


def by_question(words: Sequence[int], nll: Any, tokens: Any) -> list[dict[str, Any]]:
    """The perplexity of answers by the words of what they answer to, as records of ``core.evaluation.groups``."""
    lengths = groups.by_size(words, "question_words")
    return [surprise.as_perplexity(one) for one in groups.ratios(lengths, nll, tokens)]


def _by_question(found: Judgement, before: Judgement | None) -> Section | None:
    former = {one["name"]: one["value"] for one in (before or {}).get("by_question") or []}
    known = [{**one, "before": former.get(one["name"])} for one in found.get("by_question") or []]
    return groups.section(
        said("By length of the question"),
        said("How surprised it is by the answers, by the words of the question and of all that was said before it."),
        known,
        (said("Question"), said("Answers"), said("Perplexity")),
        "number",
        [(said("Perplexity before training"), "number", "before")] if former else [],
    )


def least_expected(questions: Sequence[str], answers: Sequence[str], rows: Any, nll: Any, tokens: Any) -> list[Any]:
    """The answers of a table that the model holds least likely, a token; worst first, at most ``MISTAKES``.

    A record has ``question``, ``reference``, ``loss`` and ``row``; texts are cut to a readable length.
    """
    import numpy as np

    loss = np.asarray(nll) / np.maximum(tokens, 1)
    return [
        {
            "question": questions[place][:_LONGEST_SHOWN],
            "reference": answers[place][:_LONGEST_SHOWN],
            "loss": float(loss[place]),
            "row": rows[place],
        }
        for place in np.argsort(-loss, kind="stable")[:MISTAKES].tolist()
    ]


def samples(report: Mapping[str, Any], question: str) -> Section | None:
    """Questions with the answers before and after training and the one of the table, side by side."""
    found = (report.get("metrics") or {}).get("test") or {}
    after = found.get("samples")
    if not after:
        return None
    before = ((report.get("baselines") or {}).get(BEFORE.name) or {}).get("samples") or []
    former = {record["row"]: record["answer"] for record in before}
    rows = [
        [
            _short(record["question"]),
            *([_short(former.get(record["row"]))] if former else []),
            _short(record["answer"]),
            _short(record["reference"]),
        ]
        for record in after
    ]
    labels = [question, *([said("Before training")] if former else []), said("After training"), said("In the table")]
    return Section(
        "samples",
        said("Answers"),
        together(_ABOUT_SAMPLES, odd_answers(after)),
        {
            "columns": [{"label": label} for label in labels],
            "rows": rows,
            "opens": [[["row", "==", record["row"]]] for record in after],
        },
    )


def odd_answers(written: Sequence[Mapping[str, Any]]) -> str:
    """Which of a few answers are odd in a way that can be seen without reading them; empty where none is.

    That an answer is too short is not told: long ones were broken off.
    """
    odd = Counter(
        name for one in written for name in oddities(one["answer"] or "", one["reference"] or "", one["question"] or "")
    )
    told = [
        (odd["is_empty"], said_many(odd["is_empty"], "{count} is empty", "{count} are empty")),
        (
            odd["repeats_itself"],
            said_many(odd["repeats_itself"], "{count} goes round in circles", "{count} go round in circles"),
        ),
        (
            odd["copies_source"],
            said_many(odd["copies_source"], "{count} repeats what was asked", "{count} repeat what was asked"),
        ),
    ]
    found = [words for count, words in told if count]
    return said("Of these {count}, {odd}.", count=len(written), odd=enumerated(*found)) if found else ""


def surprises(found: Sequence[Mapping[str, Any]], question: str) -> Section | None:
    """The answers of the table that the model holds least likely."""
    if not found:
        return None
    columns = [
        {"label": question, "style": "text"},
        {"label": said("Answer in the table"), "style": "text"},
        {"label": said("Loss"), "style": "number"},
        {"label": said("Row"), "style": "count"},
    ]
    rows = [[record["question"], record["reference"], record["loss"], record["row"]] for record in found]
    return Section(
        "examples",
        said("Answers it did not expect"),
        said(
            "The answers of the table that the model holds least likely. Some are odd or wrong: these "
            "rows are worth a look first."
        ),
        {"columns": columns, "rows": rows, "opens": [[["row", "==", record["row"]]] for record in found]},
    )


def verdict(report: Mapping[str, Any], examples: str, text: str) -> str:
    """Plain sentences on how well the tokens of texts are guessed, now and before.

    ``examples`` says what the rows are (``conversations``), ``text`` what is guessed (``an answer``).
    """
    found, is_test = judged(report)
    if not found or not found.get("tokens"):
        return said("There were no examples to judge the model on, so nothing can be said about how good it is.")
    before = (report.get("baselines") or {}).get(BEFORE.name) if is_test else None
    parts = [_score(found, before, is_test, examples, text), _standing(before), _size(found, is_test, examples)]
    return together(*parts)


def _score(found: Judgement, before: Judgement | None, is_test: bool, examples: str, text: str) -> str:
    counted = examples_of(examples, found["rows"], is_test)
    former = said(" (before training: {share})", share=percent(before["token_accuracy"])) if before else ""
    told = said(
        "On {examples}, the model names the next token (a word or a part of one) of {text} right {share} of the "
        "time{former}",
        examples=counted,
        text=text,
        share=percent(found["token_accuracy"]),
        former=former,
    )
    if "perplexity" not in found:
        return said("{words}.", words=told)
    was = before.get("perplexity") if before else None
    return said(
        "{words}; on average it hesitates between {now} equally likely tokens{former}.",
        words=told,
        now=_about(found["perplexity"]),
        former=said(" instead of {before}", before=_about(was)) if was else "",
    )


def examples_of(called: str, rows: int, is_test: bool) -> Said:
    """So many conversations kept aside, or whatever the rows are called."""
    where = place_of(is_test)
    if called == "conversations":
        return said_many(rows, "{count} conversation {where}", "{count} conversations {where}", where=where)
    return said_many(rows, "{count} example {where}", "{count} examples {where}", where=where)


def _standing(before: Judgement | None) -> str:
    match (before or {}).get("comparison", {}).get("clearly"):
        case None:
            return ""
        case "better":
            return said("It clearly fits these texts better than before its training.")
        case "worse":
            return said("It clearly fits these texts worse than before its training: a smaller learning rate may help.")
        case _:
            return said("That is not clearly different from before its training.")


def _size(found: Judgement, is_test: bool, examples: str) -> str:
    rows, of = found["rows"], found.get("of_rows")
    some = ""
    if of:
        some = said(
            "Of {of} conversations kept aside, {rows} spread evenly over them were judged."
            if examples == "conversations"
            else "Of {of} examples kept aside, {rows} spread evenly over them were judged.",
            of=of,
            rows=rows,
        )
    return together(some, reach(rows, is_test, examples))


def _about(number: float) -> Figures:
    return Figures(f"{number:,.1f}" if number < 100 else f"{number:,.0f}")


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_SAMPLE else f"{text[: _LONGEST_SAMPLE - 1]}…"
