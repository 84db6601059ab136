"""Settings are declared once, checked whole, and complain on their field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core import config as configs
from core import schema
from core.config import RunConfig, TrainingConfig, validate
from core.errors import ConfigError
from tests.making import config

MINIMAL: dict[str, Any] = {"task": "text-classification", "data": {"source": "reviews.csv"}}


def with_value(path: str, value: Any) -> dict[str, Any]:
    data = {"task": MINIMAL["task"], "data": dict(MINIMAL["data"])}
    configs.put(data, path, value)
    return data


def test_everything_but_task_and_source_has_a_default() -> None:
    assert validate(MINIMAL).training == TrainingConfig()


def test_a_config_survives_its_yaml() -> None:
    wanted = config(eval_strategy="steps", eval_steps=7)
    assert validate(yaml.safe_load(wanted.to_yaml())) == wanted


NUMBERS = [row for row in schema.rows(RunConfig) if row.type in (int, float)]


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.path)
def test_each_number_refuses_what_is_out_of_range_on_its_field(row: schema.Row) -> None:
    assert row.minimum is not None and row.maximum is not None
    outside = [row.maximum * 2 + 1, row.minimum if row.exclusive_minimum else row.minimum - 1]
    for value in outside:
        with pytest.raises(ConfigError) as caught:
            validate(with_value(row.path, row.type(value)))
        assert caught.value.field == row.path


def test_choices_come_with_words_and_others_are_refused() -> None:
    row = next(row for row in schema.rows(RunConfig) if row.name == "eval_strategy")
    assert [value for _, value in row.choices] == ["epoch", "steps", "no"]
    with pytest.raises(ConfigError):
        validate(with_value("training.eval_strategy", "sometimes"))


def test_a_setting_knows_when_it_does_not_matter() -> None:
    row = next(row for row in schema.rows(RunConfig) if row.name == "eval_steps")
    why = {value: schema.why_not(row, {"training.eval_strategy": value}) for value in ("epoch", "steps", "no")}
    assert "after each epoch" in why["epoch"] and "not checked" in why["no"] and why["steps"] == ""
    assert schema.why_not(row, {}) == ""


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("task", "divination", "task"),
        ("data.colour", "green", "data.colour"),
        ("training.lr", 1, "training.lr"),
        ("data.split.validation", 1.5, "data.split"),
        ("data.split", {"validation": 0.5, "test": 0.45}, "data.split"),
        ("data.source", "", "data.source"),
        ("data.columns", {"tone": "x"}, ""),
    ],
)
def test_what_is_wrong_is_refused_by_name(path: str, value: Any, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(with_value(path, value))
    assert caught.value.field == field


def test_overrides_from_the_command_line_are_read_as_values(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(MINIMAL))
    data = configs.load(
        path, ["training.learning_rate=1e-4", "training.seed=7", "name=two words", "data.split.test=held"]
    )
    loaded = validate(data)
    assert loaded.training.learning_rate == 1e-4 and loaded.training.seed == 7
    assert loaded.name == "two words" and loaded.data.split.test == "held"


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [1", ""])
def test_a_file_that_holds_no_settings_is_explained(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        configs.load(path)
    with pytest.raises(ConfigError, match="no file"):
        configs.load(tmp_path / "other.yaml")
