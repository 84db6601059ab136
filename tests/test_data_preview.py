"""A table at a glance: kinds, counts, first rows; quick, and quicker the second time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import profile
from core.data.preview import preview
from core.data.types import Column


def columns(path: Path, table: dict[str, Any]) -> dict[str, Column]:
    pq.write_table(pa.table(table), path)
    return {column.name: column for column in preview(str(path)).columns}


def test_kinds_of_text_columns(tmp_path: Path) -> None:
    found = columns(
        tmp_path / "table.parquet",
        {
            "text": [f"This is the text of row {n}" for n in range(60)],
            "label": ["pos", "neg", "neutral"] * 20,
            "stars": ["1", "2", "5"] * 20,
            "price": ["1,50", "-2.5", " 3e4 "] * 20,
            "code": [f"{n:03}a" for n in range(60)],
            "right": ["True", "false"] * 30,
            "answer": ["yes", "no"] * 30,
            "essay": ["x" * 500, "y" * 500] * 30,
            "nothing": pa.nulls(60, pa.string()),
        },
    )
    assert {name: column.kind for name, column in found.items()} == {
        "text": "text",
        "label": "category",
        "stars": "number",
        "price": "number",
        "code": "text",
        "right": "boolean",
        "answer": "boolean",
        "essay": "text",
        "nothing": "text",
    }
    assert found["nothing"].missing == 60 and found["nothing"].distinct == 0


def test_kinds_of_typed_columns(tmp_path: Path) -> None:
    found = columns(
        tmp_path / "table.parquet",
        {
            "n": pa.array([1, 1, None], pa.int32()),
            "x": [0.5, 1.5, 2.5],
            "b": [True, False, None],
            "tags": [["a", "b"], [], None],
            "record": [{"a": 1}, {"a": 2}, None],
            "when": pa.array([0, 1, 2], pa.timestamp("s")),
        },
    )
    kinds = {name: column.kind for name, column in found.items()}
    assert kinds == {
        "n": "number",
        "x": "number",
        "b": "boolean",
        "tags": "list",
        "record": "other",
        "when": "other",
    }
    assert (found["n"].missing, found["n"].distinct, found["n"].examples) == (1, 1, ("1",))
    assert found["tags"].examples == ('["a", "b"]', "[]")


def test_what_lists_and_objects_are_made_of(tmp_path: Path) -> None:
    turn = pa.struct([("role", pa.string()), ("content", pa.string())])
    table = {
        "text": ["a"],
        "words": pa.array([["a"]], pa.large_list(pa.large_string())),
        "coded": pa.array([["a"]], pa.list_(pa.dictionary(pa.int32(), pa.string()))),
        "ids": [[1, 2]],
        "point": pa.array([[0.5, 1.5]], pa.list_(pa.float32(), 2)),
        "messages": pa.array([[{"role": "user", "content": "Hi"}]], pa.list_(turn)),
        "answers": [{"text": ["x"], "answer_start": [3]}],
        "nested": [[["a"]]],
    }
    wanted = {
        "text": (),
        "words": ("string",),
        "coded": ("string",),
        "ids": ("number",),
        "point": ("number",),
        "messages": ("role", "content"),
        "answers": ("text", "answer_start"),
        "nested": (),
    }
    path = tmp_path / "table.parquet"
    assert {name: column.fields for name, column in columns(path, table).items()} == wanted
    again = preview(str(path))
    assert {column.name: column.fields for column in again.columns} == wanted, (
        "kept beside the table, they are the same"
    )
    assert again == preview(str(path))
    found = {column.name: column.examples for column in again.columns}
    assert found["messages"] == ('[{"role": "user", "content": "Hi"}]',)
    assert found["answers"] == ('{"text": ["x"], "answer_start": [3]}',)


def test_counts_and_lengths(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\näöü,a\n,b\nlonger text,a\nother,\n", encoding="utf-8")
    text, label = preview(str(tmp_path / "t.csv")).columns
    assert (text.missing, text.distinct, text.max_length) == (1, 3, 11)
    assert text.mean_length == pytest.approx((3 + 11 + 5) / 3)
    assert text.examples == ("äöü", "longer text", "other")
    assert (label.missing, label.distinct, label.examples) == (1, 2, ("a", "b"))


def test_examples_of_a_category_are_its_most_frequent_values_wherever_they_stand(tmp_path: Path) -> None:
    parts = ["train"] * 5000 + ["dev"] * 300 + ["test"] * 400
    found = columns(tmp_path / "table.parquet", {"split": parts})
    assert found["split"].examples == ("train", "test", "dev")


def test_the_first_rows_are_text_cut_to_a_readable_length(tmp_path: Path) -> None:
    lines = [f"row {n},{'x' * 100_000 if n == 0 else n}" for n in range(100)]
    (tmp_path / "t.csv").write_text("text,n\n" + "\n".join(lines) + "\n,\n")
    found = preview(str(tmp_path / "t.csv"))
    assert found.rows == 101 and len(found.head) == 20
    assert found.head[1] == {"text": "row 1", "n": "1"}
    assert len(found.head[0]["n"]) == profile.MAX_CELL and found.head[0]["n"].endswith("…")
    assert (found.title, found.format) == ("t.csv", "csv")
    assert found.reading == {
        "encoding": "UTF-8",
        "delimiter": "comma",
        "quote marks": "around texts",
        "first row": "names",
    }


def test_a_missing_cell_is_shown_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"text": null, "n": 1, "l": ["a"]}\n{"text": "b"}\n')
    assert preview(str(tmp_path / "t.jsonl")).head == (
        {"text": "", "n": "1", "l": '["a"]'},
        {"text": "b", "n": "", "l": ""},
    )


def test_a_second_look_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,text\na,1\nb,2,3\nc,4\nd,5\n")
    first = preview(str(tmp_path / "t.csv"))
    assert first == preview(str(tmp_path / "t.csv"))
    assert {finding.code for finding in first.findings} == {"duplicate-column", "row-width"}


def test_different_values_are_counted_alike_in_large_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [f"text {n % 700}" for n in range(5000)] + [None] * 10
    chunks = pa.chunked_array([pa.array(values[:3000]), pa.array(values[3000:])])
    exact = profile.profile(pa.table({"text": chunks}))
    monkeypatch.setattr(profile, "_HASHED_BYTES", 0)
    assert profile.profile(pa.table({"text": chunks})) == exact
    assert exact[0].distinct == 700 and exact[0].missing == 10


def test_a_hundred_thousand_rows_in_a_moment(tmp_path: Path) -> None:
    """About half a second on two old cores; the bars here leave room for a busy machine."""
    lines = "".join(f'{n},"a text, number {n}, of some length that a review has",{n % 3}\n' for n in range(100_000))
    (tmp_path / "t.csv").write_text("id,text,label\n" + lines)
    begun = time.process_time()
    assert preview(str(tmp_path / "t.csv")).rows == 100_000
    first = time.process_time() - begun
    begun = time.process_time()
    preview(str(tmp_path / "t.csv"))
    assert first < 3 and time.process_time() - begun < 0.2
