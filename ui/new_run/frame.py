"""What all steps of the walk share: the draft, the page's address, and under each step the way back and on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from ui.languages import told, tr

DATA, COLUMNS, CHECK, MODEL, SETTINGS, START = range(1, 7)
STEPS = {DATA: "Data", COLUMNS: "Columns", CHECK: "Check", MODEL: "Model", SETTINGS: "Settings", START: "Start"}

Answers = dict[Any, Any]
"""What a handler gets and gives: values or updates, keyed by component."""


@dataclass(frozen=True)
class Frame:
    """The components that every step knows."""

    draft: gr.State
    address: gr.Textbox
    """The address of what the page shows; a script puts it into the browser's address bar."""
    walk: gr.Walkthrough
    back: dict[int, gr.Button]
    next: dict[int, gr.Button]
    why: dict[int, gr.HTML]
    """By step, the sentence that says why the walk cannot go on."""


def buttons(step: int) -> tuple[gr.Button, gr.Button, gr.HTML]:
    """Draw the way back, the way on, and the place of the sentence above them."""
    why = gr.HTML(apply_default_css=False, elem_classes="nr-why")
    words = tr("Start training") if step == START else tr("Next: {steps}", steps=tr(STEPS[step + 1]))
    with gr.Row(elem_classes="nr-buttons"):
        back = gr.Button(tr("Back"), visible=step > DATA, elem_classes="nr-back", elem_id=f"back-{step}")
        forward = gr.Button(words, variant="primary", elem_classes="nr-next", elem_id=f"next-{step}")
    return back, forward, why


def why_not(sentence: str) -> str:
    """The sentence above the buttons that says what is missing; an empty text takes it away."""
    return f'<p class="nr-problem" role="alert">{escape(told(sentence))}</p>' if sentence else ""


def settled(place: gr.HTML, reason: str) -> Answers:
    """Take the sentence away once its reason is gone. One that still holds stays: it may just have been said."""
    return {} if reason else {place: ""}
