"""Labels in every form that tables have them in: told from the values, read, and refused where they cannot be."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.data import label_lists
from core.data.label_lists import Labelled


def read(*columns: Any, names: tuple[str, ...] = ()) -> Labelled:
    called = names or tuple(f"c{place}" for place in range(len(columns)))
    arrays = [column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column) for column in columns]
    return label_lists.read(pa.table(dict(zip(called, arrays, strict=True))), called)


def rows(found: Labelled) -> list[set[str]]:
    return [{found.names[place] for place in np.flatnonzero(row)} for row in found.members]


A_B, B, NOTHING, C_A = {"a", "b"}, {"b"}, set[str](), {"a", "c"}


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["a|b", "b", "", "c|a"], "separated by “|”"),
        (["a; b", "b", None, " c ;a ; "], "separated by semicolons"),
        (["a, b", "b", "  ", "c,a,a"], "separated by commas"),
        (["a\nb", "b", "", "c\n\na"], "separated by line ends"),
        (["a\tb", "b", "", "c\ta"], "separated by tabs"),
        (['"a", "b"', '"b"', "", 'c, "a"'], "separated by commas"),
        (['["a", "b"]', '["b"]', "[]", '["c", "a"]'], "written as lists in [brackets]"),
        (["['a', 'b']", "['b']", "", "['c', 'a']"], "written as lists in [brackets]"),
        (["['a' 'b']", "['b']", "[]", "['c' 'a']"], "written as lists in [brackets]"),
        (['{"a": true, "b": 1}', '{"a": 0, "b": "yes"}', "{}", '{"c": 1, "a": 1}'], "written as lists in [brackets]"),
        (["<a><b>", "<b>", "", "<c> <a>"], "written as <label>"),
        ([["a", "b"], ["b"], [], ["c", " a ", "a", ""]], "in lists"),
        ([["a", "b"], ["b"], None, ["c", None, "a"]], "in lists"),
    ],
)
def test_one_column_in_any_form(cells: list[Any], form: str) -> None:
    found = read(cells * 3)
    assert rows(found) == [A_B, B, NOTHING, C_A] * 3
    assert found.form.startswith(form)
    assert found.names == ("a", "b", "c") and not (found.unreadable | found.unknown).any()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([[3, 10], [2], [10, 2]], [{"3", "10"}, {"2"}, {"10", "2"}]),
        ([[1.0, 2.0], [2.0], [1.0]], [{"1", "2"}, {"2"}, {"1"}]),
        (["[3, 10]", "[2]", "[10, 2]"], [{"3", "10"}, {"2"}, {"10", "2"}]),
        (["[3 10]", "[2]", "[10 2]"], [{"3", "10"}, {"2"}, {"10", "2"}]),
        (
            pa.array([["x"], ["y", "x"], []], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
            [{"x"}, {"x", "y"}, set()],
        ),
        (pa.array([["x", "y"], ["y", "x"]], pa.list_(pa.string(), 2)), [{"x", "y"}] * 2),
    ],
)
def test_numbers_categories_and_lists_of_one_length(cells: Any, expected: list[set[str]]) -> None:
    found = read(cells)
    assert rows(found) == expected and list(found.names) == sorted(found.names, key=lambda name: (len(name), name))


@pytest.mark.parametrize(
    "columns",
    [
        ([1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 0, 1]),
        ([1.0, 0.0, 0.0, 1.0], [True, True, False, False], ["no", "no", "No", "YES"]),
        (["x", "", None, "x"], ["x", "x", "", ""], ["", "", "", "x"]),
        (["true", "false", "FALSE", "True"], ["1", "1", "0", "0"], ["0.0", "0.0", "0.0", "1.0"]),
    ],
)
def test_a_column_for_each_label(columns: tuple[list[Any], ...]) -> None:
    found = read(*columns, names=("a", "b", "c"))
    assert rows(found) == [A_B, B, NOTHING, C_A] and not (found.unreadable | found.unknown).any()
    struct = pa.StructArray.from_arrays([pa.array(column) for column in columns], ["a", "b", "c"])
    assert rows(read(struct)) == [A_B, B, NOTHING, C_A]


def test_an_empty_cell_beside_a_no_leaves_the_answer_open() -> None:
    found = read([1, 0, None, 1], [0, 1, 1, 0], names=("a", "b"))
    assert found.unknown.tolist() == [False, False, True, False] and rows(found)[2] == set()


def test_a_share_is_neither_yes_nor_no() -> None:
    found = read([0.35, 1.0, 0.0], [0, 1, 0])
    assert found.unreadable.tolist() == [True, False, False]


@pytest.mark.parametrize("cells", [[[0, 1, 1], [0, 0, 0], [1, 0, 0]], ["[0, 1, 1]", "[0, 0, 0]", "[1, 0, 0]"]])
def test_rows_of_nothing_but_0_and_1_say_yes_or_no(cells: list[Any]) -> None:
    found = read(cells)
    assert rows(found) == [{"label 2", "label 3"}, set(), {"label 1"}] and "names are not in the table" in found.form


@pytest.mark.parametrize(
    ("cells", "bad"),
    [
        (['["a", "b"]'] * 9 + ['["a", "b"'], [9]),
        (['["a"]'] * 9 + ["sport"], [9]),
        (['["a"]'] * 9 + ['[["a"]]'], [9]),
        (['{"a": 1}'] * 9 + ['{"a": 0.4}'], [9]),
        (["[" * 5000 + "]" * 5000, *['["a"]'] * 9], [0]),
        (["<a><b>"] * 9 + ["<a"], [9]),
        (['a, "b, c"', "a, d", 'd, "b, c"', 'a, "d'] * 3, [3, 7, 11]),
    ],
)
def test_what_does_not_fit_its_column_is_unreadable(cells: list[str], bad: list[int]) -> None:
    found = read(cells)
    assert np.flatnonzero(found.unreadable).tolist() == bad and not found.members[bad].any()


def test_what_stands_in_quotation_marks_is_one_label() -> None:
    found = read(['"arts, crafts", music', "music", 'sport, "arts, crafts"', "sport, music"])
    assert rows(found)[0] == {"arts, crafts", "music"}


def test_lists_of_records_hold_no_labels() -> None:
    found = read([[{"name": "a"}], [{"name": "b"}]])
    assert found.names == () and found.unreadable.all()


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["Arts, Crafts|Sport", "Sport|News", "News|Arts, Crafts", "News"], "|"),
        (["Health, beauty", "Sport", "News", "Politics"], ""),
        (["Drama", "Science Fiction", "Comedy", "Film Noir"], ""),
        (["sport", "news"], ""),
        (["red blue", "blue green", "red green", "red blue green", "green", "blue green red"], " "),
        ([], ""),
    ],
)
def test_a_separator_cuts_into_parts_that_repeat(cells: list[str], separator: str) -> None:
    assert label_lists.find_separator(cells) == separator


def test_a_million_rows_take_seconds() -> None:
    cells = pa.array([f"l{number % 7}|l{number % 11}|l{number % 5}" for number in range(1000)]).take(
        pa.array(np.arange(1_000_000) % 1000)
    )
    began = time.process_time()
    found = read(cells)
    assert len(found.names) == 11 and found.members.shape == (1_000_000, 11) and time.process_time() - began < 8
