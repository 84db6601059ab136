"""How each kind of thing is asked for and shown. A new task needs no line here; a new kind needs one.

Answers are records as ``Task.answers`` makes them: ``{"label", "scores"}`` for a label, ``{"labels", "scores"}`` for
several, ``{"number"}`` and ``{"text"}`` for the plain kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from core.tasks.base import Kind, Role, Task
from ui import pieces, words

SCORES_SHOWN = 8
Answer = Mapping[str, Any]


class NotDrawable(Exception):
    """A task asks for a kind of thing that no widget draws yet. Raised while the page is built, never to a visitor."""


def ask(role: Role) -> Component:
    """The control in which a person gives one input of a task."""
    build = INPUTS.get(role.kind)
    if build is None:
        raise NotDrawable(f"ui/widgets.py has no input for the kind {role.kind!r} (role {role.name!r}).")
    return build(role)


def show(kind: Kind) -> Callable[[Answer], str]:
    """The function that draws an answer of this kind as HTML."""
    draw = OUTPUTS.get(kind)
    if draw is None:
        raise NotDrawable(f"ui/widgets.py has no output for the kind {kind!r}.")
    return draw


def check(task: Task) -> None:
    """Raise ``NotDrawable`` unless everything that goes into and comes out of the task can be drawn."""
    for role in task.inputs:
        if role.kind not in INPUTS:
            raise NotDrawable(f"ui/widgets.py has no input for the kind {role.kind!r} (task {task.id!r}).")
    show(task.output)


def _text_input(role: Role) -> Component:
    return gr.Textbox(label=_label(role), placeholder="Type or paste a text", lines=1, max_lines=12)


def _line_input(role: Role) -> Component:
    return gr.Textbox(label=_label(role), max_lines=1)


def _number_input(role: Role) -> Component:
    return gr.Number(label=_label(role), value=None)


def _label(role: Role) -> str:
    return role.label if role.required else f"{role.label} (if there is one)"


def _label_answer(answer: Answer) -> str:
    scores = answer.get("scores") or {}
    sure = f' <span class="nr-sure">{_chance(scores[answer["label"]])} sure</span>' if answer["label"] in scores else ""
    return (
        f'<p class="nr-answer">{escape(str(answer["label"]))}{sure}</p>{_scores(scores, "Probability of each class")}'
    )


def _labels_answer(answer: Answer) -> str:
    chosen = [str(label) for label in answer["labels"]]
    shown = "".join(f'<span class="nr-chip">{escape(label)}</span>' for label in chosen) or "none of them"
    return f'<p class="nr-answer">{shown}</p>{_scores(answer.get("scores") or {}, "Probability of each label")}'


def _number_answer(answer: Answer) -> str:
    return f'<p class="nr-answer">{escape(words.mark(float(answer["number"]), "number"))}</p>'


def _text_answer(answer: Answer) -> str:
    return f'<p class="nr-written">{escape(str(answer["text"]))}</p>'


def _scores(scores: Mapping[str, float], label: str) -> str:
    ordered = sorted(scores.items(), key=lambda pair: -pair[1])
    return pieces.bars([(name, score, _chance(score)) for name, score in ordered], label, SCORES_SHOWN)


def _chance(share: float) -> str:
    """``93.4 %``. Only what is exactly all or nothing is written as 100 % or 0 %."""
    said = words.mark(share)
    return said if share in (0, 1) else {"0.0 %": "under 0.1 %", "100.0 %": "over 99.9 %"}.get(said, said)


INPUTS: dict[Kind, Callable[[Role], Component]] = {
    "text": _text_input,
    "label": _line_input,
    "number": _number_input,
}
OUTPUTS: dict[Kind, Callable[[Answer], str]] = {
    "label": _label_answer,
    "labels": _labels_answer,
    "number": _number_answer,
    "text": _text_answer,
}
