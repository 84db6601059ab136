"""Every kind of answer and every kind of report block, with the texts that are hardest to draw."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr

from core.studio import Studio
from core.tasks.base import Kind
from ui import widgets
from ui.page import Page, drawn_by

NASTY = "<img src=x onerror=alert(1)>"
SENTENCE = (
    "😀 Angela Merkel met Tim Cook of Apple Inc. in Berlin,\r\n  on 22 November; “the weather was fine”, said\tnobody."
)


def found(*named: tuple[str, str]) -> list[dict[str, Any]]:
    """Spans of ``SENTENCE``, by what stands there."""
    return [
        {"start": SENTENCE.index(words), "end": SENTENCE.index(words) + len(words), "label": label, "score": 0.98}
        for words, label in named
    ]


LONG_CONTEXT = "Nothing of note stands here. " * 60 + "The tower was finished in 1889, in spring. " + "Nor here. " * 200
HERE = LONG_CONTEXT.index("1889")
OTHERS = [{"answer": "in spring", "start": HERE + 6, "end": HERE + 15, "score": 0.02}]

ANSWERS: list[tuple[str, Kind, dict[str, Any]]] = [
    ("A label", "label", {"label": "good", "probability": 0.9, "scores": {"good": 0.9, NASTY: 0.1}}),
    (
        "Several labels",
        "labels",
        {
            "labels": ["billing", "delivery"],
            "scores": {"billing": 0.91, "delivery": 0.44, "praise": 0.3725, NASTY: 0.02}
            | {f"a rare label with a long name, number {place}": 0.01 / place for place in range(1, 9)},
            "thresholds": {"billing": 0.5, "delivery": 0.31, "praise": 0.62, NASTY: 0.5},
        },
    ),
    ("None of several labels", "labels", {"labels": [], "scores": {"a": 0.2}, "thresholds": {"a": 0.5}}),
    ("A number", "number", {"number": 3.75, "low": 0.0, "high": 5.0}),
    ("A number beyond the scale", "number", {"number": 5.4, "low": 0.5, "high": 5.0}),
    (
        "Pieces of a text",
        "spans",
        {
            "text": f"{SENTENCE} {NASTY}",
            "spans": [
                *found(
                    ("Apple Inc.", "ORG"), ("Angela Merkel", "PER"), ("Tim Cook of Apple", "PER"), ("Merkel", NASTY)
                ),
                *found(("Berlin", "LOC"), ("22 November", "DATE"), ("“the weather was fine”", "QUOTE")),
            ],
            "tokens": [],
            "tags": [],
        },
    ),
    ("No piece of a text", "spans", {"text": SENTENCE, "spans": [], "tokens": [], "tags": []}),
    (
        "An answer in a long text",
        "answer",
        {"answer": "1889", "start": HERE, "end": HERE + 4, "score": 0.97, "context": LONG_CONTEXT, "no_answer": 0.004}
        | {"others": OTHERS},
    ),
    (
        "No answer in a text",
        "answer",
        {"answer": "", "start": 0, "end": 0, "score": 0.8, "context": NASTY, "no_answer": 0.87, "others": OTHERS},
    ),
    (
        "Gaps that are filled",
        "fills",
        {
            "masks": [
                [
                    {"token": " Paris", "score": 0.81},
                    {"token": " Lyon", "score": 0.07},
                    {"token": NASTY, "score": 0.01},
                ],
                [{"token": "river", "score": 0.4}, {"token": "hill", "score": 0.3}],
            ],
            "text": "The capital of <b>France</b> is <mask>. It lies on a <mask>.",
            "filled": "The capital of <b>France</b> is Paris. It lies on a river.",
        },
    ),
    ("A text", "text", {"text": f"Dear reader,\r\n\r\n  two spaces first. {NASTY}"}),
    ("A reply", "chat", {"text": "Hello. ${1 + 1} {{value}}"}),
]


def sections() -> list[dict[str, Any]]:
    """Report blocks, as the API gives them."""
    baseline = {"value": 812.0, "low": None, "high": None}
    wave = [[place / 40, place / 40 + 0.6 * math.sin(place)] for place in range(200)]
    long = "It was a dark and stormy night; the rain fell in torrents. " * 9
    return [
        {
            "kind": "scores",
            "title": "Scores",
            "help": "On 120 test examples.",
            "content": {
                "columns": [{"label": "This model", "help": ""}, {"label": "Before training", "help": ""}],
                "rows": [
                    {
                        "label": "Perplexity",
                        "help": "How surprised it is.",
                        "style": "number",
                        "greater_is_better": False,
                    }
                    | {"values": [{"value": 24.1, "low": 20.0, "high": 29.0}, baseline]},
                    {"label": "Correlation", "help": "", "style": "number"}
                    | {"values": [{"value": 0.8, "low": 0.7, "high": 0.9}, {"value": -0.2, "low": -0.4, "high": 0.0}]},
                ],
            },
        },
        {
            "kind": "scatter",
            "title": "Answer and truth",
            "help": "Each point is an example.",
            "content": {"x": "Truth", "y": "Answer", "points": wave, "low": 0.0, "high": 5.0},
        },
        {
            "kind": "samples",
            "title": "Before and after",
            "help": "The same beginnings, gone on with.",
            "content": {
                "columns": [{"label": name} for name in ("Prompt", "Before training", "After training", "Reference")],
                "rows": [[f"Prompt {place}", NASTY, f"{long}\n\n  The end of {place}.", None] for place in range(6)],
            },
        },
    ]


def page() -> Page:
    """All answers below each other, each under its heading, and a place for report blocks."""

    def build(studio: Studio) -> None:
        with gr.Column(elem_classes="ts-page"):
            gr.HTML("<h1>Answers</h1>", apply_default_css=False, js_on_load=drawn_by("thresholds.js"))
            for title, kind, answer in ANSWERS:
                with gr.Column(elem_classes="nr-card nr-try"):
                    gr.HTML(f'<h2 class="nr-h2">{title}</h2>', apply_default_css=False)
                    gr.HTML(f'<div role="status">{widgets.show(kind)(answer)}</div>', apply_default_css=False)
            gr.HTML('<div id="blocks" class="ts-stack"></div>', apply_default_css=False)

    return Page(title="Answers", path="", build=build, nav="Answers")
