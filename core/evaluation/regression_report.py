"""The report of a model that gives numbers: its blocks, and a judgement in a few plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.data.score_findings import number
from core.data.types import Target
from core.evaluation import regression, residuals, sections
from core.evaluation.clipped import clipped
from core.evaluation.regression_baselines import WORDS as BASELINES
from core.evaluation.sections import Judgement, judged, part_of
from core.evaluation.types import Section
from core.evaluation.verdicts import FEW, claims, percent, place_of, reach, unlearned
from core.said import Figures, said, together

_FLAT = 0.1
"""Answers whose spread is under this share of the truth's are as good as one and the same."""


def judge(answers: Any, references: Any, target: Target) -> dict[str, Any]:
    """``regression.judge``, and beside it ``loss`` (in standard units), ``low`` and ``high`` of the training scores,
    ``answered`` (the spread of the answers as a share of the truth's), ``scatter``, and ``ranges``, ``along``,
    ``spread`` and ``bias`` (see ``core.evaluation.residuals``).
    """
    import numpy as np

    found = regression.judge(answers, references)
    given, truth = np.asarray(answers, dtype=float), np.asarray(references, dtype=float)
    return found | {
        "loss": (found["rmse"] / target.spread) ** 2 if found["rows"] else None,
        "low": target.low,
        "high": target.high,
        "answered": float(given.std() / truth.std()) if len(truth) and truth.std() > 0 else None,
        "ranges": residuals.ranges(given, truth),
        "along": residuals.along(given, truth),
        "spread": residuals.spread(given, truth),
        "bias": residuals.bias(given, truth),
        "scatter": regression.scatter(given, truth),
    }


def mistakes(answers: Any, examples: Any, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The answers that are furthest off, worst first, with the ``texts``, ``truth``, ``answer``, ``error``, ``row``."""
    worst = regression.worst(answers, examples["score"].to_numpy())
    rows = examples.select([*texts, "row"]).take([one["place"] for one in worst]).to_pylist() if worst else []
    return [
        {
            **{name: clipped(row[name]) for name in texts},
            "truth": one["truth"],
            "answer": one["answer"],
            "error": one["error"],
            "row": row["row"],
        }
        for one, row in zip(worst, rows, strict=True)
    ]


# --- Blocks ----------------------------------------------------------------------------------------------------------


def report_sections(report: Mapping[str, Any], texts: Mapping[str, str]) -> list[Section]:
    """All blocks of a report. ``texts`` are the text roles and their labels, for the list of errors."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return []
    part = "test" if is_test else "validation"
    others = report.get("baselines") or {} if is_test else {}
    blocks = [
        sections.scores(found, others, regression.WORDS, part, BASELINES),
        _scatter(found, part),
        *residuals.blocks(found, part),
        _worst(report.get("mistakes") or [], texts),
    ]
    return [block for block in blocks if block is not None]


def _scatter(found: Judgement, part: str) -> Section:
    shown = found["scatter"]
    drawn = len(shown["points"])
    return Section(
        "scatter",
        said("Truth and answer"),
        together(
            said(
                "Each point is an example of {part}. On the diagonal the answer is right; above it, it is too high, "
                "below it too low.",
                part=part_of(part),
            ),
            said("Of {rows} examples, {drawn} drawn by chance are shown.", rows=found["rows"], drawn=drawn)
            if drawn < found["rows"]
            else "",
        ),
        shown,
    )


def _worst(found: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> Section | None:
    if not found:
        return None
    used = {name: label for name, label in texts.items() if name in found[0]}
    columns = [{"label": said(label), "style": "text"} for label in used.values()]
    columns += [{"label": label, "style": "number"} for label in (said("Truth"), said("Answer"), said("Off by"))]
    columns.append({"label": said("Row"), "style": "count"})
    rows = [
        [*(record[name] for name in used), record["truth"], record["answer"], record["error"], record["row"]]
        for record in found
    ]
    return Section(
        "examples",
        said("Largest errors"),
        said(
            "The answers furthest from the truth. Often the score in the table is what is wrong: these "
            "rows are worth a look first."
        ),
        {"columns": columns, "rows": rows, "opens": [[["row", "==", record["row"]]] for record in found]},
    )


# --- In words --------------------------------------------------------------------------------------------------------


def verdict(report: Mapping[str, Any]) -> str:
    """A few sentences that are true of the report, also when the model is bad or the examples are few."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return said("There were no examples to judge the model on, so nothing can be said about how good it is.")
    others = report.get("baselines") or {} if is_test else {}
    size = reach(found["rows"], is_test, limits=said(", so its true error may be larger"))
    told = _flat(found) or _learned(found, others)
    parts = [_score(found, is_test), _comparison(found, others), told, size]
    return together(*parts)


def _score(found: Judgement, is_test: bool) -> str:
    rows, off, where = found["rows"], _figures(found["mae"]), place_of(is_test)
    if rows == 1:
        return said(
            "There was only one example {where}; the model's answer to it was off by {off}.", where=where, off=off
        )
    return together(
        said(
            "On {rows} examples {where}, the answers were off by {off} on average (the learned scores go from {low} to "
            "{high}).",
            rows=rows,
            where=where,
            off=off,
            low=_figures(found["low"]),
            high=_figures(found["high"]),
        ),
        said("Always giving the mean of these scores would be as good.")
        if found["r2"] <= 0
        else said("They explain {share} of the differences between the scores.", share=percent(found["r2"])),
    )


def _figures(value: float) -> Figures:
    return Figures(number(value))


def _comparison(found: Judgement, others: Mapping[str, Judgement]) -> str:
    groups: dict[str, list[str]] = {"better": [], "worse": [], "unclear": []}
    for name, other in others.items():
        clearly = (other.get("comparison") or {}).get("clearly") or "unclear"
        groups[clearly].append(said("{other} ({share})", other=_called(name), share=_figures(other["rmse"])))
    told = claims(groups)
    if not told:
        return ""
    return said(
        "With large errors counting for more (root mean squared error, {off}), it is {claims}.",
        off=_figures(found["rmse"]),
        claims=told,
    )


def _called(name: str) -> str:
    match name:
        case "mean":
            return said("always giving the mean")
        case "tfidf_ridge":
            return said("a simple word-counting model")
        case "word_overlap":
            return said("counting shared words")
    return name


def _flat(found: Judgement) -> str:
    share = found.get("answered")
    if share is None or share >= _FLAT:
        return ""
    return said("It answers almost the same number every time, so it has not learned to tell the texts apart.")


def _learned(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """Whether there is any sign that it learned something: answers that go along with the truth are one."""
    blind = others.get("mean")
    if not blind or found["rows"] < FEW or (blind.get("comparison") or {}).get("clearly") == "better":
        return ""
    goes_along = (found.get("intervals") or {}).get("pearson")
    return "" if goes_along and goes_along[0] > 0 else unlearned(said("always giving the mean does"))
