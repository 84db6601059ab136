"""The blocks that draw what ``core.evaluation.depth`` holds, and its words in plain English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.calibration import BINS, FEWEST_ROWS
from core.evaluation.intervals import wilson
from core.evaluation.sections import Judgement, judged, part_of
from core.evaluation.types import Section
from core.evaluation.verdicts import FEW, percent
from core.said import Figures, said, said_many, together

_HIGH = 0.5
"""Bins from here on tell whether a model is too sure of itself when it says yes."""


def blocks(report: Mapping[str, Any]) -> list[Section]:
    """All of them that the judgement that counts has something for; none in a report of an earlier version."""
    found, is_test = judged(report)
    part = "test" if is_test else "validation"
    made = [
        trust(found, report, part),
        figures(found),
        threshold(found, part),
        abstain(found, part),
        roc(found, part),
        precision_recall(found, part),
    ]
    return [section for section in made if section is not None]


# --- How far probabilities can be trusted ----------------------------------------------------------------------------


def trust(found: Judgement, report: Mapping[str, Any], part: str) -> Section | None:
    """The reliability diagram, and what it comes to in a sentence."""
    sure = found.get("calibration")
    if not sure or not sure["bins"]:
        return None
    lines = [_line(said("This model"), sure["bins"])]
    if sure["before"]:
        lines.append(_line(said("Before its probabilities were set right"), sure["before"]["bins"]))
    return Section(
        "curves",
        said("How far its probabilities can be trusted"),
        together(
            in_words(sure, found["rows"]),
            _tempered(sure, report),
            said(
                "A dot stands for answers of about the same probability, in {part}: on the dashed line that can be "
                "taken at its word, below it the model is too sure.",
                part=part_of(part),
            ),
        ),
        {
            "x": said("What the model says"),
            "y": said("How often that is so"),
            "x_style": "percent",
            "y_style": "percent",
            "lines": lines,
            "low": 0.0,
            "high": 1.0,
            "diagonal": True,
            "dots": True,
        },
    )


def _line(label: str, bins: Sequence[Sequence[float]]) -> dict[str, Any]:
    points = [[round(told, 4), round(true, 4)] for told, true, _ in bins]
    return {"label": label, "points": points, "sizes": [count for *_, count in bins]}


def in_words(sure: Mapping[str, Any], rows: int) -> str:
    """``When it says 90 %, it is right 84 % of the time: it is too sure of itself.``

    Of classes by all answers together, of labels by the fullest range of high probabilities. Chance alone is not told
    for a fault: what was said must lie outside the interval in which the true share does.
    """
    if rows < FEW:
        return said_many(
            rows,
            "Whether its probabilities can be trusted cannot be told from {count} example.",
            "Whether its probabilities can be trusted cannot be told from {count} examples.",
        )
    if "confidence" in sure:
        given, (low, high) = sure["confidence"], sure["range"]
        bins = sure["bins"]
        true = sum(share * count for _, share, count in bins) / sum(count for *_, count in bins)
        words = said(
            "On average it says {given} and is right {true} of the time", given=percent(given), true=percent(true)
        )
    else:
        full = [one for one in sure["bins"] if one[0] >= _HIGH and one[2] >= FEW]
        if not full:
            return said("It gave too few labels a high probability to tell whether that can be trusted.")
        given, true, count = max(full, key=lambda one: one[2])
        low, high = wilson(round(true * count), int(count))
        words = said(
            "When it gives a label {given}, that is right {true} of the time",
            given=percent(given),
            true=percent(true),
        )
    if given > high:
        return said("{words}: it is too sure of itself.", words=words)
    if given < low:
        return said("{words}: it is better than it thinks.", words=words)
    return said("{words}: it can be taken at its word.", words=words)


def _tempered(sure: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """What was done about it."""
    if heat := sure["temperature"]:
        return said(
            "Its certainty was turned down by what it got wrong on the validation part (a temperature of {heat}, kept "
            "in the model itself; the answers stay the same)."
            if heat > 1
            else "Its certainty was turned up by what it got wrong on the validation part (a temperature of {heat}, "
            "kept in the model itself; the answers stay the same).",
            heat=Figures(f"{heat:.2f}"),
        )
    if not (report.get("options") or {}).get("calibrate"):
        return ""
    checked = (report.get("rows") or {}).get("validation") or 0
    if checked < FEWEST_ROWS:
        return said(
            "With {rows} validation examples, fewer than {fewest}, its probabilities were left as they are.",
            rows=checked,
            fewest=FEWEST_ROWS,
        )
    return said("Nothing on the validation part asked for a change of its probabilities, or allowed one.")


def figures(found: Judgement) -> Section | None:
    """The calibration error, the Brier score and the log loss, before and after."""
    sure = found.get("calibration")
    if not sure or sure["ece"] is None:
        return None
    before = sure["before"]
    columns = [{"label": said("Measure"), "style": "text"}, {"label": said("This model"), "style": "number"}]
    columns += [{"label": said("Before"), "style": "number"}] if before else []
    columns += [{"label": said("What it says"), "style": "text"}]
    return Section(
        "table",
        said("Its probabilities in figures"),
        together(
            said("Less is better in every row."),
            said("Before: the same model before its probabilities were set right.") if before else "",
        ),
        {
            "columns": columns,
            "rows": [
                [label, sure[name], *([before[name]] if before else []), words] for name, label, words in _MEASURES
            ],
        },
    )


_MEASURES = (
    (
        "ece",
        said("Expected calibration error (ECE)"),
        said(
            "How far what it says is from what comes true, on average: {least} is 5 points in a hundred. {ranges} "
            "ranges of equal width (Naeini et al. 2015, Guo et al. 2017). Small parts make it look larger than it is.",
            least=Figures("0.05"),
            ranges=BINS,
        ),
    ),
    (
        "brier",
        said("Brier score"),
        said(
            "The squared distance between probabilities and the truth: of yes or no from 0 to 1, of three classes and "
            "more from 0 to 2."
        ),
    ),
    ("loss", said("Log loss"), said("How surprised it was by the truth: it punishes being sure and wrong the most.")),
)


# --- Thresholds ------------------------------------------------------------------------------------------------------


def threshold(found: Judgement, part: str) -> Section | None:
    """What becomes of the rows at any threshold."""
    if not found.get("thresholds"):
        return None
    if "abstain" in found and len(found["per_class"]) > 2:
        use = said("In use, the most probable class is the answer; here each class is asked for by itself, yes or no.")
    elif "abstain" in found:
        use = said("In use, the more probable class is the answer, which is a threshold of 50 %.")
    else:
        use = said("The threshold in use was chosen on the validation part.")
    return Section(
        "threshold",
        said("What another threshold would cost"),
        together(
            said(
                "From which probability on is the answer yes? A low threshold misses less and raises more false alarms."
            ),
            use,
            said("Counted on {part}.", part=part_of(part)),
        ),
        {"of": found["thresholds"]},
    )


def abstain(found: Judgement, part: str) -> Section | None:
    """How many answers are left, and how good they are, where the model is silent when it is unsure."""
    if not found.get("abstain") or not found["rows"]:
        return None
    return Section(
        "abstain",
        said("What if it says nothing when it is unsure?"),
        said(
            "Answers below a probability are left to people: the fewer of the examples of {part} it answers, the more "
            "of these answers should be right.",
            part=part_of(part),
        ),
        {"rows": found["rows"], "stops": found["abstain"]},
    )


# --- Curves ----------------------------------------------------------------------------------------------------------


def roc(found: Judgement, part: str) -> Section | None:
    """The share of true ones found against the share of false alarms."""
    lines = (found.get("curves") or {}).get("roc") or []
    # Of two classes, the line of one is the other's in a mirror.
    lines = lines if len(found["per_class"]) > 2 else lines[:1]
    return _curves(
        lines,
        "auc",
        said("AUC"),
        said("Found against false alarms (ROC)"),
        said(
            "As the threshold falls, more of a class is found (upwards) and more of the others are taken for it (to "
            "the right), on {part}. The nearer to the upper left corner the better; the dashed line is guessing. AUC: "
            "the area below, how often an example of the class gets the higher probability.",
            part=part_of(part),
        ),
        {"x": said("False alarms"), "y": said("Found"), "diagonal": True},
        len(found["per_class"]),
    )


def precision_recall(found: Judgement, part: str) -> Section | None:
    """How pure the answers are against the share that is found."""
    return _curves(
        (found.get("curves") or {}).get("precision_recall") or [],
        "average_precision",
        said("average precision"),
        said("Precision against recall"),
        said(
            "As the threshold falls, more of a class is found (recall, to the right) and fewer of the answers are "
            "right (precision, upwards), on {part}. It tells more than the ROC curve where a class is rare.",
            part=part_of(part),
        ),
        {"x": said("Recall"), "y": said("Precision")},
        len(found["per_class"]),
    )


def _curves(
    lines: Sequence[Mapping[str, Any]], value: str, called: str, title: str, help: str, axes: dict[str, Any], of: int
) -> Section | None:
    if not lines:
        return None
    shown = sum(1 for line in lines if line["label"])
    if of > 2 and shown < of:
        some = said(
            "Of {of} classes, {shown} are shown: the rarest, the worst and the most frequent.", of=of, shown=shown
        )
        help = together(help, some)
    drawn = [
        {
            "label": said(
                "{label}, {mark} {figure}",
                label=line["label"] or said("All together"),
                mark=called,
                figure=Figures(f"{line[value]:.3f}"),
            ),
            "points": line["points"],
        }
        for line in lines
    ]
    style = {"x_style": "percent", "y_style": "percent", "low": 0.0, "high": 1.0}
    return Section("curves", title, help, {**axes, **style, "lines": drawn})
