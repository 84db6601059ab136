"""The report of answers that are any number of labels: its blocks, its worst answers, its sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation import depth_sections, multilabel, sections
from core.evaluation.clipped import clipped
from core.evaluation.multilabel_baselines import BASELINES
from core.evaluation.sections import Judgement, judged, part_of
from core.evaluation.types import Section
from core.evaluation.verdicts import FEW, claim, named, percent, place_of, reach, unlearned
from core.said import in_a_row, said, said_many, together

MISTAKES = 50


# --- Blocks ----------------------------------------------------------------------------------------------------------


def report_sections(report: Mapping[str, Any], texts: Mapping[str, str]) -> list[Section]:
    """Scores beside the baselines, label by label, and the worst answers. ``texts``: the text roles and their words."""
    found, is_test = judged(report)
    if not found:
        return []
    part = "test" if is_test else "validation"
    others = report.get("baselines") or {} if is_test else {}
    blocks = [
        sections.scores(found, others, multilabel.WORDS, part, BASELINES),
        per_label(found, part),
        worst(report.get("mistakes") or [], texts),
        *depth_sections.blocks(report),
    ]
    return [block for block in blocks if block is not None]


def per_label(found: Judgement, part: str) -> Section:
    """How well each label is found; one without examples has no score."""
    columns = [
        {"label": said("Label"), "style": "text"},
        *(
            {"label": label, "style": "percent"}
            for label in (said("Precision"), said("Recall"), said("F1"), said("Average precision"))
        ),
        {"label": said("Threshold"), "style": "percent"},
        {"label": said("Examples"), "style": "count"},
    ]
    names = ("precision", "recall", "f1", "average_precision")
    rows = [
        [label, *(line[name] if line["support"] else None for name in names), line["threshold"], line["support"]]
        for label, line in found["per_class"].items()
    ]
    return Section(
        "table",
        said("Label by label"),
        said(
            "Precision: when it gives this label, how often that is right. Recall: how many of the "
            "examples with this label it found. F1: both in one number. Threshold: a label is given from "
            "this probability on; chosen on the validation part. Examples: how many in {part} have it.",
            part=part_of(part),
        ),
        {
            "columns": columns,
            "rows": rows,
            "opens": [
                [["wrong", "has", label]] if line.get("wrong") else None for label, line in found["per_class"].items()
            ],
            **sections.opened(part),
        },
    )


def worst(found: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> Section | None:
    """The answers that were furthest from the truth."""
    if not found:
        return None
    used = {name: label for name, label in texts.items() if name in found[0]}
    kinds = (said("Missed"), said("Wrongly given"), said("Right"))
    columns = [{"label": label, "style": "text"} for label in (*map(said, used.values()), *kinds)]
    rows = [
        [*(record[name] for name in used), *(", ".join(record[name]) or None for name in ("missed", "extra", "right")),
         record["row"]]
        for record in found
    ]  # fmt: skip
    return Section(
        "examples",
        said("Worst answers"),
        said(
            "The answers that were surest and wrong. Often a label is missing in the table: these rows "
            "are worth a look first."
        ),
        {"columns": [*columns, {"label": said("Row"), "style": "count"}], "rows": rows},
    )


# --- Worst answers ---------------------------------------------------------------------------------------------------


def mistakes(
    probabilities: Any, references: Any, labels: Sequence[str], thresholds: Any, examples: Any, texts: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows with the largest wrong decisions, at most ``MISTAKES``: the texts (cut to a readable length), the labels
    ``missed``, ``extra`` and ``right``, and ``row``, its number in the source.

    A wrong decision counts by how far the probability is from the truth; all of a row are added up.
    """
    import numpy as np

    decided, truth = multilabel.decide(probabilities, thresholds), np.asarray(references, dtype=bool)
    wrong = decided != truth
    badness = (np.abs(np.asarray(probabilities, dtype=float) - truth) * wrong).sum(1)
    places = np.argsort(-badness, kind="stable")[: min(MISTAKES, int(wrong.any(1).sum()))]
    records = examples.select([*texts, "row"]).take(places).to_pylist()
    return [
        {
            **{name: clipped(record[name]) for name in texts},
            "missed": _names(labels, truth[place] & ~decided[place]),
            "extra": _names(labels, decided[place] & ~truth[place]),
            "right": _names(labels, decided[place] & truth[place]),
            "row": record["row"],
        }
        for place, record in zip(places, records, strict=True)
    ]


def _names(labels: Sequence[str], chosen: Any) -> list[str]:
    return [label for label, is_one in zip(labels, chosen.tolist(), strict=True) if is_one]


# --- Answers ---------------------------------------------------------------------------------------------------------


def answers(probabilities: Any, labels: Sequence[str], thresholds: Sequence[float]) -> list[dict[str, Any]]:
    """One record a row: ``{"labels", "scores": {label: probability}, "thresholds": {label: threshold}}``, the most
    likely first.
    """
    import numpy as np

    chances = np.asarray(probabilities, dtype=float)
    limits = dict(zip(labels, thresholds, strict=True))
    records = []
    for row, places in zip(chances.tolist(), np.argsort(-chances, axis=-1, kind="stable").tolist(), strict=True):
        scores = {labels[place]: row[place] for place in places}
        given = [label for label, score in scores.items() if score >= limits[label]]
        records.append({"labels": given, "scores": scores, "thresholds": limits})
    return records


# --- Sentences -------------------------------------------------------------------------------------------------------


def verdict(report: Mapping[str, Any]) -> str:
    """One to a few plain sentences that are true of the report."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return said("There were no examples to judge the model on, so nothing can be said about how good it is.")
    others = report.get("baselines") or {} if is_test else {}
    size = reach(found["rows"], is_test, limits=said(", so its true score may be lower"))
    parts = [_score(found, is_test), _comparison(found, others), _learned(found, others), _gaps(found), size]
    return together(*parts)


def _score(found: Judgement, is_test: bool) -> str:
    rows = said_many(found["rows"], "{count} example {where}", "{count} examples {where}", where=place_of(is_test))
    if not found["answered"]:
        return said("On {examples}, the model gave no label at all.", examples=rows)
    return together(
        said(
            "On {examples}, the model found {recall} of the labels, and {precision} of those it gave were right "
            "(F1 {f1}{range}).",
            examples=rows,
            recall=percent(found["recall_micro"]),
            precision=percent(found["precision_micro"]),
            f1=percent(found["f1_micro"]),
            range=_range(found),
        ),
        said("All labels of a text were right {share} of the time.", share=percent(found["subset_accuracy"])),
    )


def _range(found: Judgement) -> str:
    ends = (found.get("intervals") or {}).get("f1_micro")
    return said(", most likely between {low} and {high}", low=percent(ends[0]), high=percent(ends[1])) if ends else ""


def _comparison(found: Judgement, others: Mapping[str, Judgement]) -> str:
    clauses = [
        claim(
            (other.get("comparison") or {}).get("clearly"),
            [said("{other} (F1 {share})", other=_called(name), share=percent(other["f1_micro"]))],
        )
        for name, other in others.items()
    ]
    return said("That is {claims}.", claims=in_a_row(*clauses)) if clauses else ""


def _called(name: str) -> str:
    match name:
        case "common_labels":
            return said("always giving the most common labels")
        case "tfidf_one_vs_rest":
            return said("simple word counting")
    return name


def _learned(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """Whether there is any sign that it learned something, also where every label counts alike."""
    blind = others.get("common_labels")
    if not blind or found["rows"] < FEW or (blind.get("comparison") or {}).get("clearly") == "better":
        return ""
    lowest = ((found.get("intervals") or {}).get("f1_macro") or [found["f1_macro"]])[0]
    return "" if lowest > blind["f1_macro"] else unlearned(said("always giving the most common labels does"))


def _gaps(found: Judgement) -> str:
    asked = {label: line for label, line in found["per_class"].items() if line["support"]}
    missed = [label for label, line in asked.items() if not line["recall"]]
    if not missed or len(missed) == len(asked):
        return ""
    return said("It did not find a single example of {classes}.", classes=named(missed))
