"""A block of every kind that a report may have beside scores and samples, with the texts that are hardest to draw."""

from __future__ import annotations

import math
from typing import Any

from core.evaluation.types import Section
from core.judging.readings.base import Facts, Reading

NASTY = "</script><img src=x onerror=alert(1)>"
CLASSES = ["bad", "good", NASTY]
COUNTS = [[30, 8, 2], [3, 37, 0], [1, 4, 35]]
SMALL = "😀 Nora met Tim of Apple Inc. in Berlin,\r\non 3 May."


def stops(count: int = 101) -> list[list[float]]:
    """Counts at rising thresholds, of 40 rows that are and 80 that are not."""
    found: list[list[float]] = []
    for place in range(count):
        at = place / max(1, count - 1)
        hits, alarms = round(40 * (1 - at**3)), round(80 * (1 - at) ** 3)
        found.append([at, hits, alarms, 40 - hits, 80 - alarms])
    return found


def blocks() -> list[Section]:
    """With ``opens`` that fit the columns of ``judged``."""
    text, percent, count = ("text", "percent", "count")
    wave = [[place / 60, (place / 60) ** 0.3] for place in range(61)]
    own = [["truth", "==", "bad"]]
    return [
        Section(
            "advice",
            "What to do next",
            "The most useful thing first.",
            {
                "items": [
                    {"words": "Add rows of `bad`: 12 were trained on.", "link": "./new", "label": "Use again"},
                    {"words": f"Look at the 14 rows of {NASTY} that seem labelled wrongly.", "link": "", "label": ""},
                    {"words": "Look at these first: texts of “bad”.", "link": "", "label": "Show them", "opens": own},
                ]
            },
        ),
        Section(
            "curves",
            "How sure it is, and how often it is right",
            "On the dashed line, it is right as often as it says.",
            {
                "x": "How sure",
                "y": "Right",
                "x_style": percent,
                "y_style": percent,
                "low": 0.0,
                "high": 1.0,
                "diagonal": True,
                "dots": True,
                "lines": [
                    {"label": "as it is", "points": [[0.3, 0.2], [0.6, 0.5], [0.95, 0.8]], "sizes": [4, 30, 86]},
                    {"label": NASTY, "points": [[0.3, 0.3], [0.6, 0.65], [0.95, 0.93]], "sizes": [9, 41, 70]},
                ],
            },
        ),
        Section(
            "curves",
            "Found and right",
            "One line a class.",
            {"x": "Recall", "y": "Precision", "x_style": percent, "y_style": percent}
            | {"lines": [{"label": f"class {nr}", "points": [[x, y**nr] for x, y in wave]} for nr in range(1, 10)]},
        ),
        Section(
            "threshold",
            "From when on it says yes",
            "Move it to see what becomes of the rows.",
            {"of": [{"label": label, "at": 0.5, "stops": stops()} for label in CLASSES]},
        ),
        Section(
            "abstain",
            "Where it may be silent",
            "What it is not sure of can be left to people.",
            {
                "rows": 120,
                "stops": [[at / 20, 120 - 5 * at, round((120 - 5 * at) * (0.8 + at / 120))] for at in range(20)],
            },
        ),
        Section(
            "matrix",
            "What was taken for what",
            "Rows are the true classes.",
            {"labels": CLASSES, "counts": COUNTS, "x": "Answer", "y": "Truth", "opens": True},
        ),
        Section(
            "tagged",
            "In the text",
            "What should have been found, and what was.",
            {
                "rows": [
                    {
                        "text": f"{SMALL} {NASTY}",
                        "row": 7,
                        "truth": [[2, 6, "person"], [11, 14, "person"], [18, 28, "firm"], [32, 38, "town"]],
                        "answer": [[2, 6, "person"], [11, 23, "person"], [32, 38, "date"], [44, 49, "date"]],
                    },
                    {"text": "Rain in Lima.", "row": 8, "truth": [[8, 12, "town"]], "answer": [[8, 12, "town"]]},
                ]
            },
        ),
        Section(
            "slices",
            "Where it fails",
            "Groups of rows in which it is wrong more often.",
            {
                "columns": [
                    {"label": "Rows", "style": text},
                    {"label": "How many", "style": count},
                    {"label": "Right", "style": percent},
                ],
                "rows": [["Truth is “bad”", 40, 0.75], [f"Text has “{NASTY}”", 12, 0.25], ["All rows", 120, None]],
                "low": [0.6, 0.09, None],
                "high": [0.86, 0.53, None],
                "opens": [own, [["text", "has", "no such text"]], None],
            },
        ),
        Section(
            "examples",
            "Most confident mistakes",
            "",
            {
                "columns": [{"label": "Text", "style": text}, {"label": "How sure", "style": percent}],
                "rows": [[f"Is it {NASTY}? " * 20, 0.99]],
                "opens": [own],
            },
        ),
        Section(
            "table",
            "By length",
            "",
            {
                "columns": [{"label": "Words", "style": text}, {"label": "Rows", "style": count}],
                "rows": [["1 to 5", 120]],
            },
        ),
    ]


def planted(report: Any) -> list[Section]:
    return blocks()


def nothing_to_read(facts: Facts) -> None:
    return None


READING = Reading("planted", "Every kind of block", nothing_to_read, planted)
"""Shown in each report that has ``planted``."""


def judged() -> dict[str, list[Any]]:
    """The rows that ``COUNTS`` counts, as columns of kept rows."""
    pairs = [(t, a) for t, row in enumerate(COUNTS) for a, times in enumerate(row) for _ in range(times)]
    return {
        "text": [f"Row {place} is {NASTY}. " * (1 + place % 9) for place in range(len(pairs))],
        "row": list(range(len(pairs))),
        "truth": [CLASSES[truth] for truth, _ in pairs],
        "answer": [CLASSES[answer] for _, answer in pairs],
        "error": [0.0 if truth == answer else 0.5 + place / 1000 for place, (truth, answer) in enumerate(pairs)],
        "probability": [0.5 + 0.4 * math.sin(place) ** 2 for place in range(len(pairs))],
    }
