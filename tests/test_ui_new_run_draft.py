"""What a draft of a run remembers, and what each step of the walk says."""

from __future__ import annotations

import dataclasses
from typing import Any

from core.config import RunConfig, SplitConfig, validate
from core.data.types import Checkup, Column, Finding, Guess, Parts, Preview
from core.estimate import Estimate
from core.models.types import Checkpoint
from core.studio import Suggestion
from ui.new_run import check, found, model_words, settings, start
from ui.new_run.asked import address
from ui.new_run.draft import Draft

TASK = "text-classification"
NASTY = "<script>alert(1)</script>"


def preview(source: str = "/data/reviews.csv", headers: tuple[str, ...] = ("review", "sentiment", "id")) -> Preview:
    found = tuple(Column(header, "text", missing=1, distinct=4, examples=("a", "b")) for header in headers)
    head = ({header: f"{NASTY} {header}" for header in headers},)
    return Preview(source, "reviews.csv", "csv", 12_752, 1_000_000, found, head, reading={"encoding": "UTF-8"})


GUESS = Guess(TASK, {"text": "review", "label": "sentiment"}, {"label": "`sentiment` has 2 different values."}, 0.9)


def draft() -> Draft:
    return Draft().with_data(preview(), [GUESS], SplitConfig())


def config(**rest: Any) -> RunConfig:
    return validate({"task": TASK, "data": {"source": "/data/reviews.csv", "columns": GUESS.columns}, **rest})


# --- The draft


def test_a_table_brings_its_guess() -> None:
    assert draft().task == TASK
    assert draft().columns == {"text": "review", "label": "sentiment"}
    assert draft().headers == ("review", "sentiment", "id")
    assert RunConfig.model_validate(draft().plain()).data.columns == {"text": "review", "label": "sentiment"}


def test_a_table_that_nothing_fits_leaves_the_choice_to_the_person() -> None:
    empty = Draft().with_data(preview(), [], SplitConfig())

    assert [role.name for role in empty.missing] == ["text", "label"]
    assert empty.why_not_columns() == "Choose a column for: Text, Label."


def test_another_table_is_guessed_anew_also_when_its_columns_have_the_same_names() -> None:
    changed = draft().with_column("label", "id")

    other = changed.with_data(preview("/data/other.csv"), [GUESS], SplitConfig())

    assert other.columns["label"] == "sentiment"


def test_the_same_table_keeps_what_was_chosen() -> None:
    changed = draft().with_column("label", "id")

    assert changed.with_data(preview(), [GUESS], SplitConfig()).columns["label"] == "id"


def test_a_role_can_be_given_away_and_taken_back() -> None:
    assert draft().with_column("text_pair", "id").columns["text_pair"] == "id"
    assert "label" not in draft().with_column("label", "").columns


def test_one_column_cannot_play_two_roles() -> None:
    assert "“review”" in draft().with_column("label", "review").why_not_columns()
    assert draft().why_not_columns() == ""


def test_a_changed_setting_stays_and_the_others_follow_new_suggestions() -> None:
    first = draft().with_suggestions(config(training={"num_train_epochs": 3, "max_length": 64}))
    typed = first.with_settings(first.values | {"training.num_train_epochs": 5})

    second = typed.with_suggestions(config(training={"num_train_epochs": 10, "max_length": 128}))

    assert second.values["training.num_train_epochs"] == 5
    assert second.values["training.max_length"] == 128
    assert second.plain()["training"] == {"num_train_epochs": 5}
    assert second.reset().values["training.num_train_epochs"] == 10


def test_a_copy_of_a_run_says_what_the_run_said() -> None:
    before = config(
        name="reviews", training={"learning_rate": 1e-4}, model={"checkpoint": "/models/a", "revision": "v2"}
    )

    copied = Draft.of(before).with_data(preview(), [GUESS], SplitConfig())

    assert validate(copied.plain()) == before
    suggested = copied.with_suggestions(config(training={"learning_rate": 5e-5}))
    assert suggested.values["training.learning_rate"] == 1e-4


def test_a_revision_belongs_to_its_model() -> None:
    copied = Draft.of(config(model={"checkpoint": "/models/a", "revision": "v2"}))

    assert copied.with_checkpoint("/models/a").revision == "v2"
    assert copied.with_checkpoint("/models/b").revision is None


def test_a_split_of_the_table_itself_is_taken_and_remembered() -> None:
    own = SplitConfig(column="part", train="train", test="test")

    with_split = Draft().with_data(preview(), [GUESS], own)

    assert with_split.proposed_split == own
    assert validate(with_split.plain()).data.split == own
    assert draft().proposed_split is None


def test_a_draft_is_small() -> None:
    """Gradio copies it for every event: it holds the names of columns, never the table."""
    assert not any(isinstance(getattr(draft(), field.name), Preview) for field in dataclasses.fields(Draft))


def test_the_address_shows_the_table() -> None:
    assert address(dataclasses.replace(draft(), source="sample/feedback")) == "new?sample=feedback"
    assert address(dataclasses.replace(draft(), source="/d/a b&c.csv")) == "new?source=/d/a%20b%26c.csv"
    assert address(Draft()) == "new"


# --- What the steps say


def test_the_table_is_shown_as_text() -> None:
    drawn = found.describe(preview())

    assert "12,752" in drawn
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "CSV, encoding UTF-8" in drawn


def test_the_data_check_names_findings_and_classes() -> None:
    finding = Finding("empty", "error", "7 rows have no label", "`sentiment` is empty there.", count=7, rows=(3, 9))
    checkup = Checkup((finding,), (("good", 75), ("bad", 25)), Parts(80, 10, 10, 7))

    drawn = check.describe(checkup) + check.classes(draft(), checkup)

    assert "7 rows have no label" in drawn
    assert "<code>sentiment</code>" in drawn
    assert "3, 9 and 5 more" in drawn
    assert "75 · 75 %" in drawn
    assert "Cannot be used" in drawn


def test_the_start_is_a_sentence() -> None:
    checkup = Checkup((), (), Parts(10_202, 1_275, 1_275, 0))
    estimate = Estimate(240, 1_100_000_000, 500_000_000, 1914, "From a quick speed test.", fits=True)

    assert start.sentence(checkup, estimate) == (
        "<b>About 4 minutes</b> on this machine; needs <b>1.1 GB</b> of memory; <b>10,202 examples</b> to learn from, "
        "<b>1,275</b> to check, <b>1,275</b> kept aside for the final mark."
    )
    assert "1,914 steps" in start.basis(estimate)


def test_only_decisions_that_still_stand_are_explained() -> None:
    suggestions = [
        Suggestion("training.num_train_epochs", 3.0, "Usually enough."),
        Suggestion("training.max_length", 64, "Your texts are short."),
        Suggestion("data.columns.text", "review", "Not a setting of the form."),
    ]

    lines = start.decided(config(training={"num_train_epochs": 5, "max_length": 64}), suggestions)

    assert lines == {"Maximum length 64": "Your texts are short."}


def test_a_checkpoint_is_described_by_what_is_known() -> None:
    known = Checkpoint("a", f"MiniLM {NASTY}", "Small.", None, parameters=22_700_000, licence="Apache-2.0")

    drawn = model_words.describe(known)

    assert "22.7 million" in drawn
    assert "Apache-2.0" in drawn
    assert "Longest text" not in drawn
    assert "<script>" not in drawn


def test_wrong_settings_are_called_by_their_labels() -> None:
    assert settings.why_not(TASK, {"training.seed": "Give a whole number."}) == "Correct first: Seed."
    assert settings.why_not(TASK, {"data": "shares leave nothing"}) == "shares leave nothing"
    assert settings.why_not(TASK, {}) == ""
