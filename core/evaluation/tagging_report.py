"""A report on marked words as blocks that any page can draw, and in a few plain sentences that are true of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.data.classes import listed
from core.evaluation import sections
from core.evaluation.entities import OUTSIDE
from core.evaluation.rows.tags import mix_up
from core.evaluation.sections import Judgement, judged, part_of
from core.evaluation.types import Baseline, MetricWords, Section
from core.evaluation.verdicts import claim, percent, place_of, reach
from core.said import said, said_many, together

_SHOWN = 10
_KINDS = (
    ("right", said("Right"), said("Its place and its type were found.")),
    ("ends", said("Wrong ends"), said("It was found with its type, but too long, too short or in parts.")),
    ("type", said("Wrong type"), said("It was found at its place, but as another type.")),
    ("both", said("Wrong ends and type"), said("Something was marked there, with other ends and as another type.")),
    ("missed", said("Missed"), said("Nothing was marked there.")),
    ("invented", said("Invented"), said("The model marked something where there is nothing.")),
)


def tagging_sections(report: Mapping[str, Any], words: Sequence[MetricWords]) -> list[Section]:
    """Scores beside the simple ways, type by type, what went wrong, and the mistakes in their texts."""
    found, is_test = judged(report)
    if not found:
        return []
    part = "test" if is_test else "validation"
    others: Mapping[str, Judgement] = report.get("baselines") or {} if is_test else {}
    baselines = [Baseline(name, other["title"], other["help"]) for name, other in others.items()]
    blocks = [
        sections.scores(found, others, words, part, baselines),
        _by_type(found, part),
        _errors(found, part),
        _errors_by_type(found, part),
        _confusions(found, part),
        _in_text(found),
        _mistakes(report.get("mistakes") or []),
    ]
    return [block for block in blocks if block is not None]


def _by_type(found: Judgement, part: str) -> Section | None:
    columns = [
        {"label": said("Tag" if found["plain"] else "Type"), "style": "text"},
        {"label": said("Precision"), "style": "percent"},
        {"label": said("Recall"), "style": "percent"},
        {"label": "F1", "style": "percent"},
        {"label": said("Words" if found["plain"] else "Times"), "style": "count"},
    ]
    kinds = sorted(found["per_class"].items(), key=lambda item: -item[1]["support"])
    rows = [
        [kind, line["precision"], line["recall"], line["f1"], line["support"]]
        if line["support"]
        else [kind, None, None, None, 0]
        for kind, line in kinds
    ]
    if not rows:
        return None
    return Section(
        "table",
        said("Tag by tag") if found["plain"] else said("Type by type"),
        said(
            "Precision: when it answers with this tag, how often that is right. Recall: how many of this tag it found. "
            "F1: both in one number. The last column: how many there were in {part}."
            if found["plain"]
            else "Precision: when it answers with this type, how often that is right. Recall: how many of this type it "
            "found, with both ends. F1: both in one number. The last column: how many there were in {part}.",
            part=part_of(part),
        ),
        {"columns": columns, "rows": rows, "opens": [_marked_as(kind) for kind, _ in kinds]},
    )


def _marked_as(kind: str) -> list[list[str]]:
    """The judged rows in which something is truly of this type."""
    return [["truth", "has", f"({kind})"]]


def _errors(found: Judgement, part: str) -> Section | None:
    errors = found.get("errors")
    if not errors:
        return None
    true = sum(errors.values()) - errors["invented"]
    rows = [
        [title, errors[kind], errors[kind] / true if true and kind != "invented" else None, help]
        for kind, title, help in _KINDS
    ]
    return Section(
        "table",
        said("What went wrong"),
        said(
            "What became of the {true} things to find in {part}. Wrong ends are often a matter of how "
            "people marked; wrong types say that two types are hard to tell apart.",
            true=true,
            part=part_of(part),
        ),
        {
            "columns": [
                {"label": said("What happened"), "style": "text"},
                {"label": said("Times"), "style": "count"},
                {"label": said("Of all to find"), "style": "percent"},
                {"label": said("That means"), "style": "text"},
            ],
            "rows": rows,
            "opens": [[[f"entities_{kind}", ">", 0]] if errors[kind] else None for kind, *_ in _KINDS],
        },
    )


def _errors_by_type(found: Judgement, part: str) -> Section | None:
    """What became of the things of each type; nothing where there is but one."""
    by_type = found.get("errors_by_type") or {}
    if len(by_type) < 2:
        return None
    names = sorted(by_type, key=lambda name: -sum(count for kind, count in by_type[name].items() if kind != "right"))
    return Section(
        "table",
        said("What went wrong, type by type"),
        said(
            "The same counts for each type of {part}, most mistakes first. What was invented stands with "
            "the type that it was marked as, everything else with the true one.",
            part=part_of(part),
        ),
        {
            "columns": [
                {"label": said("Type"), "style": "text"},
                *({"label": title, "style": "count"} for _, title, _ in _KINDS),
            ],
            "rows": [[name, *(by_type[name][kind] for kind, *_ in _KINDS)] for name in names],
            "opens": [_marked_as(name) for name in names],
        },
    )


def _confusions(found: Judgement, part: str) -> Section | None:
    if not found.get("confusions"):
        return None
    pairs = found["confusions"][:_SHOWN]
    support = {kind: line["support"] for kind, line in found["per_class"].items()}
    return Section(
        "table",
        said("Most frequent mix-ups"),
        said(
            "Which tag was taken for which, on {part}. Two that are often mixed up may be hard to tell apart, or "
            "marked unevenly in the examples."
            if found["plain"]
            else "Which type was taken for which, on {part}. Two that are often mixed up may be hard to tell apart, or "
            "marked unevenly in the examples.",
            part=part_of(part),
        ),
        {
            "columns": [
                {"label": said("Truth"), "style": "text"},
                {"label": said("Answer"), "style": "text"},
                {"label": said("Times"), "style": "count"},
                {"label": said("Of this tag" if found["plain"] else "Of this type"), "style": "percent"},
            ],
            "rows": [
                [pair["truth"], pair["answer"], pair["count"], _share(pair["count"], support.get(pair["truth"]))]
                for pair in pairs
            ],
            "opens": [[["mix_ups", "has", mix_up(pair["truth"], pair["answer"])]] for pair in pairs],
        },
    )


def _share(count: int, of: int | None) -> float | None:
    return count / of if of else None


def _in_text(found: Judgement) -> Section | None:
    if not found.get("samples"):
        return None
    what = said("Only words with a wrong tag are marked." if found["plain"] else "The last ones are right.")
    return Section(
        "tagged",
        said("In the texts"),
        together(
            said(
                "What was to be marked in each text, and what the model marked, the texts with the most mistakes first."
            ),
            what,
        ),
        {"rows": found["samples"]},
    )


def _mistakes(found: Sequence[Mapping[str, Any]]) -> Section | None:
    if not found:
        return None
    columns = [
        {"label": said("Text"), "style": "text"},
        {"label": said("Should have been"), "style": "text"},
        {"label": said("Answer"), "style": "text"},
        {"label": said("How sure"), "style": "percent"},
        {"label": said("Row"), "style": "count"},
    ]
    rows = [[one["text"], one["truth"], one["answer"], one["probability"], one["row"]] for one in found]
    return Section(
        "examples",
        said("Mistakes in their texts"),
        said(
            "Texts with the most wrong tags of which the model was sure, and only what differs in each. "
            "Often the marks in the table are what is wrong: these rows are worth a look first."
        ),
        {"columns": columns, "rows": rows, "opens": [[["row", "==", one["row"]]] for one in found]},
    )


# --- In words --------------------------------------------------------------------------------------------------------


def tagging_verdict(report: Mapping[str, Any]) -> str:
    """The sentences for a report as it stands in ``report.json``."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return said("There were no texts to judge the model on, so nothing can be said about how good it is.")
    others = report.get("baselines") or {} if is_test else {}
    parts = [
        _score(found, is_test),
        _comparison(found, others),
        _never(found),
        _main_fault(found),
        reach(found["rows"], is_test, "texts", said(", so its true rate may be lower")),
    ]
    return together(*parts)


def _score(found: Judgement, is_test: bool) -> str:
    where = said_many(found["rows"], "{count} text {where}", "{count} texts {where}", where=place_of(is_test))
    if found["plain"]:
        return said(
            "In {texts}, {share} of the {words} words got the right tag{range}.",
            texts=where,
            share=percent(found["token_accuracy"]),
            words=found["tokens"],
            range=_range(found, "token_accuracy"),
        )
    true = sum(line["support"] for line in found["per_class"].values())
    if not true:
        return said("In {texts} there was nothing to find.", texts=where)
    return together(
        said(
            "In {texts}, the model found {recall} of the {things} things to find, whole and of the right type, and "
            "{precision} of what it marked was right.",
            texts=where,
            recall=percent(found["recall_micro"]),
            things=true,
            precision=percent(found["precision_micro"]),
        ),
        said("In one number (F1) that is {f1}{range}.", f1=percent(found["f1_micro"]), range=_range(found, "f1_micro")),
    )


def _range(found: Judgement, metric: str) -> str:
    ends = (found.get("intervals") or {}).get(metric)
    return said(" (most likely between {low} and {high})", low=percent(ends[0]), high=percent(ends[1])) if ends else ""


def _comparison(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """Only the best of the simple ways: a model that is clearly better than it is so than all."""
    if not others:
        return ""
    best = max(others.values(), key=lambda other: other["f1_micro"])
    called = said(
        "a simple way to answer, “{name}” ({share})",
        name=best["title"],
        share=percent(best["f1_micro"]),
    )
    return said("That is {claims}.", claims=claim((best.get("comparison") or {}).get("clearly"), [called]))


def _never(found: Judgement) -> str:
    asked = {kind: line for kind, line in found["per_class"].items() if line["support"] and kind != OUTSIDE}
    missed = [kind for kind, line in asked.items() if not line["recall"]]
    if not missed:
        return ""
    if len(missed) == len(asked):
        return said("It found none of them, so it has not learned to mark anything yet.")
    return said("It found none of {kinds}.", kinds=listed(missed, most=3))


def _main_fault(found: Judgement) -> str:
    """What goes wrong most often, where it is most of what goes wrong."""
    errors = found.get("errors")
    if not errors:
        return ""
    wrong = {kind: count for kind, count in errors.items() if kind != "right"}
    total, worst = sum(wrong.values()), max(wrong, key=wrong.__getitem__)
    if total < 10 or wrong[worst] <= total / 2:
        return ""
    return said(_FAULTS[worst], worst=wrong[worst], of=total)


_FAULTS = {
    "type": "In most of its mistakes ({worst} of {of}), the right place was marked as another type.",
    "ends": "In most of its mistakes ({worst} of {of}), the right type was found, but not exactly where it begins or "
    "ends.",
    "both": "In most of its mistakes ({worst} of {of}), something with other ends and another type was marked.",
    "missed": "In most of its mistakes ({worst} of {of}), nothing was marked where something was to be found.",
    "invented": "In most of its mistakes ({worst} of {of}), something was marked where there is nothing.",
}
