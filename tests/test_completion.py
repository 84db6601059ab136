"""What a draft leaves out is filled in; what it says stays; what is wrong is said on its field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError, DataError
from core.studio import Studio
from tests.making import reviews, write_csv


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "my_reviews.csv", ("review", "sentiment"), reviews(120))


def test_a_source_alone_is_enough(table: Path) -> None:
    config, reasons = Studio().complete({"data": {"source": str(table)}})
    assert config.task and config.name == "my reviews"
    assert config.data.columns == {"text": "review", "label": "sentiment"}
    assert all(suggestion.reason for suggestion in reasons)
    assert {"data.columns.text", "training.num_train_epochs"} <= {suggestion.path for suggestion in reasons}


def test_what_the_draft_says_is_kept_and_the_missing_role_is_guessed(table: Path) -> None:
    draft: dict[str, Any] = {
        "data": {"source": str(table), "columns": {"text": "review"}, "split": {"validation": 0.2, "test": 0.3}},
        "training": {"num_train_epochs": 1},
    }
    config, reasons = Studio().complete(draft)
    assert config.data.columns == {"text": "review", "label": "sentiment"}
    assert config.data.split.test == 0.3 and config.training.num_train_epochs == 1
    assert "training.num_train_epochs" not in {suggestion.path for suggestion in reasons}


def test_an_adapter_learns_at_a_larger_rate_unless_one_is_given(table: Path) -> None:
    draft: dict[str, Any] = {"data": {"source": str(table)}, "adapter": {"method": "lora"}}
    config, reasons = Studio().complete(draft)
    assert config.training.learning_rate == 5e-4
    assert "training.learning_rate" in {suggestion.path for suggestion in reasons}
    config, _ = Studio().complete(draft | {"training": {"learning_rate": 1e-4}})
    assert config.training.learning_rate == 1e-4


def test_paths_are_made_whole(table: Path, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    Path("my-bert").symlink_to(tiny_bert)
    config, _ = Studio().complete({"data": {"source": table.name}, "model": {"checkpoint": "./my-bert"}})
    assert config.data.source == str(table)
    assert config.model.checkpoint == str(table.parent / "my-bert")


def test_a_small_table_keeps_more_aside(table: Path) -> None:
    config, _ = Studio().complete({"data": {"source": str(table)}})
    assert config.data.split.test == 0.2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"data": {}}, "data.source"),
        ({"data": {"columns": ["text", "label"]}}, "data.columns"),
        ({"task": ["x"]}, "task"),
        ({"training": "fast"}, "training"),
    ],
)
def test_what_is_wrong_is_said_on_its_field(table: Path, change: dict[str, Any], field: str) -> None:
    draft: dict[str, Any] = {"data": {"source": str(table)}}
    for key, value in change.items():
        draft[key] = {**draft["data"], **value} if key == "data" and value else value
    with pytest.raises(ConfigError) as caught:
        Studio().complete(draft)
    assert caught.value.field == field


def test_a_long_file_name_is_no_obstacle(table: Path) -> None:
    long = table.rename(table.with_name("n" * 180 + ".csv"))
    config, _ = Studio().complete({"data": {"source": str(long)}})
    assert config.name == "n" * 120


def test_a_table_without_texts_is_explained_with_what_is_needed(tmp_path: Path) -> None:
    numbers = write_csv(tmp_path / "numbers.csv", ("a", "b"), [(n, n * 2) for n in range(50)])
    with pytest.raises(DataError, match="needs"):
        Studio().complete({"data": {"source": str(numbers)}})
