"""The settings form says what the config declares, and what a person types comes back as a config."""

from __future__ import annotations

import dataclasses
from typing import Any

import gradio as gr
import pytest

from core import limits
from core.config import RunConfig, validate
from core.schema import Row
from core.studio import Suggestion
from core.tasks import TASKS
from tests import toy_task
from ui import forms

TASK = "text-classification"
TOY = toy_task.TASK.id


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task more, with settings that no other has."""
    monkeypatch.setitem(TASKS, TOY, toy_task.TASK)


def toy_config(**options: Any) -> RunConfig:
    return validate({"task": TOY, "data": {"source": "words.csv"}, "options": options})


def config(**training: Any) -> RunConfig:
    return validate({"task": TASK, "name": "reviews", "data": {"source": "reviews.csv"}, "training": training})


def row(name: str) -> Row:
    return next(row for row in forms.ROWS if row.name == name)


# --- Form and config


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"num_train_epochs": 0.5, "learning_rate": 1e-7, "warmup_steps": 500, "weight_decay": 0},
        {"eval_strategy": "steps", "eval_steps": 7, "early_stopping_patience": 0, "seed": 2**32 - 1},
        {"eval_strategy": "epoch", "eval_steps": 7},
    ],
)
def test_a_config_survives_the_form(settings: dict[str, Any]) -> None:
    before = config(**settings)

    after = forms.config_from(before.model_dump(mode="json"), forms.values_from(before))

    assert validate(after) == before


def test_every_setting_of_the_config_is_in_the_form() -> None:
    assert [row.path for row in forms.rows_of(TASK)] == list(forms.values_from(config()))
    assert "training.learning_rate" in forms.values_from(config())


def test_the_draft_itself_is_left_alone() -> None:
    draft = {"task": "text-classification", "training": {"seed": 1}}

    filled = forms.config_from(draft, {"training.seed": 2})

    assert draft["training"] == {"seed": 1}
    assert filled["training"] == {"seed": 2}


def test_a_browser_sends_whole_numbers_as_it_likes_and_words_with_blanks() -> None:
    filled = forms.config_from({}, {"training.per_device_train_batch_size": 8.0, "name": "  reviews "})

    assert filled == {"name": "reviews", "training": {"per_device_train_batch_size": 8}}
    assert isinstance(filled["training"]["per_device_train_batch_size"], int)


def test_a_share_of_warm_up_stays_a_share() -> None:
    values = forms.values_from(config()) | {"training.warmup_steps": 0.1}

    assert validate(forms.config_from(config().model_dump(), values)).training.warmup_steps == 0.1


# --- What is wrong


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("training.learning_rate", 0, "Give a number above 0 and at most 1."),
        ("training.learning_rate", None, "Give a number above 0 and at most 1."),
        ("training.per_device_train_batch_size", 2.5, "Give a whole number from 1 to 4,096."),
        ("training.max_length", 4, "Give a whole number from 8 to 1,000,000."),
        ("training.eval_strategy", "never", "Give one of: after each epoch, every few steps."),
    ],
)
def test_a_wrong_value_lands_on_its_field_with_the_remedy(path: str, value: Any, sentence: str) -> None:
    found = forms.problems(forms.config_from(config().model_dump(), {path: value}))

    assert found == {path: sentence}


def test_all_wrong_fields_are_named_at_once() -> None:
    values = {"training.learning_rate": -1, "training.seed": -1}

    assert set(forms.problems(forms.config_from(config().model_dump(), values))) == set(values)


def test_a_good_config_has_no_problems() -> None:
    assert forms.problems(config().model_dump()) == {}


# --- Words


def test_values_are_written_as_people_write_them() -> None:
    assert limits.in_words(5e-5) == "0.00005"
    assert limits.in_words(1e-7) == "1e-7"
    assert limits.in_words(10000) == "10,000"
    assert limits.in_words(3.0) == "3"
    assert limits.in_words(0.1) == "0.1"
    assert limits.in_words(True) == "yes"
    assert limits.shown(row("eval_strategy"), "epoch") == "after each epoch"


def test_limits_with_one_end() -> None:
    open_above = dataclasses.replace(row("max_length"), maximum=None)
    open_below = dataclasses.replace(row("max_length"), minimum=None, exclusive_maximum=True)

    assert limits.limits(open_above) == "a whole number at least 8"
    assert limits.limits(open_below) == "a whole number below 1,000,000"


def test_the_line_under_a_control_says_the_most_pressing_thing() -> None:
    values = forms.values_from(config(eval_strategy="epoch"))
    suggestion = Suggestion("training.eval_steps", 40, "Ten checks <in> each epoch.")

    assert "Not a number" in forms.note(row("eval_steps"), values, suggestion, "Not a number")
    assert "after each epoch, so this number is not used" in forms.note(row("eval_steps"), values, suggestion)
    values["training.eval_strategy"] = "steps"
    assert forms.note(row("eval_steps"), values, suggestion) == (
        '<p class="nr-note"><b>Suggested: 40.</b> Ten checks &lt;in&gt; each epoch.</p>'
    )
    assert "A whole number from 1 to 10,000,000." in forms.note(row("eval_steps"), values)


def test_a_setting_that_depends_on_another_is_used_only_with_it() -> None:
    values = forms.values_from(config())

    assert not forms.applies(row("eval_steps"), values | {"training.eval_strategy": "epoch"})
    assert forms.applies(row("eval_steps"), values | {"training.eval_strategy": "steps"})
    assert forms.applies(row("learning_rate"), values)


# --- Controls


def test_every_control_has_its_words_and_its_kind() -> None:
    with gr.Blocks():
        form = forms.draw()

    for one in forms.ROWS:
        control = form.shared.controls[one.path]
        assert one.setting.label in str(control.label)
        assert one.setting.unit in str(control.label)
        assert control.info == one.setting.help
    assert isinstance(form.shared.controls["training.learning_rate"], gr.Number)
    assert isinstance(form.shared.controls["training.eval_strategy"], gr.Radio)
    assert isinstance(form.shared.controls["name"], gr.Textbox)


def test_an_arrow_key_changes_a_value_by_a_sensible_amount() -> None:
    assert forms.step(row("learning_rate")) == pytest.approx(1e-5)
    assert forms.step(row("weight_decay")) == pytest.approx(0.01)
    assert forms.step(row("warmup_steps")) == pytest.approx(0.1)
    assert forms.step(row("seed")) == 1
    assert forms.step(row("num_train_epochs")) == 1


def test_the_form_is_filled_and_read_by_component() -> None:
    with gr.Blocks():
        form = forms.draw()
    values = forms.values_from(config(eval_strategy="epoch", learning_rate=2e-5))

    filled = form.fill(TASK, values)

    rate, every = form.shared.controls["training.learning_rate"], form.shared.controls["training.eval_steps"]
    assert filled[rate]["value"] == 2e-5
    assert filled[rate]["interactive"] is True
    assert filled[every]["interactive"] is False
    assert form.read(TASK, {rate: 1e-4, every: 5}) == {"training.learning_rate": 1e-4, "training.eval_steps": 5}


def test_complaints_stand_under_their_controls() -> None:
    with gr.Blocks():
        form = forms.draw()

    remarks = form.remarks(TASK, forms.values_from(config()), found={"training.seed": "Give a whole number."})

    assert "Give a whole number." in remarks[form.shared.notes["training.seed"]]
    assert all("Give" not in text for note, text in remarks.items() if note is not form.shared.notes["training.seed"])


# --- What only one task has


@pytest.mark.usefixtures("toy")
def test_a_form_holds_the_settings_of_its_task_and_of_no_other() -> None:
    own = {path for path in forms.values_from(toy_config()) if path.startswith(forms.OPTIONS)}

    assert {"options.own_border", "options.border"} <= own
    assert not {"options.own_border", "options.border"} & set(forms.values_from(config()))
    assert forms.rows_of("no such task") == forms.ROWS


@pytest.mark.usefixtures("toy")
def test_options_survive_the_form() -> None:
    before = toy_config(own_border=True, border=9)

    after = forms.config_from(before.model_dump(mode="json"), forms.values_from(before))

    assert validate(after) == before


@pytest.mark.usefixtures("toy")
def test_options_of_another_task_never_reach_a_config() -> None:
    filled = forms.config_from({"task": TASK}, {"options.border": 9, "training.seed": 2})

    assert filled == {"task": TASK, "training": {"seed": 2}}


@pytest.mark.usefixtures("toy")
def test_a_wrong_option_lands_on_its_field() -> None:
    found = forms.problems(forms.config_from(toy_config().model_dump(), {"options.border": 0}))

    assert found == {"options.border": "Give a whole number from 1 to 1,000."}


@pytest.mark.usefixtures("toy")
def test_the_form_shows_the_group_of_its_task() -> None:
    with gr.Blocks():
        form = forms.draw()
    values = forms.values_from(toy_config())

    filled = form.fill(TOY, values)

    own = form.own[TOY].controls
    assert filled[form.boxes[TOY]]["visible"] is True
    assert [name for name, box in form.boxes.items() if filled[box]["visible"]] == [TOY]
    assert filled[own["options.border"]]["interactive"] is False
    assert own["options.border"] not in form.fill(TASK, forms.values_from(config()))
    assert form.enable(TOY, values | {"options.own_border": True})[own["options.border"]]["interactive"] is True
    assert "so this number is not used" in form.remarks(TOY, values)[form.own[TOY].notes["options.border"]]
    assert form.read(TOY, {own["options.border"]: 7}) == {"options.border": 7}
    assert form.read(TASK, {own["options.border"]: 7}) == {}


def test_what_few_people_need_is_folded_away_and_comes_into_sight_with_a_complaint() -> None:
    with gr.Blocks():
        form = forms.draw()
    further = next(one.path for one in forms.own_rows(TASK) if one.setting.level != "basic")
    values, more = forms.values_from(config()), form.own[TASK].more
    assert more is not None

    assert more not in form.fill(TASK, values)
    assert form.fill(TASK, values | {further: "changed"})[more]["open"] is True
    assert form.remarks(TASK, values, (), {further: "Wrong."})[more]["open"] is True
    assert more not in form.remarks(TASK, values, (), {"name": "Too long."})


@pytest.mark.usefixtures("toy")
def test_no_two_controls_share_their_name_in_the_page() -> None:
    with gr.Blocks():
        form = forms.draw()

    names = [control.elem_id for control in form.inputs]
    assert len(names) == len(set(names)) > len(forms.ROWS)
