"""The walk to a new run: what a draft remembers, what each step says, and that accepting every default is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from core import home
from core.config import STARTER, RunConfig, validate
from core.errors import DataError, StudioError
from core.studio import Studio
from tests.making import reviews, write_csv
from ui import pieces
from ui.new_run import columns, from_files, looking, model, start
from ui.new_run.asked import Asked
from ui.new_run.draft import Draft
from ui.new_run.frame import COLUMNS, DATA, MODEL, SETTINGS, START
from ui.pages import new_run

TASK = "text-classification"


# --- Who may open what


def test_only_the_machine_itself_may_name_any_file() -> None:
    upload = home.uploads_dir() / "abc" / "a.csv"

    assert from_files.may_open(Studio(), "/etc/passwd", local=True)
    assert not from_files.may_open(Studio(), "/etc/passwd", local=False)
    assert not from_files.may_open(Studio(), str(home.uploads_dir() / ".." / "runs" / "a.csv"), local=False)
    assert not from_files.may_open(Studio(), "sample/../secret.csv", local=False)
    assert from_files.may_open(Studio(), "sample/feedback", local=False)
    assert from_files.may_open(Studio(), str(upload), local=False)


def test_a_sample_is_found_by_its_short_name() -> None:
    assert from_files.sample_source(Studio(), "feedback") == "sample/feedback"
    assert from_files.sample_source(Studio(), "sample/feedback") == "sample/feedback"


@pytest.mark.parametrize("name", ["/etc/passwd", "sample//etc/passwd", "../secret.csv", "a/b.csv", "~/a.csv"])
def test_a_path_is_no_sample(studio: StartsNothing, name: str) -> None:
    with pytest.raises(DataError, match="no sample"):
        new_run.opening(studio, {"sample": name}, local=True)


def test_only_the_machine_itself_may_name_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()

    for folder in (str(tmp_path), "/no/such/place", "~/models", "./here", "here", "../here", "."):
        assert model.may_name(folder, local=True)
        assert not model.may_name(folder, local=False), folder
    for name in (STARTER, "distilbert/distilbert-base-uncased", "gpt2"):
        assert model.may_name(name, local=False)


# --- The whole walk, with the real studio


class StartsNothing(Studio):
    """The real studio, but a start only notes the config, and no worker is kept ready."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[RunConfig] = []

    def warm_up(self) -> None:
        pass

    def start(self, config: RunConfig, agreed: float | None = None) -> str:
        self.started.append(config)
        return "2026-01-01-brave-otter"


@pytest.fixture
def studio() -> StartsNothing:
    return StartsNothing()


@pytest.fixture
def view(studio: StartsNothing) -> new_run.View:
    with gr.Blocks():
        return new_run.layout(studio)


def values(view: new_run.View) -> dict[Any, Any]:
    """What stands on the page when it is opened."""
    parts = (view.columns, view.model, view.settings)
    shown = {component: component.value for part in parts for component in part.inputs}
    return shown | {view.frame.draft: Draft(), view.settings.suggestions: ()}


def apply(answers: dict[Any, Any], updates: dict[Any, Any]) -> None:
    """What the browser holds after updates: values and ``gr.update``s."""
    for component, update in updates.items():
        if isinstance(update, dict) and update.get("__type__") == "update":
            if "value" in update:
                answers[component] = update["value"]
        else:
            answers[component] = update


def walk(studio: Studio, view: new_run.View, answers: dict[Any, Any], until: int = START) -> None:
    for step in range(DATA, until):
        updates = new_run.forward(studio, view, step, answers, local=True)
        assert updates[view.frame.why[step]] == "", f"stopped at step {step}: {updates[view.frame.why[step]]}"
        apply(answers, updates)


def test_every_default_may_be_accepted(studio: StartsNothing, view: new_run.View) -> None:
    answers = values(view)
    draft, _ = looking.take(studio, Draft(), [studio.samples()[0].id])
    apply(answers, {view.frame.draft: draft})

    walk(studio, view, answers)
    started = start.begin(studio, answers[view.frame.draft])

    assert "kept aside for the final mark" in answers[view.start.summary]
    assert "task: text-classification" in answers[view.start.file]
    assert started.run_id == "2026-01-01-brave-otter"
    assert studio.started == [validate(started.plain(started.values))]
    assert start.begin(studio, started) == started
    assert len(studio.started) == 1, "a second press of the button must not start a second run"


def test_the_walk_does_not_begin_without_a_table(studio: StartsNothing, view: new_run.View) -> None:
    updates = new_run.forward(studio, view, DATA, values(view), local=True)

    assert "Choose a table first" in updates[view.frame.why[DATA]]
    assert view.frame.walk not in updates


def test_the_walk_waits_for_a_missing_column(studio: StartsNothing, view: new_run.View) -> None:
    answers = values(view)
    apply(answers, {view.frame.draft: looking.take(studio, Draft(), [studio.samples()[0].id])[0]})
    walk(studio, view, answers, until=COLUMNS)
    answers[view.columns.roles[TASK, "label"]] = columns.NONE

    updates = new_run.forward(studio, view, COLUMNS, answers, local=True)

    assert "Choose a column for: Label." in updates[view.frame.why[COLUMNS]]
    assert view.frame.walk not in updates


def test_impossible_shares_are_explained(studio: StartsNothing, view: new_run.View) -> None:
    answers = values(view)
    apply(answers, {view.frame.draft: looking.take(studio, Draft(), [studio.samples()[0].id])[0]})
    walk(studio, view, answers, until=COLUMNS)
    answers[view.columns.test] = 95

    updates = new_run.forward(studio, view, COLUMNS, answers, local=True)

    assert "leave at least a tenth of the rows" in updates[view.columns.check]
    assert view.frame.walk not in updates


def test_a_broken_model_stops_the_walk_where_it_is_chosen(
    studio: StartsNothing, view: new_run.View, tmp_path: Path
) -> None:
    answers = values(view)
    apply(answers, {view.frame.draft: looking.take(studio, Draft(), [studio.samples()[0].id])[0]})
    walk(studio, view, answers, until=MODEL)
    answers |= {view.model.cards: model.OTHER, view.model.other: str(tmp_path)}

    updates = new_run.forward(studio, view, MODEL, answers, local=True)

    assert "Choose a model that can be read first." in updates[view.frame.why[MODEL]]
    assert 'role="alert"' in updates[view.model.about]


@pytest.mark.parametrize("whole", [True, False])
def test_a_visitor_learns_nothing_of_a_folder_and_cannot_start_from_it(
    studio: StartsNothing, view: new_run.View, tmp_path: Path, tiny_bert: Path, whole: bool
) -> None:
    answers = values(view)
    apply(answers, {view.frame.draft: looking.take(studio, Draft(), [studio.samples()[0].id])[0]})
    walk(studio, view, answers, until=MODEL)
    answers |= {view.model.cards: model.OTHER, view.model.other: str(tiny_bert if whole else tmp_path / "none")}

    updates = new_run.forward(studio, view, MODEL, answers, local=False)

    assert updates[view.model.about] == pieces.message(
        model.NOT_HERE, "Choose one of the models above, or one of the Hugging Face Hub."
    )
    assert view.frame.walk not in updates
    assert updates[view.frame.draft].checkpoint == STARTER, "the steps after this one read the draft without asking"


def test_a_model_not_yet_chosen_is_not_held_against_the_columns(studio: StartsNothing, view: new_run.View) -> None:
    answers = values(view)
    apply(answers, {view.frame.draft: looking.take(studio, Draft(), [studio.samples()[0].id])[0]})
    walk(studio, view, answers, until=MODEL)
    answers |= {view.model.cards: model.OTHER, view.model.other: ""}
    stuck = new_run.forward(studio, view, MODEL, answers, local=True)
    assert view.frame.walk not in stuck
    apply(answers, stuck)

    updates = new_run.forward(studio, view, COLUMNS, answers, local=True)

    assert updates[view.frame.why[COLUMNS]] == ""
    assert view.frame.walk in updates
    assert "seed" not in updates[view.columns.check]


def test_a_wrong_setting_stops_the_walk_on_its_field(studio: StartsNothing, view: new_run.View) -> None:
    answers = values(view)
    apply(answers, {view.frame.draft: looking.take(studio, Draft(), [studio.samples()[0].id])[0]})
    walk(studio, view, answers, until=SETTINGS)
    form = view.settings.form
    answers[form.held] = {**answers[form.held], "training.learning_rate": 7}

    updates = new_run.forward(studio, view, SETTINGS, answers, local=True)

    assert "Correct first: Learning rate." in updates[view.frame.why[SETTINGS]]
    assert "at most 1" in updates[form.said]["lines"]["training.learning_rate"][0]["words"]
    assert view.frame.walk not in updates


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 50), ("header.csv", b"text,label\n")],
)
def test_a_file_that_is_no_table_is_explained_and_not_kept(
    studio: StartsNothing, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)

    draft, found = looking.take(studio, Draft(), [str(tmp_path / name)])

    assert 'role="alert"' in found
    assert draft.why_not_data()


def test_a_page_opened_for_a_run_that_is_gone_says_so(studio: StartsNothing) -> None:
    with pytest.raises(StudioError, match="no run"):
        new_run.opening(studio, {"from": "2026-01-01-lost-otter"}, local=True)


def test_the_address_chooses_the_table(studio: StartsNothing) -> None:
    assert new_run.opening(studio, {"sample": "feedback"}, local=False)[1] == Asked("sample/feedback")
    assert new_run.opening(studio, {"source": "/etc/passwd"}, local=False)[1] is None
    assert new_run.opening(studio, {}, local=True)[1] is None


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("validation", None, "Fill in how many percent"), ("seed", -3, "The seed of the split must be")],
)
def test_a_split_that_is_not_filled_in_is_explained(
    studio: StartsNothing, view: new_run.View, field: str, value: int | None, words: str
) -> None:
    answers = values(view)
    apply(answers, {view.frame.draft: looking.take(studio, Draft(), [studio.samples()[0].id])[0]})
    walk(studio, view, answers, until=COLUMNS)
    answers[getattr(view.columns, field)] = value

    updates = new_run.forward(studio, view, COLUMNS, answers, local=True)

    assert words in updates[view.columns.check]
    assert view.frame.walk not in updates


def test_a_table_with_its_own_split_asks_for_no_shares(
    studio: StartsNothing, view: new_run.View, tmp_path: Path
) -> None:
    rows = [
        (text, label, ("train", "train", "train", "test")[number % 4])
        for number, (text, label) in enumerate(reviews(200))
    ]
    table = write_csv(tmp_path / "own.csv", ("text", "label", "split"), rows)
    draft, _ = looking.take(studio, Draft(), [str(table)])

    shown = columns.shown_split(view.columns, draft)

    assert shown[view.columns.way]["value"] == columns.OWN
    assert shown[view.columns.test]["visible"] is False
    assert shown[view.columns.validation]["visible"] is True
    answers = values(view) | {view.columns.way: columns.OWN, view.columns.validation: 20}
    split = columns.read_split(view.columns, draft, answers)
    assert (split["column"], split["test"], split["validation"]) == ("split", "test", 0.2)
    by_chance = columns.read_split(view.columns, draft, answers | {view.columns.way: columns.SHARES})
    assert by_chance == {"validation": 0.2, "test": 0.1, "seed": 42}


def test_a_split_that_was_chosen_in_the_check_outlives_the_columns(studio: StartsNothing, view: new_run.View) -> None:
    draft, _ = looking.take(studio, Draft(), [studio.samples()[0].id])
    draft = draft.with_split({**draft.split, "time": "day", "keep_together": "similar"})
    answers = values(view)
    apply(answers, columns.shown_split(view.columns, draft))

    split = columns.read_split(view.columns, draft, answers)

    assert (split["time"], split["keep_together"]) == ("day", "similar")
    assert "time" not in columns.read_split(view.columns, draft, answers | {view.columns.way: columns.SHARES})
