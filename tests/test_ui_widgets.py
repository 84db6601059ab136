"""Everything that goes into a task and comes out of it can be drawn, and nothing in it is ever taken for HTML."""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any, get_args

import gradio as gr
import pytest

from core.tasks import TASKS
from core.tasks.base import Kind, Role, Task
from tests.gallery import ANSWERS, NASTY, SENTENCE
from ui import answers, marked, widgets
from ui.marked import Piece

SURROGATE = "\ud83d"
"""Half an emoji, as a broken table may hold one."""


BROKEN = f'{NASTY}\' onfocus=\'alert(1)\' x=" onfocus="alert(1)" x="'
"""A text that would also end an attribute and begin another."""


class Seen(HTMLParser):
    """The tags and attributes that a browser would make of some HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def plain(drawn: str) -> str:
    """The text that a person reads who is told nothing beside it: without names, scores and tags."""
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"<small>.*?</small>|<span class=.nr-unseen.>.*?</span>", "", drawn)))


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
    with pytest.raises(widgets.NotDrawable, match="image"):
        widgets.show("image")


@pytest.mark.parametrize("kind", [kind for kind in get_args(Kind) if kind != "image"])
def test_every_kind_but_pictures_can_come_out(kind: Kind) -> None:
    task = next(iter(TASKS.values()))

    widgets.check(dataclasses.replace(task, output=kind))
    assert kind in {shown for _, shown, _ in ANSWERS}, "the gallery shows every kind"


@pytest.mark.parametrize("kind", ["text", "label", "number", "chat"])
def test_what_a_person_gives_can_be_asked_for(kind: Kind) -> None:
    with gr.Blocks():
        assert widgets.ask(Role("given", "Given", "", kind)).label == "Given"


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

    assert f"and {30 - answers.SCORES_SHOWN} more" in drawn


HOSTILE: list[tuple[Kind, dict[str, Any]]] = [
    ("label", {"label": BROKEN, "scores": {BROKEN: 1.0}}),
    ("labels", {"labels": [BROKEN], "scores": {BROKEN: 1.0, f"{BROKEN} again": 0.1}, "thresholds": {BROKEN: 0.5}}),
    ("spans", {"text": BROKEN, "spans": []}),
    ("spans", {"text": BROKEN, "spans": [{"start": 0, "end": 9, "label": BROKEN, "score": 0.5}]}),
    (
        "answer",
        {"answer": BROKEN, "start": 0, "end": 5, "score": 0.5, "context": BROKEN, "no_answer": None, "others": []},
    ),
    (
        "answer",
        {"answer": "", "start": 0, "end": 0, "score": 0.5, "context": BROKEN, "no_answer": 0.5}
        | {"others": [{"answer": BROKEN, "start": 0, "end": 5, "score": 0.5}]},
    ),
    ("fills", {"masks": [[{"token": BROKEN, "score": 0.5}]], "text": f"{BROKEN} [MASK]", "filled": BROKEN}),
    ("fills", {"masks": [[{"token": BROKEN, "score": 0.5}]], "text": "no gap that can be told", "filled": BROKEN}),
    ("text", {"text": BROKEN}),
    ("chat", {"text": BROKEN}),
]


@pytest.mark.parametrize(("kind", "answer"), HOSTILE)
def test_what_a_model_answers_is_never_html(kind: Kind, answer: dict[str, Any]) -> None:
    drawn = widgets.show(kind)(answer)

    assert "<img" not in drawn
    assert "&lt;img" in drawn
    seen = Seen()
    seen.feed(drawn)
    assert not {name for name in seen.attributes if name.startswith("on") or name == "x"}
    assert "img" not in seen.tags


# --- A number --------------------------------------------------------------------------------------------------------


def test_a_number_is_written_plainly() -> None:
    assert "1,250" in widgets.show("number")({"number": 1250.2})


def test_a_number_stands_on_its_scale() -> None:
    drawn = widgets.show("number")({"number": 2.5, "low": 0.0, "high": 10.0})

    assert "left:25.00%" in drawn
    assert "<span>0</span><span>10</span>" in drawn


@pytest.mark.parametrize(
    ("number", "place", "said"),
    [
        (6.0, "left:100.00%", "More than any score"),
        (-1.0, "left:0.00%", "Less than any score"),
        (5.0, "left:100", "goes"),
    ],
)
def test_what_lies_beyond_the_scale_is_said(number: float, place: str, said: str) -> None:
    drawn = widgets.show("number")({"number": number, "low": 0.0, "high": 5.0})

    assert place in drawn and said in drawn


@pytest.mark.parametrize("ends", [{"low": 3.0, "high": 3.0}, {"low": None, "high": None}, {}])
def test_a_scale_without_length_is_left_out(ends: dict[str, Any]) -> None:
    assert "nr-scale" not in widgets.show("number")({"number": 3.0, **ends})


# --- Several labels --------------------------------------------------------------------------------------------------


def test_no_label_at_all_is_said() -> None:
    assert "none of them" in widgets.show("labels")({"labels": [], "scores": {"a": 0.1}})


def test_each_label_has_a_threshold_that_can_be_moved() -> None:
    drawn = widgets.show("labels")(
        {"labels": ["b"], "scores": {"a": 0.1, "b": 0.9}, "thresholds": {"a": 0.37, "b": 0.2}}
    )

    assert drawn.count('<input type="range"') == 2
    assert drawn.index("Threshold of b") < drawn.index("Threshold of a")
    assert 'aria-valuetext="37.0 %, not chosen"' in drawn and 'aria-valuetext="20.0 %, chosen"' in drawn
    assert 'data-score="0.9" data-tuned="0.2" data-chosen="1"' in drawn


def test_every_chosen_label_is_in_sight() -> None:
    scores = {f"label {place}": 0.9 - place / 100 for place in range(30)}

    drawn = widgets.show("labels")({"labels": list(scores)[:12], "scores": scores, "thresholds": {}})

    assert "and 18 more" in drawn


# --- Pieces of a text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [(0, 1)],
        [(2, 8), (9, 15)],
        [(9, 15), (2, 8)],
        [(2, 8), (8, 12)],
        [(2, 15), (2, 8), (9, 15)],
        [(2, 10), (6, 15), (8, 20)],
        [(2, 8), (2, 8)],
        [(-5, 3), (10, 10_000), (7, 7), (9, 4)],
        [(0, 10_000)],
    ],
)
def test_a_marked_text_stays_whole(pieces: list[tuple[int, int]]) -> None:
    drawn = marked.text(SENTENCE, [Piece(start, end, "X", "98 %") for start, end in pieces])

    assert plain(drawn) == SENTENCE.replace("\r\n", " \n")
    assert drawn.count("<mark") == drawn.count("</mark>")


def test_offsets_count_characters_whatever_the_text_holds() -> None:
    text = "😀👩‍👩‍👧 a\r\nb\rc & <d>"
    for place in range(len(text)):
        drawn = marked.text(text, [Piece(place, place + 1, "X")])
        (found,) = re.findall(r"<mark[^>]*>(.*?)<small>", drawn, re.DOTALL)
        same = text.replace("\r\n", " \n").replace("\r", "\n")[place]
        assert unescape(found) == same


def test_pieces_across_each_other_are_all_marked() -> None:
    drawn = marked.text("abcdef", [Piece(2, 6, "two"), Piece(0, 4, "one")])

    marks = re.sub(r' class="[^"]*"| style="[^"]*"| title="[^"]*"', "", drawn)
    assert (
        "<mark>ab<mark>cd<small>two</small></mark><small>one</small></mark><mark>ef<small>two</small></mark>" in marks
    )


def test_a_label_keeps_its_colour() -> None:
    assert [marked.hue("PER"), marked.hue("ORG")] == [marked.hue("PER"), marked.hue("ORG")]
    assert len({marked.hue(name) for name in ("PER", "ORG", "LOC", "MISC")}) == 4
    assert 0 <= marked.hue(SURROGATE) < 360


def test_what_was_found_is_listed_in_order() -> None:
    found = [{"start": 4, "end": 7, "label": "B", "score": 0.5}, {"start": 0, "end": 3, "label": "A", "score": 0.9}]

    drawn = widgets.show("spans")({"text": "one two", "spans": found, "tokens": [], "tags": []})

    table = drawn[drawn.index("<table") :]
    assert table.index("one") < table.index("two") < table.index("50.0 %")
    assert "(50.0 % sure)" in drawn and 'title="B, 50.0 % sure"' in drawn


def test_nothing_found_is_said() -> None:
    assert "Nothing found in this text." in widgets.show("spans")({"text": "a", "spans": [], "tokens": [], "tags": []})


# --- An answer in a text ---------------------------------------------------------------------------------------------


def answered(context: str, words: str, **more: Any) -> str:
    start = context.index(words)
    record = {"answer": words, "start": start, "end": start + len(words), "score": 0.9, "context": context, **more}
    return widgets.show("answer")({"no_answer": None, "others": [], **record})


def test_an_answer_is_marked_where_it_stands() -> None:
    drawn = answered("The tower is of 1889, not older.", "1889", no_answer=0.03)

    assert "The tower is of <mark" in drawn and "1889<span class" in drawn
    assert "90.0 % sure" in drawn and "holds no answer is 3.0 %" in drawn
    assert "The whole text" not in drawn


def test_of_a_long_text_the_part_around_the_answer_is_shown() -> None:
    drawn = answered("before " * 500 + "1889" + " after" * 500, "1889")

    near, _, whole = drawn.partition("The whole text")
    assert "…before before" in near and "after after…" in near
    assert len(near) < 2000 < len(whole)
    assert near.count("<mark") == whole.count("<mark") == 1


def test_no_answer_is_said_with_its_chance() -> None:
    others = [{"answer": "a guess", "start": 0, "end": 1, "score": 0.1}]

    drawn = widgets.show("answer")({"answer": "", "context": "a text", "no_answer": 0.87, "others": others})

    assert "No answer stands in this text." in drawn and "87.0 %" in drawn
    assert "What it would have answered (1)" in drawn and "a guess" in drawn


# --- Gaps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tokens", "filled"),
    [
        ("a [MASK] b [MASK]", ["x", "y"], "a x b y"),
        ("<mask> [CLS] b", [" x"], "x [CLS] b"),
        ("a ___.", ["x"], "a x."),
        ("a <mask><mask>", ["x", "y"], "a xy"),
    ],
)
def test_filled_gaps_are_marked(text: str, tokens: list[str], filled: str) -> None:
    masks = [[{"token": token, "score": 0.5}] for token in tokens]

    drawn = widgets.show("fills")({"masks": masks, "text": text, "filled": "not needed"})

    assert plain(drawn[: drawn.index("</p>")]) == filled
    assert drawn.count("<mark") == len(tokens)


def test_where_gaps_cannot_be_told_the_filled_text_stands_unmarked() -> None:
    drawn = widgets.show("fills")({"masks": [[{"token": "x", "score": 0.5}]], "text": "[A] [A]", "filled": "[A] x"})

    assert "[A] x" in drawn and "<mark" not in drawn


# --- Texts and inputs ------------------------------------------------------------------------------------------------


def test_silence_is_said() -> None:
    assert "The model wrote nothing." in widgets.show("text")({"text": " \n"})


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
