"""Texts with marked places become words with tags, whatever label tool they come from."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from core.data.marking import as_spans, bounds_of_words, placed, read_marked
from core.data.tagging import Sentences

TEXT = "Fly to Paris on Monday"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't go (3.5 km)!", ["Don", "'", "t", "go", "(", "3", ".", "5", "km", ")", "!"]),
        ("São-Paulo  \n now", ["São", "-", "Paulo", "now"]),
        ("cafe\u0301 e\u0301te\u0301", ["cafe\u0301", "e\u0301te\u0301"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("我在Paris", ["我", "在", "Paris"]),
        ("กรุงเทพ", ["ก", "รุ", "ง", "เ", "ท", "พ"]),
        ("😀x", ["😀", "x"]),
        (" \t", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    bounds = bounds_of_words(text)
    assert [text[start:stop] for start, stop in bounds] == words
    assert placed(words, text) == bounds


def test_words_are_found_again_in_the_text_they_were_joined_to() -> None:
    tokens = ["a", "New York", "", "a"]
    assert placed(tokens, " ".join(tokens)) == [(0, 1), (2, 10), (10, 10), (12, 13)]


@pytest.mark.parametrize(
    "cell",
    [
        [{"start": 7, "end": 12, "label": "CITY"}],
        [{"start_offset": 7, "end_offset": 12, "label": "CITY", "id": 4}],
        [{"start": 7, "end": 12, "text": "Paris", "labels": ["CITY"]}],
        [{"start": 7.0, "end": 12.0, "entity": "CITY", "value": "paris, france"}],
        [{"start": 7, "end": 12, "entity_group": "CITY", "score": 0.9, "word": "Paris"}],
        [[7, 12, "CITY"]],
        '[[7, 12, "CITY"]]',
        "[(7, 12, 'CITY')]",
        '[{"start": 7, "end": 12, "label": "CITY"}, {"start": 7, "end": 12, "label": "CITY"}]',
    ],
)
def test_spans_of_many_tools(cell: Any) -> None:
    assert as_spans(cell, TEXT) == [(7, 12, "CITY")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "no-spans"),
        ("", "no-spans"),
        ("{", "unreadable-spans"),
        ("[7, 12]", "unreadable-spans"),
        ('[[7, 12, ""]]', "unreadable-spans"),
        ('[["CITY", 7, 12]]', "unreadable-spans"),
        ([{"start": 7, "end": None, "label": "CITY"}], "unreadable-spans"),
        ([[7, 99, "CITY"]], "outside"),
        ([[-1, 3, "CITY"]], "outside"),
        ([[12, 7, "CITY"]], "outside"),
        ([[6, 7, "CITY"]], "outside"),
        ([{"start": 6, "end": 11, "label": "CITY", "text": "Paris"}], "other-place"),
    ],
)
def test_what_is_wrong_with_spans(cell: Any, code: str) -> None:
    assert as_spans(cell, TEXT) == code


def read(rows: list[tuple[str | None, Any]]) -> Sentences:
    texts = pa.chunked_array([pa.array([text for text, _ in rows], pa.string())])
    spans = pa.array([None if cell is None else json.dumps(cell) for _, cell in rows], pa.string())
    return read_marked(texts, pa.chunked_array([spans]), "text", "spans")


def test_places_become_tags_and_texts_stay_as_they_are() -> None:
    found = read([("  New York, now", [[2, 10, "CITY"]]), (TEXT, []), ("Oslo", [[0, 4, "CITY"]])])
    assert found.texts == ["  New York, now", TEXT, "Oslo"]
    assert found.tokens[0] == ["New", "York", ",", "now"]
    assert found.tags == [["B-CITY", "I-CITY", "O", "O"], ["O"] * 5, ["B-CITY"]]
    assert found.findings == ()


def test_blanks_at_the_edge_of_a_mark_do_no_harm() -> None:
    found = read([(TEXT, [[6, 13, "CITY"]])])
    assert found.tags == [["O", "O", "B-CITY", "O", "O"]]
    assert found.findings == ()


def test_marks_that_overlap_or_cut_words_are_settled_and_said() -> None:
    found = read(
        [
            ("New York City hall", [[0, 8, "CITY"], [0, 13, "PLACE"], [14, 18, "HALL"]]),
            (TEXT, [[7, 10, "CITY"], [16, 22, "DAY"]]),
            (TEXT, [[7, 9, "A"], [9, 12, "B"]]),
        ]
    )
    assert found.tags[0] == ["B-PLACE", "I-PLACE", "I-PLACE", "B-HALL"]
    assert found.tags[1] == ["O", "O", "B-CITY", "O", "B-DAY"]
    assert found.tags[2] == ["O", "O", "B-B", "O", "O"], "two marks in one word: the longer stays"
    assert {finding.code: finding.rows for finding in found.findings} == {"overlap": (1, 3), "mid-word": (2, 3)}


def test_rows_that_cannot_be_used_are_named() -> None:
    found = read([("Oslo", []), (None, []), ("  ", []), ("Rome", None), ("Rome", [[0, 9, "X"]]), ("Rome", [[0]])])
    assert found.rows == [1]
    rows = {finding.code: finding.rows for finding in found.findings}
    assert rows == {"empty-text": (2, 3), "no-spans": (4,), "unreadable-spans": (6,), "outside": (5,)}
    assert all(finding.fix and finding.meaning for finding in found.findings)
