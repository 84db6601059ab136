"""A column that says which rows are for what is found by its name and its values."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import SplitConfig
from core.data.guess_split import guess_split
from core.data.preview import preview


def guessed(path: Path, column: str, values: list[str]) -> SplitConfig:
    lines = "".join(f"some text number {n},{value}\n" for n, value in enumerate(values))
    path.write_text(f"text,{column}\n{lines}")
    return guess_split(preview(str(path)))


@pytest.mark.parametrize(
    ("column", "values", "parts"),
    [
        ("split", ("train", "validation", "test"), ("train", "validation", "test")),
        ("Split", ("Training", "dev", "EVAL-not"), None),
        ("data_split", ("TRAIN", "DEV", "TEST"), ("TRAIN", "DEV", "TEST")),
        ("subset", ("training", "valid", "testing"), ("training", "valid", "testing")),
        ("dataSet", ("train", "val", "test"), ("train", "val", "test")),
        ("fold", ("train", "test"), ("train", 0.1, "test")),
        ("partition", ("train", "dev"), ("train", "dev", 0.1)),
        ("fold", ("0", "1", "2"), None),
        ("label", ("train", "test"), None),
        ("asset", ("train", "test"), None),
        ("split", ("train", "train"), None),
        ("split", ("val", "test"), None),
        ("split", ("train", "dev", "val"), None),
    ],
)
def test_split_columns(tmp_path: Path, column: str, values: tuple[str, ...], parts: tuple[object, ...] | None) -> None:
    found = guessed(tmp_path / "t.csv", column, [values[0]] * 30 + list(values) * 4)
    if parts is None:
        assert found == SplitConfig(validation=0.15, test=0.2)
    else:
        assert found.column == column and (found.train, found.validation, found.test) == parts


def test_a_table_sorted_by_its_split(tmp_path: Path) -> None:
    found = guessed(tmp_path / "t.csv", "split", ["train"] * 9000 + ["validation"] * 500 + ["test"] * 500)
    assert (found.column, found.train, found.validation, found.test) == ("split", "train", "validation", "test")
