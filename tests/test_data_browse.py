"""Looking through the rows of a table: what is found, where it goes, what steps changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.config import RunConfig, validate
from core.data.browse import CUT, LONGEST_EDITED, Wanted
from core.data.row_filters import rows_with_text
from core.studio import Studio
from tests.making import reviews, write_csv


def config(source: Path, *steps: dict[str, Any], **data: Any) -> RunConfig:
    columns = data.pop("columns", {"text": "review", "label": "mood"})
    task = data.pop("task", "text-classification")
    return validate({"task": task, "data": {"source": str(source), "columns": columns, "steps": list(steps), **data}})


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [(number, text, mood) for number, (text, mood) in enumerate(reviews(200), 1)]
    rows[9] = (10, "", "good")
    rows[19] = (20, "Ärger with the SOUP (again)", "bad")
    return write_csv(tmp_path / "moods.csv", ("id", "review", "mood"), rows)


def numbers(source: RunConfig, **wanted: Any) -> list[int]:
    return [row.number for row in Studio().rows(source, Wanted(**wanted), 0, 500).rows]


def test_all_rows_come_a_window_at_a_time_with_their_part(table: Path) -> None:
    page = Studio().rows(config(table), Wanted(), 50, 25)

    assert (page.start, page.total, len(page.rows)) == (50, 200, 25)
    assert page.columns == ("review", "mood", "id")
    assert page.rows[0].number == 51 and page.rows[0].cells[2] == "51"
    assert Studio().rows(config(table), Wanted(), 10_000, 25).start == 175


def test_a_text_is_found_in_any_case_and_is_no_pattern(table: Path) -> None:
    assert 20 in numbers(config(table), text="ärger with the soup")
    assert numbers(config(table), text="(again)") == [20]
    assert numbers(config(table), text=".*") == []


def test_rows_are_told_apart_by_class_part_and_number(table: Path) -> None:
    parts = {part: numbers(config(table), part=part) for part in ("train", "validation", "test", "none")}

    assert parts["none"] == [10]
    assert sorted(number for part in parts.values() for number in part) == list(range(1, 201))
    good = numbers(config(table), label="good")
    assert len(good) == 98 and all(number % 2 == 0 for number in good)
    assert numbers(config(table), numbers=(7, 3, 999)) == [3, 7]
    assert numbers(config(table), label="good", text="password", part="train") == [
        number for number in good if number in parts["train"] and number in numbers(config(table), text="password")
    ]


def test_what_steps_wrote_is_seen(table: Path) -> None:
    steps = (
        {"kind": "drop_rows", "rows": [1, 2]},
        {"kind": "set_cell", "row": 3, "column": "review", "value": "new words"},
        {"kind": "set_cell", "row": 5, "column": "mood", "value": "bad"},
    )
    changed = Studio().rows(config(table, *steps), Wanted(changed=True))

    assert [(row.number, row.changed) for row in changed.rows] == [(3, True)], "row 5 was bad before"
    assert changed.rows[0].cells[0] == "new words"
    assert numbers(config(table, *steps), numbers=(1, 2, 3)) == [3]
    renamed = config(table, {"kind": "rename_values", "column": "mood", "values": {"bad": "poor"}})
    assert len(numbers(renamed, changed=True)) == len(numbers(renamed, label="poor")) == 101


def test_a_row_in_full_says_what_cannot_be_edited(tmp_path: Path) -> None:
    rows = [
        {"review": text, "mood": mood, "tags": [mood, 1], "seen": number}
        for number, (text, mood) in enumerate(reviews(60))
    ]
    rows[1]["review"] = "long " * LONGEST_EDITED
    source = tmp_path / "moods.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in rows))

    row = Studio().row(config(source), "source", 2)

    assert row is not None and "characters are too many" in row.locked["review"]
    assert len(row.cells["review"]) == CUT
    assert (row.cells["seen"], row.cells["mood"]) == ("1", "good")
    assert set(row.locked) == {"review"}
    assert Studio().row(config(source), "source", 61) is None


def test_rows_of_another_file_keep_their_own_numbers(tmp_path: Path) -> None:
    write_csv(tmp_path / "test.csv", ("review", "mood"), reviews(30))
    source = write_csv(tmp_path / "train.csv", ("review", "mood"), reviews(100))
    several = config(source, split={"test": "test.csv"})

    found = Studio().rows(several, Wanted(part="test"), 0, 50)

    assert {row.file for row in found.rows} == {"test"} and [row.number for row in found.rows] == list(range(1, 31))
    row = Studio().row(several, "test", 30)
    assert row is not None and row.cells["review"] == reviews(30)[29][0]


def test_classes_have_samples_and_a_column_to_rename_them_in(table: Path) -> None:
    found = Studio().class_rows(config(table))

    assert (found.column, found.lists) == ("mood", False)
    assert set(found.samples) == {"good", "bad"} and all(len(texts) == 3 for texts in found.samples.values())


@pytest.mark.parametrize(
    ("cell", "column", "lists"), [("food|service", "", False), (["food", "service"], "labels", True)]
)
def test_labels_are_renamed_only_where_a_value_is_a_label(
    tmp_path: Path, cell: str | list[str], column: str, lists: bool
) -> None:
    one = "food" if isinstance(cell, str) else ["food"]
    rows = [{"text": text, "labels": cell if number % 3 else one} for number, (text, _) in enumerate(reviews(60))]
    source = tmp_path / "labels.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in rows))
    columns = {"text": "text", "labels": ["labels"]}

    found = Studio().class_rows(config(source, task="multi-label-classification", columns=columns))

    assert (found.column, found.lists) == (column, lists)
    labelled = config(source, task="multi-label-classification", columns=columns)
    assert len(numbers(labelled, label="service")) == 40 and len(numbers(labelled, label="food")) == 60


def test_texts_are_found_however_deep_they_lie() -> None:
    import numpy as np
    import pyarrow as pa

    chats = [[{"role": "user", "content": "Hello"}], [], None, [{"role": "user", "content": None}]]
    table = pa.table({"chat": chats, "kind": pa.array(["a", None, "hello", "b"]).dictionary_encode()})

    assert rows_with_text(table, ["chat"], "hELLO", np.ones(4, bool)).tolist() == [True, False, False, False]
    assert rows_with_text(table, ["kind"], "hello", np.ones(4, bool)).tolist() == [False, False, True, False]


def test_kinds_of_which_no_row_is_known_are_no_classes_to_look_for() -> None:
    """Marked passages: a row may have several kinds, and what is learned are beginnings and ends of them."""
    travel = validate(
        {
            "task": "token-classification",
            "data": {"source": "sample/travel", "columns": {"text": "text", "spans": "spans"}},
        }
    )

    found = Studio().class_rows(travel)

    assert (found.column, found.samples) == ("", {})
    assert Studio().rows(travel, Wanted(text="turin")).total >= 1
