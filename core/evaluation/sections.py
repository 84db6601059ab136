"""A report as blocks that any page can draw: the scores of any task, and all blocks of a classification.

The report is read as it stands in ``report.json``: ``metrics.test`` and ``baselines`` in the form of a ``judge`` of
this folder, and ``mistakes``. A report without a test part shows the validation part, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.baselines import CLASSIFICATION
from core.evaluation.types import Baseline, MetricWords, Section
from core.said import Said, enumerated, said, together

MATRIX_CLASSES = 40
"""More classes than this cannot be told apart on a screen; the most confused ones are shown then."""

Judgement = Mapping[str, Any]


def judged(report: Mapping[str, Any]) -> tuple[Judgement, bool]:
    """The judgement that counts, and whether it is the one on the held-out test part. Empty where there is none."""
    found = report.get("metrics") or {}
    if found.get("test"):
        return found["test"], True
    return found.get("validation") or {}, False


def classification_sections(
    report: Mapping[str, Any], words: Sequence[MetricWords], texts: Mapping[str, str]
) -> list[Section]:
    """All blocks of a report. ``texts`` are the text roles and their labels, for the list of mistakes."""
    found, is_test = judged(report)
    if not found:
        return []
    part = "test" if is_test else "validation"
    blocks = [
        scores(found, report.get("baselines") or {} if is_test else {}, words, part, CLASSIFICATION),
        per_class(found, part),
        matrix(found.get("confusion_matrix") or report.get("confusion_matrix"), part),
        confusions(found, part),
        mistakes(report.get("mistakes") or [], texts),
    ]
    return [block for block in blocks if block is not None]


def part_of(part: str) -> Said:
    """Which examples were judged, for a sentence: ``the test part``."""
    return said("the test part") if part == "test" else said("the validation part")


def opened(part: str) -> dict[str, str]:
    """In the content of a block whose rows open judged rows: whose, where they are not those of the test part."""
    return {} if part == "test" else {"judgement": part}


def scores(
    found: Judgement,
    others: Mapping[str, Judgement],
    words: Sequence[MetricWords],
    part: str,
    baselines: Sequence[Baseline] = (),
) -> Section:
    """The model beside its baselines, with what the scores are sure of, for any task.

    ``found`` has ``rows``, a value by the name of each of ``words`` (a missing one is shown as a gap) and perhaps
    ``intervals``; ``others`` are the same of each baseline, perhaps with a ``note``. ``baselines`` are their words: one
    that is not among them is called by its name.
    """
    known = {baseline.name: baseline for baseline in baselines}
    columns: list[dict[str, str]] = [{"label": said("This model"), "help": said("The model that was just trained.")}]
    for name, other in others.items():
        baseline = known.get(name, Baseline(name, name, ""))
        columns.append({"label": baseline.label, "help": together(baseline.help, other.get("note") or "")})
    less = [metric.label for metric in words if not metric.greater_is_better]
    return Section(
        "scores",
        said("Scores"),
        together(
            said(
                "On {rows} test examples." if part == "test" else "On {rows} validation examples.", rows=found["rows"]
            ),
            said("A range says where the true value lies, 19 times out of 20: the fewer examples, the wider."),
            _direction(less, len(words)),
        ),
        {"columns": columns, "rows": [_line(metric, (found, *others.values())) for metric in words]},
    )


def _direction(less: Sequence[str], rows: int) -> str:
    if not less:
        return said("More is better in every row.")
    if len(less) == rows:
        return said("Less is better in every row.")
    return said("More is better, except for {marks}: there, less is.", marks=enumerated(*map(said, less)))


def _line(metric: MetricWords, judgements: Sequence[Judgement]) -> dict[str, Any]:
    return {
        "label": said(metric.label),
        "help": said(metric.help) if metric.greater_is_better else together(said(metric.help), said("Less is better.")),
        "style": metric.style,
        "greater_is_better": metric.greater_is_better,
        "values": [_value(judgement, metric.name) for judgement in judgements],
    }


def _value(judgement: Judgement, name: str) -> dict[str, float | None]:
    low, high = (judgement.get("intervals") or {}).get(name) or (None, None)
    return {"value": judgement.get(name), "low": low, "high": high}


def per_class(found: Judgement, part: str) -> Section:
    """How well each class is found; a class without examples has no score."""
    columns = [
        {"label": said("Class"), "style": "text"},
        {"label": said("Precision"), "style": "percent"},
        {"label": said("Recall"), "style": "percent"},
        {"label": "F1", "style": "percent"},
        {"label": said("Examples"), "style": "count"},
    ]
    rows = [
        [label, line["precision"], line["recall"], line["f1"], line["support"]]
        if line["support"]
        else [label, None, None, None, 0]
        for label, line in found["per_class"].items()
    ]
    return Section(
        "table",
        said("Class by class"),
        said(
            "Precision: when it answers with this class, how often that is right. Recall: how many of "
            "the examples of this class it found. F1: both in one number. Examples: how many {part} had.",
            part=part_of(part),
        ),
        {
            "columns": columns,
            "rows": rows,
            "opens": [
                [["truth", "==", label], ["error", ">", 0]] if line["support"] and line["recall"] < 1 else None
                for label, line in found["per_class"].items()
            ],
            **opened(part),
        },
    )


def matrix(confusion: Mapping[str, Any] | None, part: str, most: int = MATRIX_CLASSES) -> Section | None:
    """What was taken for what. Of more than ``most`` classes, only the most confused are shown."""
    if not confusion:
        return None
    labels, counts = confusion["labels"], confusion["counts"]
    shown, kept = "", list(range(len(labels)))
    if len(labels) > most:
        kept = _most_confused(counts, most)
        shown = said("Of {count} classes, the {most} that were mixed up most are shown.", count=len(labels), most=most)
    return Section(
        "matrix",
        said("What was taken for what"),
        together(
            said(
                "Rows are the true classes of {part}, columns the answers; right answers lie on the diagonal.",
                part=part_of(part),
            ),
            shown,
        ),
        {
            "labels": [labels[place] for place in kept],
            "counts": [[counts[truth][answer] for answer in kept] for truth in kept],
            "x": said("Answer"),
            "y": said("Truth"),
            "opens": True,
            **opened(part),
        },
    )


def _most_confused(counts: Sequence[Sequence[int]], most: int) -> list[int]:
    classes = range(len(counts))
    wrong = [sum(counts[one]) + sum(row[one] for row in counts) - 2 * counts[one][one] for one in classes]
    return sorted(sorted(classes, key=lambda one: -wrong[one])[:most])


def confusions(found: Judgement, part: str) -> Section | None:
    """The most frequent mix-ups as a list: what the matrix shows, readable with any number of classes."""
    if not found.get("confusions"):
        return None
    support = {label: line["support"] for label, line in found["per_class"].items()}
    rows = [
        [pair["truth"], pair["answer"], pair["count"], pair["count"] / support[pair["truth"]]]
        for pair in found["confusions"][:10]
    ]
    columns = [
        {"label": said("Truth"), "style": "text"},
        {"label": said("Answer"), "style": "text"},
        {"label": said("Times"), "style": "count"},
        {"label": said("Of this class"), "style": "percent"},
    ]
    return Section(
        "table",
        said("Most frequent mix-ups"),
        said(
            "Which class was taken for which, on {part}. Two classes that are often mixed up may be hard "
            "to tell apart, or their examples may be labelled unevenly.",
            part=part_of(part),
        ),
        {
            "columns": columns,
            "rows": rows,
            "opens": [[["truth", "==", truth], ["answer", "==", answer]] for truth, answer, *_ in rows],
            **opened(part),
        },
    )


def mistakes(found: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> Section | None:
    """The wrong answers the model was surest of."""
    if not found:
        return None
    used = {name: label for name, label in texts.items() if name in found[0]}
    columns = [{"label": said(label), "style": "text"} for label in used.values()]
    columns += [
        {"label": said("Truth"), "style": "text"},
        {"label": said("Answer"), "style": "text"},
        {"label": said("How sure"), "style": "percent"},
        {"label": said("Row"), "style": "count"},
    ]
    rows = [
        [*(record[name] for name in used), record["truth"], record["answer"], record["probability"], record["row"]]
        for record in found
    ]
    return Section(
        "examples",
        said("Most confident mistakes"),
        said(
            "Wrong answers the model was surest of. Often the label in the table is what is wrong: these "
            "rows are worth a look first."
        ),
        {"columns": columns, "rows": rows},
    )
