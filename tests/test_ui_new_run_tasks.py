"""The walk to a new run asks of each task what that task needs, and names none of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from core import runs
from core.config import SplitConfig, validate
from core.data.types import Checkup, Column, Guess, Parts, Preview
from core.errors import ConfigError, StudioError
from core.hub.types import Recommendation
from core.models.types import Checkpoint, Note
from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Task
from tests import toy_task
from tests.making import PROJECT
from ui import forms
from ui.new_run import about_task, check, columns, looking, model, model_words, settings, start
from ui.new_run.draft import Draft
from ui.pages import new_run

TOY = toy_task.TASK.id
SORTING = "text-classification"


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task with a role for several columns, two ways to fill the roles, and settings of its own."""
    monkeypatch.setitem(TASKS, TOY, toy_task.TASK)


def preview(*headers: str) -> Preview:
    found = tuple(Column(header, "text", missing=0, distinct=4, examples=("a",)) for header in headers)
    return Preview("/data/words.csv", "words.csv", "csv", 40, 1000, found, ())


GUESS = Guess(TOY, {"text": ("first", "second"), "vowels": "vowels"}, {"text": "Two columns of words."}, 0.95)


def draft(*guesses: Guess) -> Draft:
    return Draft().with_data(preview("first", "second", "vowels"), guesses or [GUESS], SplitConfig())


def config(**options: Any) -> Any:
    return validate({"task": TOY, "data": {"source": "/data/words.csv", "columns": GUESS.columns}, "options": options})


# --- The draft


def test_a_role_that_many_columns_play_holds_them_all() -> None:
    assert draft().plain()["data"]["columns"]["text"] == ("first", "second")
    assert draft().with_column("text", ["second"]).columns["text"] == ("second",)
    assert "text" not in draft().with_column("text", []).columns
    assert "“first”" in draft().with_column("vowels", "first").why_not_columns()


def test_what_is_missing_is_said_by_the_nearest_way() -> None:
    task = replace(toy_task.TASK, ways=(("text", "amount"), ("vowels",)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TASKS, TOY, task)
        nothing = draft().with_column("text", None).with_column("vowels", None)

        assert nothing.why_not_columns() == "Choose a column for: Vowels. Or: Texts, Amount."
        assert [role.name for role in nothing.missing] == ["vowels"]
        assert nothing.with_column("amount", "vowels").why_not_columns() == ("Choose a column for: Texts. Or: Vowels.")
        assert nothing.with_column("vowels", "vowels").why_not_columns() == ""


def test_options_go_with_their_task_and_the_rest_stays() -> None:
    shown = draft().with_suggestions(config())
    changed = shown.with_settings(shown.values | {"options.border": 9, "training.seed": 7})

    other = changed.with_task(SORTING)

    assert changed.options == {"options.border": 9}
    assert changed.plain()["options"] == {"border": 9}
    assert other.values["training.seed"] == 7
    assert not {"options.border"} & {*other.values, *other.suggested}
    assert "options" not in other.plain()


def test_options_that_may_not_stand_so_are_not_held_against_the_columns() -> None:
    shown = draft().with_suggestions(config())

    wrong = shown.with_settings(shown.values | {"options.border": 0, "options.own_border": True})

    assert wrong.options == {"options.own_border": True}


def test_a_copy_of_a_run_has_its_options_and_reset_takes_them_back() -> None:
    before = config(own_border=True, border=9)

    copied = Draft.of(before).with_data(preview("first", "second", "vowels"), [GUESS], SplitConfig())

    assert validate(copied.plain()) == before
    suggested = copied.with_suggestions(config())
    assert suggested.values["options.border"] == 9
    assert suggested.reset().values["options.border"] == 4


def test_the_page_can_never_name_pieces_of_somebody_s_own() -> None:
    assert "custom" not in draft().with_suggestions(config()).plain()
    paths = [row.path for task in TASKS for row in forms.rows_of(task)]
    assert not [path for path in paths if path.startswith("custom")]
    smuggled = forms.config_from({"task": TOY}, {"custom.collator": "os:system", "custom": {"collator": "os:system"}})
    assert smuggled == {"task": TOY}


@pytest.mark.parametrize(
    "own",
    [{"custom": {"callbacks": ["tests.toy_task:TASK"]}}, {"task": "tests.toy_task:TASK"}],
    ids=["a callback", "a task"],
)
def test_a_run_with_pieces_of_somebody_s_own_is_not_used_again(own: dict[str, Any]) -> None:
    run = runs.create(validate(config().model_dump(mode="json") | own))

    with pytest.raises(ConfigError, match="program code") as refused:
        new_run.opening(Studio(), {"from": run.id}, local=True)

    assert str(run.path) in refused.value.advice
    with pytest.raises(ConfigError) as elsewhere:
        new_run.opening(Studio(), {"from": run.id}, local=False)
    assert str(run.path) not in elsewhere.value.advice


# --- Columns


def test_the_tasks_that_fit_come_first() -> None:
    choices = about_task.task_choices(draft(GUESS, Guess(SORTING, {"text": "first"}, {}, 0.1)))

    assert choices[0] == ("Counting vowels (fits this table)", TOY)
    assert [task for _, task in choices].count(SORTING) == 1
    assert not [words for words, task in choices if "fits" in words and task != TOY]
    assert {task for _, task in choices} == set(TASKS)


def test_where_nothing_fits_it_is_said_what_each_task_needs() -> None:
    words = about_task.about_task(draft(Guess(SORTING, {"text": "first"}, {}, 0.1)))

    assert about_task.UNKNOWN in words
    assert "Counting vowels." in words and "Texts and Amount; or Texts and Vowels." in words
    assert about_task.UNKNOWN not in about_task.about_task(draft())
    assert about_task.UNLIKE in about_task.about_task(draft().with_task(SORTING))


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.id)
def test_every_task_shows_what_its_table_looks_like(task: Task) -> None:
    drawn = about_task.example_table(task)

    assert "<summary>What a table for this looks like</summary>" in drawn
    assert drawn.count("<tr>") == 1 + min(len(task.sample_rows), about_task.ROWS_SHOWN)
    for name in task.sample_rows[0]:
        assert f"{name}</th>" in drawn


def test_what_there_is_to_learn_is_called_by_its_name() -> None:
    parts, counts = Parts(80, 10, 10, 0), (("1 to 2", 30), ("2 to 3", 70))

    def drawn(output: str) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(TASKS, TOY, replace(toy_task.TASK, output=output))
            return check.classes(draft(), Checkup((), counts, parts))

    assert "2 classes in 100 rows." in drawn("label")
    assert "2 labels in 100 rows." in drawn("labels")
    assert check.RANGES in drawn("number")
    assert drawn("number").index("1 to 2") < drawn("number").index("2 to 3")
    assert drawn("label").index("2 to 3") < drawn("label").index("1 to 2")
    assert check.classes(draft(), Checkup((), (), parts)) == ""


def test_columns_are_filled_and_read_as_the_roles_want_them() -> None:
    with gr.Blocks():
        view = columns.layout()
    answers = {one: one.value for one in view.inputs} | {view.task: TOY, view.roles[TOY, "text"]: ["second"]}

    shown = columns.shown_roles(view, draft())
    read = columns.read(view, draft(), answers)

    assert shown[view.roles[TOY, "text"]]["value"] == ["first", "second"]
    assert shown[view.roles[TOY, "vowels"]]["value"] == "vowels"
    assert "Two columns of words." in shown[view.reasons[TOY, "text"]]
    assert view.roles[TOY, "text"].multiselect
    assert read.columns == {"text": ("second",)}
    assert "(optional)" not in str(view.roles[TOY, "amount"].label), "one of the ways needs it"


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.id)
def test_a_table_like_a_task_s_own_example_fits_that_task(task: Task, tmp_path: Path) -> None:
    table = tmp_path / "table.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in task.sample_rows * 3), encoding="utf-8")

    found, words = looking.take(Studio(), Draft(), [str(table)])

    assert 'role="alert"' not in words
    assert found.guess_for(task.id) is not None
    chosen = found.with_task(task.id)
    assert chosen.why_not_columns() == ""
    assert validate(chosen.plain()).task == task.id


# --- Model


READER = Checkpoint("near/reader", "Reader", "Reads.", "/models/reader", family="encoder")
FAR = Checkpoint("far/writer", "Writer", "Writes.", None, needs_network=True, family="decoder")
UNINSTALLED = Checkpoint("starter/one", "One", "To come.", None, install="It has to be installed: 93 MB to download.")


class Shelf(Studio):
    """The real studio with other models on offer; installing one only makes it ready."""

    def __init__(self, *offered: Checkpoint) -> None:
        super().__init__()
        self.offered = list(offered)

    def checkpoints(self, task: str) -> list[Checkpoint]:
        return self.offered

    def recommended(self, task: str, language: str = "", rows: int | None = None) -> list[Recommendation]:
        return []

    def describe(self, checkpoint: str) -> Checkpoint:
        return next(one for one in self.offered if one.id == checkpoint)

    def install(self, checkpoint: str, progress: Any = print) -> None:
        self.offered = [replace(one, install="") if one.id == checkpoint else one for one in self.offered]


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ((UNINSTALLED, FAR, READER), "near/reader"),
        ((UNINSTALLED, FAR), "starter/one"),
        ((FAR,), "far/writer"),
        ((), "starter/minilm"),
    ],
)
def test_the_first_model_that_can_be_used_here_is_taken(offered: tuple[Checkpoint, ...], taken: str) -> None:
    assert model.settle(Shelf(*offered), draft()).checkpoint == taken


def test_a_model_stays_with_the_task_it_was_chosen_for() -> None:
    studio = Shelf(FAR, READER)
    typed = draft().with_checkpoint("/models/mine")

    assert model.settle(studio, typed).checkpoint == "/models/mine"
    assert model.settle(studio, typed.with_task(SORTING)).checkpoint == "near/reader"
    assert model.settle(studio, draft().with_checkpoint("far/writer").with_task(SORTING)).checkpoint == "far/writer"


def test_a_model_that_must_be_installed_says_so_and_holds_the_walk() -> None:
    studio, chosen = Shelf(UNINSTALLED), draft().with_checkpoint("starter/one")

    here, elsewhere = model.about(studio, chosen, local=True), model.about(studio, chosen, local=False)

    assert here.install == "Install it (93 MB)"
    assert here.why_not == elsewhere.why_not == model.INSTALL_FIRST
    assert "93 MB to download" in here.html
    assert elsewhere.install == "" and model_words.NOT_INSTALLED in elsewhere.html
    studio.install("starter/one")
    assert model.about(studio, chosen, local=True).why_not == ""


def test_only_what_has_to_be_installed_is() -> None:
    with pytest.raises(StudioError, match="nothing to install"):
        Studio().install("starter/minilm")


def test_where_every_model_is_far_away_it_is_said_what_to_do() -> None:
    with gr.Blocks():
        view = model.layout()

    far = model.enter(Shelf(FAR), view, draft().with_checkpoint("far/writer"), local=True)
    near = model.enter(Shelf(FAR, READER), view, draft().with_checkpoint("near/reader"), local=True)

    assert "have to be downloaded first" in far[view.far] and "Another model" in far[view.far]
    assert near[view.far] == ""


def test_a_model_of_another_kind_is_warned_of() -> None:
    assert "writes on from a text" in model_words.unlike(FAR, toy_task.TASK)
    assert model_words.unlike(READER, toy_task.TASK) == ""
    assert model_words.unlike(replace(FAR, family=None), toy_task.TASK) == ""


# --- Settings and start


def test_what_will_be_done_to_the_model_is_said_as_text() -> None:
    drawn = settings.notes([Note("A layer is <new>.", "It is `drawn` by chance.", "warning"), Note("Tokens.")])

    assert "A layer is &lt;new&gt;." in drawn and "<code>drawn</code>" in drawn
    assert drawn.count("nr-finding ") == 2 and "nr-warning" in drawn
    assert settings.notes([]) == ""


def test_the_start_names_several_columns_and_what_was_chosen_for_the_task() -> None:
    assert start.guessed(draft()) == {"Texts: first, second": "Two columns of words.", "Vowels: vowels": ""}
    assert start.own_choices(config(own_border=True, border=9)) == ["Border of my own: yes", "Border: 9"]
    assert start.own_choices(config(border=9)) == [], "it is not used"
    assert start.own_choices(config()) == []


def test_no_task_is_named_on_the_way() -> None:
    drawn = [file for folder in ("new_run", "forms") for file in (PROJECT / "ui" / folder).glob("*.py")]
    files = [*drawn, PROJECT / "core" / "catalogue.py", PROJECT / "core" / "presets.py"]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [task for task in TASKS if task in text or task.replace("-", "_") in text] == []
