"""The settings form says what the config declares, and what a person types comes back as a config."""

from __future__ import annotations

import dataclasses
import json
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
from ui.forms.shape import shape, step

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
        ("training.eval_strategy", "never", "Give one of: after each epoch, every few steps, not at all."),
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
    suggestions = [Suggestion("training.eval_steps", 40, "Ten checks <in> each epoch.")]

    def told(problem: str = "", effect: str = "") -> list[dict[str, str]]:
        return forms.lines(row("eval_steps"), values, suggestions, problem, effect)

    assert told("Not a number") == [{"kind": "problem", "bold": "", "words": "Not a number"}]
    assert [(one["kind"], "after each epoch, so" in one["words"]) for one in told()] == [("why", True)]
    values["training.eval_strategy"] = "steps"
    suggested = {"kind": "note", "bold": "Suggested: 40.", "words": "Ten checks <in> each epoch."}
    assert told() == [suggested]
    assert told(effect="Every minute.")[1:] == [{"kind": "note", "bold": "", "words": "Every minute."}]
    suggestions.append(Suggestion("training.eval_steps", 100, "A preset says so."))
    assert told()[0]["words"] == "A preset says so.", "what stands in the field is what is told of"
    suggestions.clear()
    assert told()[0]["words"] == "A whole number from 1 to 10,000,000."


def test_a_setting_that_depends_on_another_is_used_only_with_it() -> None:
    values = forms.values_from(config())

    assert not forms.applies(row("eval_steps"), values | {"training.eval_strategy": "epoch"})
    assert forms.applies(row("eval_steps"), values | {"training.eval_strategy": "steps"})
    assert forms.applies(row("learning_rate"), values)


# --- What the script draws


def test_every_setting_has_its_words_its_kind_and_its_place() -> None:
    drawn = {one["path"]: one for one in shape(TASK, {"training.learning_rate": 2e-5}, local=True)["rows"]}

    assert sorted(drawn) == sorted(one.path for one in forms.rows_of(TASK))
    groups = list(dict.fromkeys(one["group"] for one in drawn.values()))
    assert groups.index("Basics") < groups.index("Model"), "what everybody needs comes first"
    for one in forms.rows_of(TASK):
        assert one.setting.label in drawn[one.path]["label"] and one.setting.unit in drawn[one.path]["label"]
        assert drawn[one.path]["help"] == one.setting.help
        assert drawn[one.path]["group"]
    assert drawn["training.learning_rate"]["kind"] == "number"
    assert drawn["training.learning_rate"]["back"] == "0.00002"
    assert drawn["training.eval_strategy"]["kind"] == "few"
    assert drawn["training.lr_scheduler_type"]["kind"] == "many"
    assert drawn["training.keep_checkpoints"]["kind"] == "yes"
    assert drawn["name"]["kind"] == "words" and drawn["name"]["back"] == "empty"


def test_an_arrow_key_changes_a_value_by_a_sensible_amount() -> None:
    assert step(row("learning_rate")) == pytest.approx(1e-5)
    assert step(row("weight_decay")) == pytest.approx(0.01)
    assert step(row("warmup_steps")) == pytest.approx(0.1)
    assert step(row("seed")) == 1
    assert step(row("num_train_epochs")) == 1


def test_what_a_browser_sends_is_taken_as_far_as_it_is_a_value_of_the_form() -> None:
    known = {"training.seed": 1, "training.weight_decay": 0.5}
    sent = {"training.seed": 2, "training.learning_rate": {"a": 1}, "custom.collator": "os:system", "options.none": 1}

    values = forms.read(TASK, sent, known, local=True)

    assert list(values) == [one.path for one in forms.rows_of(TASK)]
    assert (values["training.seed"], values["training.weight_decay"]) == (2, 0.5)
    assert values["training.learning_rate"] == row("learning_rate").default
    for nothing in (None, "", [1], 7):
        assert forms.read(TASK, nothing, known, local=True)["training.seed"] == 1


def test_a_visitor_from_elsewhere_neither_sees_nor_sets_what_reaches_into_this_machine() -> None:
    sent = {"notify.command": "rm -r /", "notify.webhook": "http://10.0.0.1", "training.resume_from_checkpoint": "/etc"}

    values = forms.read(TASK, sent, {"notify.command": "left by somebody"}, local=False)

    assert {path: values[path] for path in sent} == {path: row(path.split(".")[1]).default for path in sent}
    assert not set(sent) & {one["path"] for one in shape(TASK, {}, local=False)["rows"]}
    assert set(sent) <= {one["path"] for one in shape(TASK, {}, local=True)["rows"]}
    assert forms.read(TASK, sent, {}, local=True)["notify.command"] == "rm -r /"


def test_the_form_is_filled_and_told_of_by_its_three_parts() -> None:
    with gr.Blocks():
        form = forms.draw()
    values = forms.values_from(config(eval_strategy="epoch", learning_rate=2e-5))

    assert form.fill(values)[form.held]["training.learning_rate"] == 2e-5
    said = form.remarks(TASK, values, found={"training.seed": "Give a whole number."})[form.said]

    assert "training.eval_steps" in said["locked"] and "training.seed" not in said["locked"]
    wrong = [path for path, told in said["lines"].items() if told[0]["kind"] == "problem"]
    assert wrong == ["training.seed"]
    assert form.read(TASK, {form.held: {"training.seed": 9}}, values, local=True)["training.seed"] == 9
    assert json.dumps([form.show(TASK, values, True)[form.shape], said, form.fill(values)[form.held]])


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
def test_a_task_s_own_settings_stand_under_its_title_and_in_no_other_form() -> None:
    own = {one["path"]: one["group"] for one in shape(TOY, {}, True)["rows"] if one["path"].startswith(forms.OPTIONS)}

    assert own["options.border"] == toy_task.TASK.title
    assert "options.border" not in {one["path"] for one in shape(TASK, {}, True)["rows"]}
    assert "options.border" not in forms.read(TASK, {"options.border": 7}, {}, True)
    values = forms.read(TOY, {"options.border": 7}, {}, True)
    border = next(one for one in forms.own_rows(TOY) if one.name == "border")
    assert values["options.border"] == 7 and not forms.applies(border, values)
    assert forms.applies(border, values | {"options.own_border": True})
