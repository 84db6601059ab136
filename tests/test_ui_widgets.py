"""Everything that goes into a task and comes out of it can be drawn, and nothing in it is ever taken for HTML."""

from __future__ import annotations

import dataclasses

import gradio as gr
import pytest

from core.tasks import TASKS
from core.tasks.base import Role, Task
from ui import widgets

NASTY = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
def test_every_task_can_be_drawn(task: Task) -> None:
    widgets.check(task)
    with gr.Blocks():
        for role in task.inputs:
            assert widgets.ask(role).label


def test_a_kind_without_a_widget_is_refused_when_the_page_is_built() -> None:
    task = next(iter(TASKS.values()))
    role = dataclasses.replace(task.inputs[0], name="photo", kind="image")

    with pytest.raises(widgets.NotDrawable, match="image"):
        widgets.check(dataclasses.replace(task, roles=(role,)))
    with pytest.raises(widgets.NotDrawable, match="photo"):
        widgets.ask(role)
    with pytest.raises(widgets.NotDrawable, match="chat"):
        widgets.show("chat")


def test_a_label_is_shown_with_its_probability_and_the_others_beside_it() -> None:
    drawn = widgets.show("label")({"label": "good", "scores": {"bad": 0.25, "good": 0.75}})

    assert "good <span" in drawn
    assert "75.0 % sure" in drawn
    assert drawn.index("75.0 %") < drawn.index("25.0 %")
    assert "width:75.00%" in drawn


@pytest.mark.parametrize(
    ("share", "said"),
    [(1.0, "100.0 %"), (0.99996, "over 99.9 %"), (0.9994, "99.9 %"), (0.0004, "under 0.1 %"), (0.0, "0.0 %")],
)
def test_only_what_is_certain_is_called_certain(share: float, said: str) -> None:
    drawn = widgets.show("label")({"label": "a", "scores": {"a": share, "b": 1 - share}})

    assert f"{said} sure" in drawn
    assert f'<span class="nr-bar-value">{said}</span>' in drawn


def test_many_classes_are_folded() -> None:
    scores = {f"class {number}": 1 / (number + 2) for number in range(30)}

    drawn = widgets.show("label")({"label": "class 0", "scores": scores})

    assert f"and {30 - widgets.SCORES_SHOWN} more" in drawn


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("label", {"label": NASTY, "scores": {NASTY: 1.0}}),
        ("labels", {"labels": [NASTY], "scores": {NASTY: 1.0}}),
        ("text", {"text": NASTY}),
    ],
)
def test_what_a_model_answers_is_never_html(kind: str, answer: dict[str, object]) -> None:
    drawn = widgets.show(kind)(answer)  # type: ignore[arg-type]

    assert "<img" not in drawn
    assert "&lt;img" in drawn


def test_a_number_is_written_plainly() -> None:
    assert "1,250" in widgets.show("number")({"number": 1250.2})


def test_no_label_at_all_is_said() -> None:
    assert "none of them" in widgets.show("labels")({"labels": [], "scores": {"a": 0.1}})


def test_an_optional_input_says_so() -> None:
    role = Role("text_pair", "Second text", "", "text", required=False)
    with gr.Blocks():
        assert widgets.ask(role).label == "Second text (if there is one)"


def test_enter_submits_a_text() -> None:
    """Gradio submits on Enter only where the field begins with one line."""
    with gr.Blocks():
        field = widgets.ask(Role("text", "Text", "", "text"))
    assert isinstance(field, gr.Textbox)
    assert field.lines == 1
    assert field.max_lines > 1  # type: ignore[operator]
