"""The step "Settings": presets on a draft, what values come to, the curve, and files of settings."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.config import RunConfig, TrainingConfig, validate
from core.errors import ConfigError
from core.studio import Studio, Suggestion
from ui import forms
from ui.new_run import settings_files, settings_schedule, settings_words
from ui.new_run.draft import Draft
from ui.new_run.settings_schedule import PLACE

TASK = "text-classification"
EPOCHS, SEED = "training.num_train_epochs", "training.seed"


def config(**more: Any) -> RunConfig:
    return validate({"task": TASK, "data": {"source": "sample/feedback"}} | more)


def values(**training: Any) -> dict[str, Any]:
    return forms.values_from(config(training=training))


def training(**chosen: Any) -> TrainingConfig:
    return config(training=chosen).training


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# --- Presets


def test_a_preset_is_its_changes_and_can_be_taken_back() -> None:
    before = replace(Draft.of(config()), task=TASK).with_settings(values(seed=7))

    draft = before.with_preset("quick", [Suggestion(EPOCHS, 1.0, "One is enough.")])

    assert draft.values == before.values | {EPOCHS: 1.0}
    assert draft.chosen[EPOCHS] == 1.0, "what a preset changed counts as chosen"
    assert draft.without_preset().values == before.values
    since = draft.with_settings(draft.values | {EPOCHS: 2.0, SEED: 8}).without_preset()
    assert (since.values[EPOCHS], since.values[SEED]) == (2.0, 8), "what was changed since is nobody's to take back"
    assert settings_words.changed(TASK, draft.before_preset, draft.adjusted) == [
        {"label": "Epochs", "before": "3", "after": "1", "reason": "One is enough."}
    ]


# --- What values come to


def test_effective_batch_and_warm_up_are_said_in_words() -> None:
    found = settings_words.effects(training(per_device_train_batch_size=16, gradient_accumulation_steps=4), 580)

    assert "16 × 4: one correction is made from 64 examples." in found.values()
    assert found["training.warmup_steps"] == "0.1 is a tenth of the run: 58 of 580 steps."
    share = settings_words.effects(training(warmup_steps=29), 580)["training.warmup_steps"]
    assert share == "29 of 580 steps: 5% of the run."


@pytest.mark.parametrize("kind", [choice for row in forms.ROWS if row.path == PLACE for _, choice in row.choices])
def test_the_curve_of_every_schedule_is_a_picture_with_words(kind: str) -> None:
    drawn = settings_schedule.picture(training(lr_scheduler_type=kind), 580)

    figure = ET.fromstring(drawn)
    svg, caption = figure[0], figure[1].text or ""
    assert svg.get("role") == "img" and caption in str(svg.get("aria-label"))
    heights = [float(point.split(",")[1]) for point in svg[1].attrib["points"].split()]
    assert 0 <= min(heights) <= max(heights) <= settings_schedule.HEIGHT
    assert settings_schedule.picture(training(), 0) == ""


# --- Files


def test_a_file_fills_the_draft_and_what_it_leaves_out_is_suggested(tmp_path: Path) -> None:
    text = f"task: {TASK}\ndata: {{source: sample/feedback}}\ntraining: {{seed: 7}}\n"

    draft = settings_files.draft_of(Studio(), written(tmp_path, text), local=False)

    assert (draft.source, draft.task) == ("sample/feedback", TASK)
    assert draft.values == {SEED: 7}


def test_a_whole_config_comes_back_as_it_was(tmp_path: Path) -> None:
    before = config(
        name="mine", training={"learning_rate": 1e-4}, data={"source": "a.csv", "columns": {"text": "a", "label": "b"}}
    )

    draft = settings_files.draft_of(Studio(), written(tmp_path, before.to_yaml()), local=True)

    assert validate(draft.plain()) == before


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("a: [1", "“mine.yaml” is not a readable YAML file."),
        ("just words", "“mine.yaml” holds no settings."),
        ("[" * 5000, "“mine.yaml” is not a readable YAML file."),
        ("task: os:system\ndata: {source: a}", "“mine.yaml” is for a task that is not here."),
        (f"task: {TASK}\ndata: {{source: a}}\ntraining: {{seed: -1}}", "training.seed"),
        (f"task: {TASK}\ndata: {{source: a}}\ncustom: {{callbacks: ['os:system']}}", "that no page can start"),
        ("#" * 1_000_001, "too large"),
    ],
)
def test_what_is_no_config_is_refused_in_words(tmp_path: Path, text: str, title: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings_files.opened(written(tmp_path, text))

    assert title in refused.value.title
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    ("more", "title"),
    [
        ({"data": {"source": "/etc/passwd"}}, "names a table on this machine"),
        ({"data": {"source": "sample/feedback", "split": {"test": "/etc/passwd"}}}, "names a table on this machine"),
        ({"model": {"checkpoint": "/root/model"}}, "Folders of this machine"),
        ({"training": {"resume_from_checkpoint": "/root/run"}}, "“Go on from” can only be set"),
        ({"notify": {"command": "true"}}, "“Command to run” can only be set"),
    ],
)
def test_a_visitor_s_file_names_nothing_of_this_machine(tmp_path: Path, more: dict[str, Any], title: str) -> None:
    file = written(tmp_path, config(**more).to_yaml())

    with pytest.raises(ConfigError) as refused:
        settings_files.draft_of(Studio(), file, local=False)

    assert title in refused.value.title
    assert settings_files.draft_of(Studio(), file, local=True).task == TASK


def test_differences_are_drawn_as_words_only() -> None:
    from core.comparing import differences

    found = differences(config(data={"source": "<b>.csv"}), config())

    assert "&lt;b&gt;.csv" in settings_files.table(found, "“<i>”") and "<i>" not in settings_files.table(found, "“<i>”")
    assert "Nothing differs" in settings_files.table([], "“one”")
