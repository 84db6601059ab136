"""Lists and records in cells of text: every form is read, and nothing that a cell may hold raises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import answers, conversations, label_lists, marking, tagging, written
from core.data.tables import open_table
from core.errors import DataError

RECORDS = [{"role": "user", "content": "it's [1] } {'a'} \"b\""}, {"role": "bot", "content": "a\nb \\ 'c' 'd'"}]


@pytest.mark.parametrize("value", [RECORDS, {"a": [1, 2.5, None, True]}, [], {}, ["a  'b' 'c'", 'd "e"']])
@pytest.mark.parametrize("write", [json.dumps, repr, lambda value: f"\n {value!r}\n"])
def test_what_json_and_python_write_is_read_back(value: Any, write: Any) -> None:
    assert written.read(write(value)) == value


def test_what_numpy_and_pandas_print_is_read_back() -> None:
    assert written.read(str(np.array(RECORDS, dtype=object))) == RECORDS
    assert written.read(str(np.array(["a b", "it's", 'c" d']))) == ["a b", "it's", 'c" d']
    cell = {"text": np.array(["Rome", "Oslo"], dtype=object), "start": np.array([14, 3], dtype=np.int32)}
    assert written.read(str(cell)) == {"text": ["Rome", "Oslo"], "start": [14, 3]}
    assert written.read('["array([1])"]') == ["array([1])"]
    assert written.read("[(0, 4, 'PER')]") == [(0, 4, "PER")] and written.read("{'a'}") == {"a"}


def test_json_alone() -> None:
    assert written.as_json('["a"]') == ["a"] and written.as_json("['a']") is None


NESTED = [
    "[" * 60 + "]" * 60,
    "[" * 100_000 + "]" * 100_000,
    '{"a":' * 3000 + "1" + "}" * 3000,
    "[" + "(" * 90 + "1" + ",)" * 90 + "]",
]
HOSTILE = [*NESTED, "[" + "-" * 200_000 + "1]", "[1" + "+1j" * 200_000 + "]", "[\0]", "{[]: 1}", "[__import__('os')]"]


@pytest.mark.parametrize(
    "cell", [*HOSTILE, "", "text", "[sic] text", '"text"', "1", "null", "['a'", "[" + "'a' " * 300_000 + "]"]
)
def test_what_is_none_or_cannot_be_read_is_none(cell: str) -> None:
    assert written.read(cell) is None


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_reader_of_cells_ends_over_it(cell: str) -> None:
    assert conversations.parse(cell) is None
    assert marking.as_spans(cell, "a text") == "unreadable-spans"
    assert answers.read(cell) == [(cell, None)]
    assert label_lists.tell_form([cell] * 3)[0](cell) is None
    if cell in NESTED[:2]:
        assert tagging.as_list(cell) is None
    else:
        assert all(isinstance(item, str) for item in tagging.as_list(cell) or [])


def test_brackets_in_texts_are_not_counted() -> None:
    value = ["[" * 500, {"a": "((" * 500}]
    assert written.read(json.dumps(value)) == written.read(repr(value)) == value


@pytest.mark.parametrize("depth", [60, 500, 100_000])
@pytest.mark.parametrize("name", ["table.jsonl", "table.json"])
def test_files_that_go_too_deep_are_refused_in_words(tmp_path: Path, name: str, depth: int) -> None:
    rows = ['{"a": [[1]]}', '{"a": ' + "[" * depth + "]" * depth + "}"]
    (tmp_path / name).write_text("\n".join(rows) if name.endswith("l") else "[" + ",\n".join(rows) + "]")
    with pytest.raises(DataError, match=rf"ine 2 of {name} holds lists or objects within each other") as caught:
        open_table(str(tmp_path / name))
    assert "correct or remove" in caught.value.advice
